# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a person to put the next disc in."""

import time

from discwright.burn.image import BurnImage
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.errors import DiscwrightError, TargetError
from discwright.optical.writable import WritableMedium
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
    written: bool = False,
    within_s: float = WITHIN_S,
) -> BurnPlan:
    """Wait until a disc is in the drive that the image can be burned onto; give the plan.

    ``written``: the disc that was in it before holds this very image, and isn't meant. Raises
    TargetError when nobody came, SourceError when the drive is gone, and Cancelled.
    """
    listener.log(_("Please put a blank disc into {node}.").format(node=shown(node)))
    Meter(listener).start(Phase.PREPARING, None)
    deadline = time.monotonic() + within_s
    said = ""
    while True:
        cancel.raise_if_cancelled()
        plan = _plan(image, node, options, cancel, written=written)
        if isinstance(plan, BurnPlan):
            return plan
        if plan.sentence() != said and plan.kind != "no-medium":
            said = plan.sentence()
            listener.log(said)
        if time.monotonic() > deadline:
            raise TargetError(
                _("No disc that can be written was put into {node}.").format(node=shown(node)),
                remedy=_("Start again when you have one."),
                cause=plan.message,
            )
        cancel.wait(_LOOK_S)


def _plan(
    image: BurnImage, node: str, options: BurnOptions, cancel: CancelToken, *, written: bool
) -> BurnPlan | Refusal:
    try:
        medium = read_target(node, cancel)
    except DiscwrightError as error:
        return Refusal("not-ready", error.message, error.remedy, error.cause)
    if written and _holds(medium, image):
        return Refusal("written", _("This disc holds the image already."), _("Insert the next."))
    return plan_burn(image, medium, options, look_around(node))


def _holds(medium: WritableMedium, image: BurnImage) -> bool:
    return medium.used and medium.label == image.label
