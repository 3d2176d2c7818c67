# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing: choose with what, look at both, begin. Nothing is written."""

from typing import TYPE_CHECKING

from discwright.gui import opening
from discwright.gui.theme import Tone
from discwright.transfer.outcome import Refusal
from discwright.wording import shown

if TYPE_CHECKING:
    from discwright.errors import DiscwrightError
    from discwright.gui.pages.disc import DiscView
    from discwright.gui.pages.source import SourcePage
    from discwright.gui.pages.stick import StickPage, StickView
    from discwright.jobs.work import Work


def compare_stick(page: "StickPage", view: "StickView") -> None:
    """Ask for an image and compare the stick with it; why not is said in the page."""
    image = opening.ask_for_image(page.window(), page.means.settings)
    if image is None or page.view is not view:
        return
    node, ports = page.entry.key, page.means.ports
    view.compare.setEnabled(False)

    def seen(work: "Work | Refusal") -> None:
        if page.view is not view:
            return
        view.compare.setEnabled(True)
        if isinstance(work, Refusal):
            view.message.say(Tone.WARNING, work.message, work.remedy, work.cause)
            return
        running = page.means.bridge.start(lambda _each: work)
        page.show_working(running, {node: shown(page.entry.title)})

    def failed(error: "DiscwrightError") -> None:
        if page.view is view:
            view.compare.setEnabled(True)
            view.message.say(Tone.BAD, error.message, error.remedy, error.cause)

    page.means.errands.run(lambda: ports.compare_work(node, image), seen, failed)


def check_disc(page: "SourcePage", view: "DiscView") -> None:
    """Ask for an image, a checksum file or a catalogue, and check the disc or image against it."""
    against = opening.ask_for_reference(page.window(), page.means.settings)
    if against is None or page.disc is not view:
        return
    disc, ports, button = view.look.disc, page.means.ports, view.check
    button.setEnabled(False)

    def seen(work: "Work | Refusal") -> None:
        if page.disc is not view:
            return
        button.setEnabled(True)
        if isinstance(work, Refusal):
            view.message.say(Tone.WARNING, work.message, work.remedy, work.cause)
            return
        running = page.means.bridge.start(lambda _each: work)
        page.disc = None
        page.show_working(running, {page.entry.key: shown(page.entry.title)})

    def failed(error: "DiscwrightError") -> None:
        if page.disc is view:
            button.setEnabled(True)
            view.message.say(Tone.BAD, error.message, error.remedy, error.cause)

    page.means.errands.run(lambda: ports.check_work(disc, against), seen, failed)
