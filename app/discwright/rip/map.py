# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of what was read, in the format of GNU ddrescue, so that both can go on with it."""

from discwright import __version__
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.reader import SECTOR


def map_text(sectors: int, tried: int, bad: Extents) -> str:
    """Give the map of a copy that went from sector 0 to ``tried`` (not included).

    Grammar: the manual of GNU ddrescue, "Mapfile structure": the current position and status,
    then contiguous blocks of ``+`` finished, ``-`` bad and ``?`` not tried; bytes in hexadecimal.
    """
    blocks: list[tuple[Extent, str]] = []
    at = 0
    for run in bad.runs:
        if run.lba > at:
            blocks.append((Extent(at, run.lba - at), "+"))
        blocks.append((run, "-"))
        at = run.end
    if tried > at:
        blocks.append((Extent(at, tried - at), "+"))
        at = tried
    if sectors > at:
        blocks.append((Extent(at, sectors - at), "?"))
    status = "+" if tried >= sectors else "?"
    lines = [
        f"# Mapfile. Created by Discwright {__version__}",
        "# current_pos  current_status  current_pass",
        f"0x{max(0, min(tried, sectors) - 1) * SECTOR:08X}     {status}               1",
        "#      pos        size  status",
    ]
    lines += [
        f"0x{run.lba * SECTOR:08X}  0x{run.count * SECTOR:08X}  {mark}" for run, mark in blocks
    ]
    return "\n".join(lines) + "\n"
