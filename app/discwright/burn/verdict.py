# SPDX-License-Identifier: GPL-3.0-or-later
"""From exit code, final state of the medium and read-back to the verdict. Pure.

None of the three is enough: a program may say that all went well over a disc that can't be read,
and report an error at the closing of one that is whole.
"""

from dataclasses import dataclass

from discwright.burn.course import LOST, Outcome
from discwright.burn.readback import ReadBack
from discwright.optical.sense import Sense
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.outcome import State
from discwright.wording import _, counted, size


@dataclass(frozen=True)
class Verdict:
    """What is known when a burn is over, and what follows."""

    medium: WritableMedium
    """As it was before."""
    name: str
    """Of the image, safe to show."""
    length: int
    """Of the image, in bytes."""
    outcome: Outcome
    """Of the last run of a program."""
    simulated: bool = False
    verify: bool = True
    """Whether it was to be read back."""
    after: MediumStatus | None = None
    """Of the medium at the end; None if the drive couldn't be asked."""
    back: ReadBack | None = None
    trouble: str = ""
    """Why it couldn't be read back, in a sentence."""
    cancelled: bool = False
    extent: str = ""
    """How large the image is, if not by its bytes alone."""
    preparing: bool = False
    """It ended while the disc was erased or formatted: the image was not begun."""

    @property
    def state(self) -> State:  # noqa: PLR0911 - a table
        """Never nicer than the truth."""
        if self.outcome.starved:
            return State.FAILED
        if self.cancelled:
            return State.CANCELLED
        if self.simulated:
            return State.FAILED if not self.outcome.well or self.changed else State.COMPLETE
        if self.back is not None:
            if self.back.whole:
                return State.COMPLETE
            return State.COMPLETE_WITH_ERRORS if self.outcome.well else State.FAILED
        if not self.outcome.well or self.verify or self.still_blank:
            return State.FAILED
        return State.COMPLETE

    @property
    def changed(self) -> bool:
        """Whether a simulation left traces."""
        return self.after is not None and self.after is not self.medium.status

    @property
    def still_blank(self) -> bool:
        """Whether the disc is blank although it was written."""
        return self.after is MediumStatus.BLANK and not self.simulated and not self.medium.virtual

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was unusual, but no loss."""
        found = []
        whole = self.back is not None and self.back.whole
        if whole and not self.outcome.well and not self.outcome.stopped:
            found.append(
                _(
                    "The drive reported an error while it closed the disc ({cause}), but all of "
                    "it reads back right."
                ).format(cause=self.outcome.cause)
            )
        unclosed = self.after is MediumStatus.APPENDABLE and not self.simulated
        if self.state is State.COMPLETE and unclosed:
            found.append(_("The disc was not closed: some drives and players may not read it."))
        if self.back is not None and self.back.recovered:
            found.append(
                counted(
                    "{n} sector could be read only after several tries.",
                    "{n} sectors could be read only after several tries.",
                    self.back.recovered,
                )
            )
        if self.back is not None and self.state is not State.COMPLETE:
            found += self.back.remarks
        return tuple(found)

    @property
    def message(self) -> str:
        """What happened, in sentences."""
        match self.state:
            case State.COMPLETE:
                return self._success()
            case State.CANCELLED:
                return f"{self._cancelled()} {self.fate}".strip()
            case State.COMPLETE_WITH_ERRORS:
                return " ".join(self._differences())
            case _:
                return f"{self._failure()} {self.fate}".strip()

    def _success(self) -> str:
        words = {"name": self.name, "size": self.extent or size(self.length)}
        if self.simulated:
            return _("The simulation went well: {name} ({size}) can be burned.").format(**words)
        if self.back is None:
            return _("{name} was burned: {size}. It was not read back.").format(**words)
        if self.back.uncompared:
            text = _(
                "{name} was burned and read back: {size}, all but its edge is as in the image."
            )
        elif self.back.shift is not None:
            text = _("{name} was burned and read back: {size}, every sample is as in the image.")
        else:
            text = _("{name} was burned and read back: {size}, every byte is as in the image.")
        return " ".join((text.format(**words), *self.back.remarks))

    def _cancelled(self) -> str:
        if self.outcome.ended_well and not self.preparing:
            return _("The disc was written, but the check was cancelled: nothing proves it yet.")
        return _("The burning was cancelled.")

    def _differences(self) -> tuple[str, ...]:
        if self.back is None:
            return ()
        said = (*self.back.contents, *self.back.differences.sentences())
        if self.back.ended_early:
            said = (*said, _("Too much of it is unreadable: the rest was not looked at."))
        return said

    def _failure(self) -> str:  # noqa: PLR0911 - a table
        if self.outcome.starved:
            return self.outcome.starved
        if self.outcome.well and self.still_blank:
            return _("The drive reported success, but the disc is still blank.")
        if self.simulated and self.outcome.well:
            return _("The drive wrote to the disc although it was told to simulate.")
        if self.back is not None:
            closing = _("The disc could not be closed.")
            return " ".join((closing, *self._differences()))
        if self.outcome.well:
            return " ".join(
                (_("The disc was written, but could not be read back."), self.trouble)
            ).strip()
        if self.preparing:
            unready = _("The disc could not be made ready for writing.")
            return f"{unready} {self.trouble or self._reason()}"
        if self.outcome.closing and self.trouble:
            return f"{_('The disc could not be closed.')} {self.trouble}"
        return self._reason()

    def _reason(self) -> str:
        return reason(self.outcome.sense, self.outcome.cause)

    @property
    def fate(self) -> str:  # noqa: PLR0911 - a table
        """What became of the disc that isn't a success; "" if that is plain."""
        medium, kind = self.medium, self.medium.profile.title
        if medium.virtual:
            return ""
        untouched = not self.outcome.began or self.simulated
        if untouched and not self.changed:
            return _("Nothing was written: this {kind} is as it was.").format(kind=kind)
        if medium.profile.overwritable:
            return _("This {kind} can be used again.").format(kind=kind)
        if medium.profile.rewritable:
            if self.after is MediumStatus.BLANK:
                return _("This {kind} is blank and can be used.").format(kind=kind)
            return _("This {kind} can be used again when it has been erased.").format(kind=kind)
        if self.after is MediumStatus.BLANK:
            return _("This {kind} is still blank and can be used.").format(kind=kind)
        if self.outcome.ended_well:
            return ""
        return _("This {kind} is spoilt: it can't be used again.").format(kind=kind)

    @property
    def remedy(self) -> str:
        """What to do about it; "" if nothing."""
        if self.state in {State.COMPLETE, State.CANCELLED} or self.outcome.starved:
            return ""
        if self.state is State.COMPLETE_WITH_ERRORS:
            return _("Burn it again, at a lower speed or onto a disc of another make.")
        if self.outcome.well:
            return _("Have the disc checked against the image, in this drive or another.")
        if self.outcome.killed:
            return _("Switch the drive off and on before you use it again.")
        return remedy(self.outcome.sense, self.outcome.cause)

    @property
    def cause(self) -> str:
        """The technical side; "" if all is well."""
        return "" if self.outcome.well else self.outcome.cause


def reason(sense: Sense | None, cause: str) -> str:  # noqa: PLR0911 - a table
    """Say why a drive could not write, by its sense data or else by the program's words."""
    if LOST in cause:
        return _("The drive is gone: it was unplugged or switched off.")
    match (sense.key, sense.asc, sense.ascq) if sense else None:
        case (_, 0x3A, _):
            return _("The disc is no longer in the drive: the tray was opened.")
        case (_, 0x73, 0x02 | 0x03):
            return _("The drive could not adjust its laser to this disc.")
        case (_, 0x73, _) | (_, 0x72, _):
            return _("The drive could not close the disc.")
        case (_, 0x0C, 0x09):
            return _("The data came too late for the drive.")
        case (_, 0x0C, _) | (0x3, _, _):
            return _("The drive could not write onto the disc.")
        case (_, 0x30, _):
            return _("The drive can't write this disc: it does not suit it.")
        case (0x7, _, _):
            return _("The disc is write-protected.")
        case (0x4, _, _):
            return _("The drive reports a failure of its own.")
    return _said(cause.casefold())


def _said(cause: str) -> str:
    """Say it by the program's words alone; cdrdao gives no sense data for all that fails."""
    if "calibration" in cause:
        return _("The drive could not adjust its laser to this disc.")
    if "cue sheet" in cause:
        return _("The drive does not take these tracks, or not so many minutes.")
    if "not ready" in cause:
        return _("The drive did not become ready.")
    if "close" in cause:
        return _("The drive could not close the disc.")
    if "busy" in cause or "in use" in cause:
        return _("The drive is in use by another program.")
    return _("The burning failed.")


def remedy(sense: Sense | None, cause: str = "") -> str:
    """Say what to do about it."""
    uncalibrated = sense is None and "calibration" in cause.casefold()
    match (sense.key, sense.asc) if sense else (0, 0x73) if uncalibrated else None:
        case (_, 0x3A):
            return _("Leave the tray closed while it works, and begin again.")
        case (_, 0x73):
            return _("Try a lower speed, a disc of another make, or another drive.")
        case (_, 0x30):
            return _("Try a disc of another make, or another drive.")
        case (0x7, _):
            return _("Remove the protection, or use another disc.")
        case (0x3, _) | (_, 0x0C):
            return _("Burn it again, at a lower speed or onto a disc of another make.")
    return _("Look at the job's log, and try again with another disc or drive.")
