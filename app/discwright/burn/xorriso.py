# SPDX-License-Identifier: GPL-3.0-or-later
"""xorriso: its command lines, as argument lists and never a shell's."""

from collections.abc import Iterator

from discwright.burn.method import Preparation, WriteMode
from discwright.burn.plan import BurnPlan
from discwright.burn.program_run import Call
from discwright.burn.transcript import is_chatter, read_line
from discwright.transfer.reader import SECTOR

PROGRAM = "xorriso"

_ZEROS = memoryview(bytes(SECTOR * 128))

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
    wishes = [*_MODES.get(plan.method.mode, [])]
    if plan.speed_kb is not None and not plan.medium.virtual:
        wishes.append(f"speed={plan.speed_kb}k")
    if options.simulate:
        wishes.append("-dummy")
    if options.streaming:
        wishes.append("stream_recording=on")
    return _recording(plan.node, plan.track_sectors, *wishes)


def zero_arguments(node: str, sectors: int) -> list[str]:
    """Give the command that writes over a whole medium with zeros from standard input."""
    return _recording(node, sectors)


def _recording(node: str, sectors: int, *wishes: str) -> list[str]:
    return [
        PROGRAM, "-no_rc", "-as", "cdrecord", "-v", f"dev={node}", f"fs={FIFO}", "-nopad",
        f"tsize={sectors}s", *wishes, "-",
    ]  # fmt: skip


def zeros(sectors: int) -> Iterator[memoryview]:
    """Give so many sectors of zeros, in pieces."""
    left = sectors * SECTOR
    while left > 0:
        yield _ZEROS[:left]
        left -= len(_ZEROS)


def prepare_arguments(node: str, preparation: Preparation) -> list[str]:
    """Give the command that erases or formats the disc."""
    return [
        PROGRAM, "-no_rc", "-abort_on", "FAILURE", "-return_with", "FAILURE", "32",
        "-outdev", node, *_PREPARATIONS[preparation],
    ]  # fmt: skip


def call(arguments: list[str]) -> Call:
    """Give a call of xorriso with such a command line."""
    return Call(arguments, read_line, is_chatter)
