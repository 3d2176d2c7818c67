# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a person to put the next disc in."""

import time

from discwright.burn.image import BurnImage
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.surroundings import Surroundings, installed_programs, look_around
from discwright.burn.target import aside, read_target
from discwright.errors import DiscwrightError, TargetError
from discwright.transfer.cancel import CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import Refusal
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, shown

WITHIN_S = 1800.0
"""How long the drive waits for a person."""

_LOOK_S = 1.0


def wait_for_disc(
    image: BurnImage,
    node: str,
    options: BurnOptions,
    listener: Listener,
    cancel: CancelToken,
    *,
    within_s: float = WITHIN_S,
    remark: str = "",
) -> BurnPlan:
    """Wait until a disc is in the drive that the image can be burned onto; give the plan.

    Says what is asked for, after the ``remark``, and why what is in the drive won't do. Raises
    TargetError when nobody came, and Cancelled.
    """
    wish = _("Please put a blank disc into {node}.").format(node=shown(node))
    meter = Meter(listener)
    program = Surroundings(installed_programs())
    deadline = time.monotonic() + within_s
    said = ""
    while True:
        plan = aside(lambda: _plan(image, node, options, program, cancel), cancel)
        if isinstance(plan, BurnPlan):
            return plan
        note = f"{plan.message} {wish}"
        if plan.kind == "no-medium" or not said:
            note = f"{remark} {wish}".lstrip()
        if note != said:
            said = note
            meter.start(Phase.INSERTING, None, note=note)
            listener.log(note)
        if time.monotonic() > deadline:
            raise TargetError(
                _("No disc that can be written was put into {node}.").format(node=shown(node)),
                remedy=_("Start again when you have one."),
                cause=plan.message,
            )
        cancel.wait(_LOOK_S)


def _plan(
    image: BurnImage,
    node: str,
    options: BurnOptions,
    program: Surroundings,
    cancel: CancelToken,
) -> BurnPlan | Refusal:
    """Plan with what is in the drive.

    Only for a disc that would do the drive is opened for writing: the system looks at it anew
    after each time.
    """
    try:
        medium = read_target(node, cancel)
    except DiscwrightError as error:
        return Refusal("not-ready", error.message, error.remedy, error.cause)
    plan = plan_burn(image, medium, options, program)
    if isinstance(plan, Refusal):
        return plan
    return plan_burn(image, medium, options, look_around(node))
