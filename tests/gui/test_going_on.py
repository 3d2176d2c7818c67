# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on with a copy in the window: an image file, the real planner and the real copier.

Only the reading of the file is made to fail: an image file has no scratches.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from discwright.errors import ReadError
from discwright.gui.ports import Ports
from discwright.gui.window import Window
from discwright.image.sample import make_sample
from discwright.optical.iso_file import IsoFile
from discwright.transfer.outcome import State

from .conftest import Open, button, click, settle, texts
from .test_disc_page import answer


@dataclass
class Scratched:
    """An image file, some sectors of which can't be read."""

    path: Path
    bad: set[int] = field(default_factory=set)
    hang_at: int | None = None
    hanging: threading.Event = field(default_factory=threading.Event)
    proceed: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def scratched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scratched]:
    """Give the sample disc with scratches."""
    disc = Scratched(make_sample(tmp_path / "sample.iso"))
    read_into = IsoFile.read_into

    def read(file: IsoFile, lba: int, count: int, buffer: memoryview) -> None:
        if file.path == disc.path:
            if disc.hang_at is not None and lba >= disc.hang_at:
                disc.hanging.set()
                disc.proceed.wait(30)
            if disc.bad.intersection(range(lba, lba + count)):
                raise ReadError("Scratched.", lba=lba, count=count)
        read_into(file, lba, count, buffer)

    monkeypatch.setattr(IsoFile, "read_into", read)
    yield disc
    disc.proceed.set()


def ripped(qtbot: QtBot, window: Window) -> State:
    """Wait for the end of the rip; give its state."""
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=30_000)
    return window.page.result.outcome.state


def open_disc(qtbot: QtBot, window: Window, disc: Scratched) -> None:
    """Open the image and wait for its page."""
    window.open_paths([str(disc.path)])
    qtbot.waitUntil(lambda: window.page.disc is not None, timeout=20_000)
    settle(qtbot, window)


def test_bad_sectors_are_tried_again_from_the_result(
    qtbot: QtBot, open_window: Open, real: Ports, scratched: Scratched
) -> None:
    scratched.bad = {1000, 1001}
    window = open_window(real)
    open_disc(qtbot, window, scratched)
    click(qtbot, button(window, "Rip disc to ISO"))
    assert ripped(qtbot, window) is State.COMPLETE_WITH_ERRORS
    target = window.page.result.outcome.target
    scratched.bad.clear()
    click(qtbot, button(window, "Try the bad sectors again"))
    qtbot.waitUntil(lambda: window.page.result is None, timeout=10_000)
    assert ripped(qtbot, window) is State.COMPLETE
    assert target.read_bytes() == scratched.path.read_bytes()


@pytest.fixture
def cancelled(
    qtbot: QtBot, open_window: Open, real: Ports, scratched: Scratched
) -> tuple[Window, Scratched]:
    """Give a window in which the rip of a scratched disc was cancelled."""
    window = open_window(real)
    open_disc(qtbot, window, scratched)
    scratched.bad, scratched.hang_at = {100}, 1500
    click(qtbot, button(window, "Rip disc to ISO"))
    qtbot.waitUntil(scratched.hanging.is_set, timeout=20_000)
    click(qtbot, button(window, "Cancel"))
    assert ripped(qtbot, window) is State.CANCELLED
    scratched.proceed.set()
    scratched.bad, scratched.hang_at = set(), None
    return window, scratched


def test_a_cancelled_rip_is_continued_from_its_result(
    qtbot: QtBot, cancelled: tuple[Window, Scratched], own_home: Path
) -> None:
    window, disc = cancelled
    assert "What was read so far is kept" in texts(window.stack)
    click(qtbot, button(window, "Continue"))
    qtbot.waitUntil(lambda: window.page.result is None, timeout=10_000)
    assert ripped(qtbot, window) is State.COMPLETE
    assert window.page.result.outcome.target.read_bytes() == disc.path.read_bytes()
    assert not list((own_home / "Documents").glob("*.part*"))


def test_the_page_of_the_disc_offers_to_continue_an_unfinished_copy(
    qtbot: QtBot, cancelled: tuple[Window, Scratched]
) -> None:
    window, disc = cancelled
    click(qtbot, button(window, "Try again"))
    qtbot.waitUntil(lambda: window.page.disc is not None, timeout=20_000)
    settle(qtbot, window)
    assert "An unfinished copy is there" in texts(window.stack)
    click(qtbot, button(window, "Continue the unfinished copy"))
    assert ripped(qtbot, window) is State.COMPLETE
    assert window.page.result.outcome.target.read_bytes() == disc.path.read_bytes()


@pytest.mark.parametrize("choice", ["Continue", "Start anew"])
def test_a_rip_over_an_unfinished_copy_asks_what_is_meant(
    qtbot: QtBot, cancelled: tuple[Window, Scratched], choice: str
) -> None:
    window, disc = cancelled
    click(qtbot, button(window, "Try again"))
    qtbot.waitUntil(lambda: window.page.disc is not None, timeout=20_000)
    settle(qtbot, window)
    asked = answer(choice)
    click(qtbot, button(window, "Rip disc to ISO"))
    assert ripped(qtbot, window) is State.COMPLETE
    assert asked == [("Continue the unfinished copy?", "Continue")]
    assert window.page.result.outcome.target.read_bytes() == disc.path.read_bytes()
