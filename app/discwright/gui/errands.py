# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that takes long, done outside the window's thread; the answer comes back into it."""

import contextlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from discwright.errors import DiscwrightError
from discwright.transfer.cancel import Cancelled
from discwright.wording import _

T = TypeVar("T")


@dataclass(frozen=True)
class _Answer:
    """What an errand brought back, and who waits for it."""

    act: Callable[[Any], object]
    what: Any


class Errands(QObject):
    """Runs one thing per thread. A drive that hangs keeps its thread, never the window."""

    _came_back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._came_back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._running = 0

    @property
    def idle(self) -> bool:
        """Whether all answers have come."""
        return self._running == 0

    def run(
        self,
        errand: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[DiscwrightError], object],
    ) -> None:
        """Do ``errand``; then call ``done`` or ``failed`` here. A cancelled one calls neither."""

        def go() -> None:
            try:
                answer = _Answer(done, errand())
            except DiscwrightError as error:
                answer = _Answer(failed, error)
            except Cancelled:
                answer = _Answer(_nothing, None)
            except Exception as error:  # told in the page, and reported
                answer = _Answer(failed, _unexpected(error))
                sys.excepthook(type(error), error, error.__traceback__)
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._came_back.emit(answer)

        self._running += 1
        threading.Thread(target=go, name="errand", daemon=True).start()

    @Slot(object)
    def _deliver(self, answer: _Answer) -> None:
        self._running -= 1
        answer.act(answer.what)


def _nothing(_answer: object) -> None:
    pass


def _unexpected(error: Exception) -> DiscwrightError:
    return DiscwrightError(
        _("Something went wrong inside Discwright."),
        remedy=_("Nothing was written. Please report this, with the details."),
        cause=f"{type(error).__name__}: {error}",
    )
