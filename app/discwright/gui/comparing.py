# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image: choose the image, look at both, begin. Nothing is written."""

from typing import TYPE_CHECKING

from discwright.gui import opening
from discwright.gui.theme import Tone
from discwright.transfer.outcome import Refusal
from discwright.wording import shown

if TYPE_CHECKING:
    from discwright.errors import DiscwrightError
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
