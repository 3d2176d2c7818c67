# SPDX-License-Identifier: GPL-3.0-or-later
"""One image with several drives at once."""

import threading
from collections.abc import Sequence
from dataclasses import replace

from discwright.burn.opening import open_feed
from discwright.burn.plan import BurnPlan
from discwright.burn.report import BurnReport, refused_by
from discwright.burn.run import run_burn
from discwright.errors import DiscwrightError
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Listener
from discwright.wording import _


def burn_together(
    plans: Sequence[BurnPlan], listeners: Sequence[Listener], cancel: CancelToken
) -> tuple[BurnReport, ...]:
    """Burn one image with several drives at once, reading it once; a report for each drive.

    Where one drive is given tracks and another plain sectors, each reads the image for itself.
    """
    try:
        feed = open_feed(plans[0])
    except DiscwrightError as error:
        return tuple(refused_by(error) for _plan in plans)
    reports: list[BurnReport | None] = [None] * len(plans)

    def burn(number: int) -> None:
        alike = plans[number].recording == plans[0].recording
        shared = feed if alike else None
        reports[number] = run_burn(plans[number], listeners[number], cancel, feed=shared)

    threads = [
        threading.Thread(target=burn, args=(number,), name=f"burn-{number}", daemon=True)
        for number in range(len(plans))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        feed.when_idle(feed.close)
    broken = BurnReport(
        State.FAILED,
        _("The burning broke off because of an error in Discwright itself."),
        _("Please report it."),
    )
    return tuple(
        report or replace(broken, source=plan.image.source, target=plan.node)
        for plan, report in zip(plans, reports, strict=True)
    )
