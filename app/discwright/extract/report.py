# SPDX-License-Identifier: GPL-3.0-or-later
"""What taking files out of a disc did: the one truth for window, exit code, JSON and log."""

from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import DiscwrightError
from discwright.extract.plan import ExtractPlan
from discwright.transfer.cancel import Cancelled
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State, report_event
from discwright.wording import _, counted, shown, size


@dataclass(frozen=True)
class ExtractReport:
    """The end of an extraction."""

    state: State
    message: str
    remedy: str = ""
    cause: str = ""
    target: Path | None = None
    """The folder; None if nothing was put into it."""
    files: int = 0
    """Files and links that have their names, those with damage too."""
    bytes: int = 0
    """Of those files."""
    skipped: int = 0
    """Files that were there before and stayed as they were."""
    bad_sectors: tuple[Extent, ...] = ()
    files_affected: tuple[str, ...] = ()
    """Files that hold filling where sectors could not be read, and those that can't be had."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Name of what was not taken, and why; safe to show."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Path on the disc and in the folder of what could not keep its name."""
    recovered_sectors: int = 0
    """Sectors that were read, but not at the first try."""
    warnings: tuple[str, ...] = ()
    started: str = ""
    duration_s: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(
            self,
            target=None if self.target is None else str(self.target),
            files=self.files,
            skipped=self.skipped,
            left_out=[list(one) for one in self.left_out],
            renamed=[list(one) for one in self.renamed],
            recovered_sectors=self.recovered_sectors,
        )


@dataclass
class Outcome:
    """What is known of a run at its end."""

    files: int = 0
    bytes: int = 0
    bad: tuple[Extent, ...] = ()
    damaged: tuple[str, ...] = ()
    """Paths of files with filling; safe to show."""
    left_out: tuple[tuple[str, str], ...] = ()
    """What could not be made in the folder."""
    recovered: int = 0
    warnings: tuple[str, ...] = field(default_factory=tuple)


def report_of(plan: ExtractPlan, outcome: Outcome, error: BaseException | None) -> ExtractReport:
    """Give the report of a run that ended with this error, or with none."""
    lost = tuple(shown("/".join(parts), 400) for parts in plan.layout.selection.lost)
    damage = plan.layout.selection.damage
    remedy = cause = ""
    if error is None:
        whole = not (outcome.damaged or outcome.left_out or lost or damage)
        state = State.COMPLETE if whole else State.COMPLETE_WITH_ERRORS
        message = _end(plan, outcome, lost)
        if outcome.damaged or lost or damage:
            cause = " ".join(damage)
            remedy = _("Clean the disc or try another drive, and take out again what is missing.")
            if plan.disc.virtual:
                remedy = _("Get the image again.")
    elif isinstance(error, Cancelled):
        state = State.CANCELLED
        message = f"{_('The extraction was cancelled.')} {_kept(plan, outcome)}"
    elif isinstance(error, DiscwrightError):
        state, remedy, cause = State.FAILED, error.remedy, error.cause
        message = f"{error.message} {_kept(plan, outcome)}"
    else:
        state, cause = State.FAILED, f"{type(error).__name__}: {shown(str(error))}"
        message = f"{_('It ended by an error in the program.')} {_kept(plan, outcome)}"
    return ExtractReport(
        state,
        message,
        remedy,
        cause,
        target=plan.folder if outcome.files or error is None else None,
        files=outcome.files,
        bytes=outcome.bytes,
        skipped=plan.skipped,
        bad_sectors=outcome.bad,
        files_affected=(*outcome.damaged, *lost),
        left_out=(*plan.layout.left_out, *outcome.left_out),
        renamed=tuple((shown(a, 400), shown(b, 400)) for a, b in plan.layout.renamed),
        recovered_sectors=outcome.recovered,
        warnings=(*plan.warnings, *outcome.warnings),
    )


def _end(plan: ExtractPlan, outcome: Outcome, lost: tuple[str, ...]) -> str:
    sentences = [
        counted(
            "{n} file was put into {{folder}}: {{size}}.",
            "{n} files were put into {{folder}}: {{size}}.",
            outcome.files,
        ).format(folder=shown(str(plan.folder)), size=size(outcome.bytes))
    ]
    if plan.skipped:
        sentences.append(
            counted(
                "{n} file was there before and stayed as it was.",
                "{n} files were there before and stayed as they were.",
                plan.skipped,
            )
        )
    if outcome.damaged:
        sentences.append(
            counted(
                "{n} file is damaged: where it could not be read it holds lines that say so.",
                "{n} files are damaged: where they could not be read they hold lines that say so.",
                len(outcome.damaged),
            )
        )
    if lost:
        sentences.append(counted("{n} file can't be had.", "{n} files can't be had.", len(lost)))
    elif plan.layout.selection.damage:
        sentences.append(_("Parts of the directories can't be read: files may be missing."))
    left = len(plan.layout.left_out) + len(outcome.left_out)
    if left:
        sentences.append(counted("{n} entry was left out.", "{n} entries were left out.", left))
    return " ".join(sentences)


def _kept(plan: ExtractPlan, outcome: Outcome) -> str:
    """Say what stays of a run that was broken off."""
    if not outcome.files:
        return _("No file was put into {folder}.").format(folder=shown(str(plan.folder)))
    wanted = len(plan.files) + len(plan.links)
    return counted(
        "{n} of {{all}} files was finished before, and stays in {{folder}}.",
        "{n} of {{all}} files were finished before, and stay in {{folder}}.",
        outcome.files,
    ).format(all=wanted, folder=shown(str(plan.folder)))
