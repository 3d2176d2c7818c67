# SPDX-License-Identifier: GPL-3.0-or-later
"""How a check ended: the one truth for the result page, the exit code, the JSON and the log."""

from dataclasses import dataclass, field

from discwright.image.checksums import Published
from discwright.transfer.extents import Extent, pairs
from discwright.transfer.outcome import State, report_event


@dataclass(frozen=True)
class CheckReport:
    """What a check found. The state is complete-with-errors if there is any difference."""

    state: State
    message: str
    remedy: str = ""
    cause: str = ""
    target: str | None = None
    """Path or node of what was checked."""
    bytes: int = 0
    """That were read of it."""
    digests: dict[str, str] = field(default_factory=dict)
    """Of as much as was found to be meant, or else of all of it."""
    checks: tuple[tuple[Published, bool], ...] = ()
    """Each published checksum and whether it is the right one."""
    title: str = ""
    """What it turned out to be, by a catalogue; safe to show."""
    bad_sectors: tuple[Extent, ...] = ()
    """Sectors of a disc that can't be read."""
    differing_sectors: tuple[Extent, ...] = ()
    """Sectors of 2048 bytes that are not as in the image that was compared with."""
    warnings: tuple[str, ...] = ()
    started: str = ""
    duration_s: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(
            self,
            target=self.target,
            checks=[
                {
                    "algorithm": published.checksum.algorithm,
                    "expected": published.checksum.digest,
                    "source": str(published.source),
                    "same": same,
                }
                for published, same in self.checks
            ],
            title=self.title,
            differing_sectors=pairs(self.differing_sectors),
        )
