# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines of xorriso: argument lists, never a shell's."""

from discwright.burn.method import Preparation, WriteMode
from discwright.burn.plan import BurnPlan

PROGRAM = "xorriso"

FIFO = "8m"
"""xorriso's own buffer between the image and the drive."""

_MODES = {
    WriteMode.SAO: ["-sao"],
    WriteMode.DAO: ["-sao"],
    WriteMode.TAO: ["-tao"],
    WriteMode.INCREMENTAL: ["-tao"],
}

_PREPARATIONS = {
    Preparation.BLANK_FAST: ("-blank", "fast"),
    Preparation.BLANK_MINIMAL: ("-blank", "deformat_quickest"),
    Preparation.BLANK_FULL: ("-blank", "all"),
    Preparation.FORMAT: ("-format", "fast"),
    Preparation.FORMAT_FULL: ("-format", "full"),
    Preparation.FORMAT_SPARE: ("-format", "fast"),
}


def write_arguments(plan: BurnPlan) -> list[str]:
    """Give the command that writes what comes in on standard input, of the size it is told."""
    options = plan.options
    arguments = [
        PROGRAM, "-no_rc", "-as", "cdrecord", "-v", f"dev={plan.node}", f"fs={FIFO}", "-nopad",
        f"tsize={plan.track_sectors}s", *_MODES.get(plan.method.mode, []),
    ]  # fmt: skip
    if plan.speed_kb is not None and not plan.medium.virtual:
        arguments.append(f"speed={plan.speed_kb}k")
    if options.simulate:
        arguments.append("-dummy")
    if options.streaming:
        arguments.append("stream_recording=on")
    return [*arguments, "-"]


def prepare_arguments(node: str, preparation: Preparation) -> list[str]:
    """Give the command that erases or formats the disc."""
    return [
        PROGRAM, "-no_rc", "-abort_on", "FAILURE", "-return_with", "FAILURE", "32",
        "-outdev", node, *_PREPARATIONS[preparation],
    ]  # fmt: skip
