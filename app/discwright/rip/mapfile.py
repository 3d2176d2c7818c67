# SPDX-License-Identifier: GPL-3.0-or-later
"""The map as a file, in the format of GNU ddrescue, so that either program can go on with it.

Grammar (manual of GNU ddrescue, "Mapfile structure"): lines that begin with ``#`` are comments; the
first other line has the current position, status and, in newer versions, pass; each further line
has position, size and status of a block. The blocks follow each other without gaps. Numbers are in
bytes, hexadecimal with ``0x``, octal with ``0`` or decimal.
"""

from collections.abc import Iterator
from pathlib import Path

from discwright import __version__
from discwright.errors import TargetError
from discwright.rip.map import Current, RescueMap, Stage, Status
from discwright.transfer.reader import SECTOR
from discwright.transfer.target_errors import target_error
from discwright.wording import _, shown

MAX_BYTES = 16 << 20
"""A larger map is none: 600,000 blocks fit, and the worst discs have some thousands."""

_MAX = 1 << 63
"""What a position is below: ddrescue counts in 64 bits with a sign."""

_MAX_LINE = 1000
"""A longer line than the numbers need is none of a map."""

_FIRST = (Status.NON_TRIED, Status.NON_TRIMMED, Status.NON_SCRAPED, Status.BAD, Status.FINISHED)
"""Of a sector with several blocks in it, the one that leaves most to do holds."""


class MapError(ValueError):
    """It is no map, or doesn't fit; the text says where."""


def map_text(rescue: RescueMap, current: Current) -> str:
    """Give the text of a map."""
    lines = [
        f"# Mapfile. Created by Discwright {__version__}",
        "# current_pos  current_status  current_pass",
        f"0x{current.lba * SECTOR:08X}     {current.stage}               {current.number}",
        "#      pos        size  status",
    ]
    lines += [
        f"0x{run.lba * SECTOR:08X}  0x{run.count * SECTOR:08X}  {status}"
        for run, status in rescue.runs()
    ]
    return "\n".join(lines) + "\n"


def read_map(path: Path, sectors: int | None = None) -> tuple[RescueMap, Current]:
    """Read a map file; see :func:`parse_map`. Raises MapError, and TargetError if it can't be."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problem = target_error(error, path)
        raise TargetError(
            _("The map {name} can't be read.").format(name=shown(str(path))),
            remedy=problem.remedy,
            cause=problem.cause,
        ) from error
    if len(data) > MAX_BYTES:
        raise MapError("too large")
    return parse_map(data, sectors)


def parse_map(data: bytes, sectors: int | None = None) -> tuple[RescueMap, Current]:
    """Read a map that this program or ddrescue wrote.

    ``sectors``: how many the disc has. Without, the map ends with the last block that isn't just
    "not tried": ddrescue writes one without end if it didn't know the size. Blocks needn't begin
    with sectors of 2048 bytes. Raises MapError for whatever is no map.
    """
    lines = _lines(data)
    current = _current(next(lines, None))
    blocks = list(_blocks(lines))
    known = [end for _start, end, status in blocks if status is not Status.NON_TRIED]
    last = -(-max(known, default=0) // SECTOR)
    if sectors is None:
        end = blocks[-1][1] if blocks else 0
        # One without end says nothing of the size.
        sectors = max(last, end // SECTOR) if end < _MAX - SECTOR else last
    rescue = RescueMap(max(sectors, last))
    edge: tuple[int, Status] | None = None

    def meet(lba: int, status: Status) -> None:
        """Put a part of a sector together with what lies in the rest of it; in ascending order."""
        nonlocal edge
        if edge is not None and edge[0] == lba:
            status = min(edge[1], status, key=_FIRST.index)
        edge = lba, status
        rescue.set(lba, 1, status)

    for start, end, status in blocks:
        if start % SECTOR:
            meet(start // SECTOR, status)
        first, past = -(-start // SECTOR), end // SECTOR
        rescue.set(first, past - first, status)
        if end % SECTOR:
            meet(end // SECTOR, status)
    return rescue, current


def _lines(data: bytes) -> Iterator[list[str]]:
    for line in data.splitlines():
        if len(line) > _MAX_LINE and not line.startswith(b"#"):
            raise MapError("a line is too long")
        words = line.split(b"#")[0].split()
        if words:
            yield [word.decode("ascii", "replace") for word in words]


def _current(words: list[str] | None) -> Current:
    if words is None or len(words) not in {2, 3}:
        raise MapError("no line with the current position and status")
    lba = _number(words[0]) // SECTOR
    if len(words[1]) != 1 or words[1] not in "?*/-FG+":
        raise MapError(f"an unknown status: {words[1][:20]!r}")
    number = _number(words[2]) if len(words) == 3 else 1
    # Filling and generating are no stages of a rescue: it begins anew with what is left.
    stage = Stage.COPYING if words[1] in "FG" else Stage(words[1])
    return Current(lba, stage, number)


def _blocks(lines: Iterator[list[str]]) -> Iterator[tuple[int, int, Status]]:
    """Give first byte, end and status of each block; what lies before the first is not tried."""
    at: int | None = None
    for words in lines:
        if len(words) != 3 or words[2] not in set(Status):
            raise MapError(f"no block: {' '.join(words)[:60]!r}")
        start, size = _number(words[0]), _number(words[1])
        if at is not None and start != at:
            raise MapError(f"a gap or an overlap at {start:#x}")
        if not size or start + size > _MAX:
            raise MapError(f"a block without an end at {start:#x}")
        if at is None and start:
            yield 0, start, Status.NON_TRIED
        at = start + size
        yield start, at, Status(words[2])


def _number(word: str) -> int:
    digits = word.lower()
    base = 16 if digits.startswith("0x") else 8 if len(digits) > 1 and digits[0] == "0" else 10
    digits = digits[2:] if base == 16 else digits
    try:
        value = int(digits, base) if digits.isalnum() and len(digits) <= 24 else -1
    except ValueError:
        value = -1
    if not 0 <= value < _MAX:
        raise MapError(f"no number: {word[:40]!r}")
    return value


def tell(path: Path, error: MapError) -> TargetError:
    """Say that a file is no map."""
    return TargetError(
        _("{name} is not a map of a rescue.").format(name=shown(str(path))),
        remedy=_("Give the right file, or move it away and copy the disc from its beginning."),
        cause=str(error),
    )
