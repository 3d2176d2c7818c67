# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was found to the state of a copy and the sentences that say it. Pure."""

from dataclasses import dataclass

from discwright.image.wholeness import Wholeness
from discwright.transfer.extents import Extents
from discwright.transfer.outcome import State
from discwright.wording import _, counted, shown, size


@dataclass(frozen=True)
class Findings:
    """What a copy that came to its end found out."""

    bad: Extents
    differing: Extents | None
    """Sectors that a second reading gave otherwise; None if there was none."""
    wholeness: Wholeness

    @property
    def missing(self) -> int:
        """Sectors that a file lies in but that the drive doesn't give at all."""
        return self.wholeness.missing if self.wholeness.truncated else 0

    @property
    def files_missing(self) -> tuple[str, ...]:
        """The files that lie there."""
        return self.wholeness.files if self.wholeness.truncated else ()

    @property
    def state(self) -> State:
        """Complete only if every sector was read, each reading agreed and no file is cut off."""
        differs = self.differing is not None and self.differing.count
        lost = self.bad.count or differs or self.missing
        return State.COMPLETE_WITH_ERRORS if lost else State.COMPLETE

    def message(self, name: str, length: int) -> str:
        """Say it: ``name`` of the image, ``length`` in bytes."""
        sentences = [self._reading(name, length)]
        if self.missing:
            sentences.append(self.wholeness.message)
        if self.differing is not None:
            sentences.append(self._second_reading(self.differing.count))
        return " ".join(sentences)

    def _reading(self, name: str, length: int) -> str:
        if self.bad.count:
            return counted(
                "The disc was copied, but {n} sector could not be read. "
                "In the image it is filled with a pattern that says so.",
                "The disc was copied, but {n} sectors could not be read. "
                "In the image they are filled with a pattern that says so.",
                self.bad.count,
            )
        if self.missing:
            return _("The disc was copied as far as the drive gives it.")
        return _("The disc was copied completely to {name}: {size}, every sector read.").format(
            name=shown(name), size=size(length)
        )

    @staticmethod
    def _second_reading(differing: int) -> str:
        if not differing:
            return _("A second reading gave the same.")
        return counted(
            "A second reading was different in {n} sector.",
            "A second reading was different in {n} sectors.",
            differing,
        )

    @property
    def remedy(self) -> str:
        """Say what to do about the loss; "" if there is none."""
        if self.bad.count:
            return _(
                "Clean the disc, or put it into another drive, and try the bad sectors again: "
                "what was read stays."
            )
        if self.missing:
            return _("Try another drive.")
        if self.differing is not None and self.differing.count:
            return _("Copy the disc again, at a lower speed or in another drive.")
        return ""
