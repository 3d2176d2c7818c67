# SPDX-License-Identifier: GPL-3.0-or-later
"""Erasing a disc or a stick: look closely, ask, begin."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from discwright.gui import dialogs, writing
from discwright.gui.theme import Tone
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import shown

if TYPE_CHECKING:
    from discwright.errors import DiscwrightError
    from discwright.gui.burning import Burner
    from discwright.gui.pages.disc import DiscView
    from discwright.gui.pages.source import SourcePage
    from discwright.gui.pages.stick import StickPage, StickView
    from discwright.gui.writing import Place
    from discwright.jobs.work import Work

T = TypeVar("T")


def erase_disc(page: "SourcePage", view: "DiscView") -> None:
    """Ask the drive about its disc, ask the user, and erase it."""
    node, ports, token = page.entry.key, page.means.ports, CancelToken()

    def seen(burner: "Burner") -> None:
        if burner.medium is None:
            _say(view, burner.problem)
            return
        how = dialogs.how_to_erase(page.window(), burner.medium)
        if how is not None and page.currentWidget() is view:
            names = {node: shown(page.entry.title)}
            _begin(page, view, ports.erase_disc(burner, how), names)

    _look(page, view, lambda: ports.burner(node, token), seen)


def erase_stick(page: "StickPage", view: "StickView") -> None:
    """Look at the stick, ask the user, and give it back as an empty one."""
    node, ports = page.entry.key, page.means.ports

    def seen(place: "Place") -> None:
        stick = writing.plan_stick(place)
        if isinstance(stick, Refusal) and writing.overruling(stick.kind):
            if not dialogs.is_right_stick(page.window(), stick):
                return
            stick = writing.plan_stick(place, frozenset({stick.kind}))
        if isinstance(stick, Refusal):
            _say(view, stick)
        elif dialogs.may_erase_stick(page.window(), stick) and page.currentWidget() is view:
            _begin(page, view, ports.erase_stick(stick), {node: stick.title})

    _look(page, view, lambda: ports.place(node, installer=False), seen)


def _look(
    page: "SourcePage | StickPage",
    view: "DiscView | StickView",
    look: Callable[[], T],
    done: Callable[[T], None],
) -> None:
    """Look in another thread; nothing comes of it if the page shows something else by then."""
    button = view.erase
    button.setEnabled(False)

    def seen(found: T) -> None:
        if page.currentWidget() is view:
            button.setEnabled(True)
            done(found)

    def failed(error: "DiscwrightError") -> None:
        if page.currentWidget() is view:
            button.setEnabled(True)
            view.message.say(Tone.BAD, error.message, error.remedy, error.cause)

    page.means.errands.run(look, seen, failed)


def _begin(
    page: "SourcePage | StickPage",
    view: "DiscView | StickView",
    work: "Work | Refusal",
    names: dict[str, str],
) -> None:
    if isinstance(work, Refusal):
        _say(view, work)
        return
    running = page.means.bridge.start(lambda _each: work)
    page.disc = None
    page.show_working(running, names)


def _say(view: "DiscView | StickView", refusal: Refusal | None) -> None:
    if refusal is not None:
        view.message.say(Tone.WARNING, refusal.message, refusal.remedy, refusal.cause)
