# SPDX-License-Identifier: GPL-3.0-or-later
"""What cdrdao 1.2 says, line by line, as events; the same ones as xorriso's.

It tells sense data apart from the error that they belong to, in several lines before it. That it
flushed the drive's cache it says even where that failed: only the read-back proves a disc.
"""

import re

from discwright.burn.course import LOST
from discwright.burn.transcript import Began, Ended, Event, Problem, Step, Written
from discwright.optical.sense import Sense

_WRITTEN = re.compile(r"Wrote (\d+) of (\d+) MB(?: \(Buffers? +(\d+)%(?: +(\d+)%)?\))?")
_BYTES = re.compile(r"(?:0x[0-9a-f]{2} ?)+", re.IGNORECASE)
_RAW = "Raw sense data:"
_ERROR = "ERROR: "
_NEEDED = 14
"""Bytes of fixed-format sense data up to ASC and ASCQ (SPC-4 4.5.3)."""

_STEPS: tuple[tuple[re.Pattern[str], Event], ...] = (
    (re.compile(r"Writing (?:track 01|lead-in|CD-TEXT lead-in)\b"), Began(Step.WRITING, True)),
    (re.compile(r"Wrote \d+ blocks\.|Flushing cache|Writing lead-out"), Began(Step.CLOSING)),
    (re.compile(r"(?:Writing|Simulation) finished successfully\."), Ended(Step.WRITING)),
)


class CdrdaoWords:
    """Reads the lines of one run."""

    def __init__(self) -> None:
        self._raw: bytes | None = None
        self._sense: Sense | None = None

    def read_line(self, line: str) -> Event | None:
        """Give what a line says; None for titles, notes and other talk."""
        text = line.strip()
        if self._is_sense(text):
            return None
        if text.startswith(_ERROR):
            return self._problem(text.removeprefix(_ERROR))
        written = _WRITTEN.match(text)
        if written:
            buffer = written[4] or written[3]
            return Written(int(written[1]), int(written[2]), int(buffer) if buffer else None)
        return next((event for start, event in _STEPS if start.match(text)), None)

    @staticmethod
    def is_chatter(line: str) -> bool:
        """Tell a line that only says how far it is."""
        return not line.strip() or _WRITTEN.match(line.strip()) is not None

    def _problem(self, said: str) -> Problem:
        sense, self._sense = self._sense, None
        if "No such device" in said:
            said = f"{LOST}: {said}"
        if sense is not None:
            said = f"{said} [{sense.key:X} {sense.asc:02X} {sense.ascq:02X}]"
        return Problem("FAILURE", said, sense)

    def _is_sense(self, text: str) -> bool:
        """Collect the bytes of sense data, which come in lines of ten."""
        if text.startswith(_RAW):
            self._raw, text = b"", text.removeprefix(_RAW).strip()
        if self._raw is None:
            return False
        if not _BYTES.fullmatch(text):
            self._raw = None
            return False
        self._raw += bytes.fromhex(text.replace("0x", "").replace("0X", ""))
        if len(self._raw) >= _NEEDED:
            self._sense, self._raw = Sense.parse(self._raw), None
        return True
