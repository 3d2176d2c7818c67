# SPDX-License-Identifier: GPL-3.0-or-later
"""One image onto several discs, one after the other in the same drive."""

from dataclasses import replace

from discwright.burn.opening import open_feed
from discwright.burn.plan import BurnPlan
from discwright.burn.reload import open_tray
from discwright.burn.report import BurnReport, refused_by
from discwright.burn.run import run_burn
from discwright.burn.waiting import wait_for_disc
from discwright.errors import DiscwrightError
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Listener
from discwright.wording import _


def run_copies(plan: BurnPlan, listener: Listener, cancel: CancelToken) -> tuple[BurnReport, ...]:
    """Burn as many discs as the plan's options say; stops at the first that isn't complete.

    Between two discs the tray opens, and the log asks for the next. A report for each disc.
    """
    try:
        feed = open_feed(plan)
    except DiscwrightError as error:
        return (refused_by(error),)
    reports: list[BurnReport] = []
    try:
        while True:
            reports.append(run_burn(plan, listener, cancel, feed=feed))
            done = len(reports)
            if done >= plan.options.copies or reports[-1].state is not State.COMPLETE:
                return tuple(reports)
            listener.log(_("Disc {n} of {all} is done.").format(n=done, all=plan.options.copies))
            if not plan.options.eject:
                open_tray(plan.node)
            plan = wait_for_disc(
                plan.image, plan.node, plan.options, listener, cancel, written=True
            )
    except Cancelled:
        missing = BurnReport(State.CANCELLED, _("The next disc was not begun."))
    except DiscwrightError as error:
        missing = BurnReport(State.FAILED, error.message, error.remedy, error.cause)
    finally:
        feed.close()
    return (*reports, replace(missing, source=plan.image.source, target=plan.node))
