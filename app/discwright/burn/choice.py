# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drive burns if none is named. Pure: nothing is guessed where something could be lost."""

from collections.abc import Iterable
from pathlib import Path

from discwright.burn.virtual import PREFIX
from discwright.devices.model import Device, Drive, MediumState
from discwright.transfer.outcome import Refusal
from discwright.wording import _


def choose_target(devices: Iterable[Device], image: Path, folder: Path) -> str | Refusal:
    """Give the only drive with a blank disc in it; where there is no drive, a file for a disc."""
    drives = [one for one in devices if isinstance(one, Drive)]
    blank = [one.node for one in drives if one.medium.state is MediumState.BLANK]
    if len(blank) == 1:
        return blank[0]
    if blank:
        return Refusal(
            "several-drives",
            _("There is a blank disc in several drives: {nodes}.").format(nodes=", ".join(blank)),
            _("Name the one to burn with, or several of them."),
        )
    if drives:
        return Refusal(
            "no-blank",
            _("No drive has a blank disc in it: {nodes}.").format(
                nodes=", ".join(one.node for one in drives)
            ),
            _("Insert a blank disc; or name the drive, if the disc in it may be erased."),
        )
    return f"{PREFIX}{folder / image.name}.disc"
