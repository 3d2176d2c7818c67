# SPDX-License-Identifier: GPL-3.0-or-later
"""What copying a Windows installer to a stick did."""

from dataclasses import dataclass
from enum import Enum, auto

from discwright.errors import DiscwrightError
from discwright.stick.installer_plan import InstallerPlan
from discwright.stick.report import WriteReport
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import NOT_BEGUN, State
from discwright.wording import _, counted, shown, size


class Left(Enum):
    """What is on the stick at the end."""

    OLD = auto()
    """What was there before: nothing was written."""
    VOID = auto()
    """Nothing: neither partitions nor file systems."""
    UNFINISHED = auto()
    """Some of the files, but nothing that starts."""
    UNPROVED = auto()
    """All of the files, and among them what starts, not all of it proved."""
    WHOLE = auto()
    """Everything, proved."""


@dataclass(frozen=True)
class InstallerReport(WriteReport):
    """The end of the copying to one stick."""

    files: int = 0
    """How many files were copied and proved."""
    files_affected: tuple[str, ...] = ()
    """What is not on the stick as it should be; safe to show."""
    files_rewritten: tuple[str, ...] = ()
    """What was right only after it was copied a second time."""
    parts: tuple[str, ...] = ()
    """What install.wim was split into."""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return {
            **super().to_json(),
            "files": self.files,
            "files_affected": list(self.files_affected),
            "files_rewritten": list(self.files_rewritten),
            "parts": list(self.parts),
        }


@dataclass
class Outcome:
    """What is known of a run at its end."""

    left: Left = Left.OLD
    copied: int = 0
    """Files that were proved."""
    written: int = 0
    """Bytes of them."""
    differing: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hangs: bool = False
    """The stick did not answer to the end."""


def report_of(
    plan: InstallerPlan, outcome: Outcome, error: BaseException | None
) -> InstallerReport:
    """Give the report of a run that ended with this error, or with none."""
    if error is None:
        state, message, remedy, cause = State.COMPLETE, _success(plan, outcome), "", ""
        if outcome.rewritten:
            remedy = _("The stick may be wearing out: don't trust it with anything that matters.")
    elif isinstance(error, Cancelled):
        state, remedy, cause = State.CANCELLED, "", ""
        message = _("The copying to {name} was cancelled.").format(name=plan.stick.title)
    elif isinstance(error, DiscwrightError):
        state = State.REFUSED if outcome.left is Left.OLD else State.FAILED
        message, remedy, cause = error.message, error.remedy, error.cause
    else:
        state, remedy = State.FAILED, ""
        message = _("The copying ended by an error in the program.")
        cause = f"{type(error).__name__}: {shown(str(error))}"
    if error is not None:
        message = f"{message} {_left(plan, outcome)}"
        remedy = _("Pull it out.") if outcome.hangs else remedy
    done = state is State.COMPLETE
    return InstallerReport(
        state,
        message,
        remedy,
        cause,
        target=plan.stick.node,
        name=plan.stick.name,
        bytes=outcome.written,
        verified=True if done else False if outcome.differing else None,
        touched=outcome.left is not Left.OLD,
        left_bootable=outcome.left is Left.UNPROVED,
        boot=plan.boot if done else "",
        warnings=(*plan.warnings, *outcome.warnings),
        files=outcome.copied,
        files_affected=outcome.differing,
        files_rewritten=outcome.rewritten,
        parts=outcome.parts,
        refusal=NOT_BEGUN if state is State.REFUSED else "",
    )


def _success(plan: InstallerPlan, outcome: Outcome) -> str:
    sentences = [
        counted(
            "{n} file of {{image}} was copied to {{name}} and read back: {{size}}, every byte as "
            "it should be.",
            "{n} files of {{image}} were copied to {{name}} and read back: {{size}}, every byte "
            "as it should be.",
            outcome.copied,
        ).format(image=plan.source.name, name=plan.stick.title, size=size(outcome.written))
    ]
    if outcome.parts:
        sentences.append(
            counted(
                "install.wim is there in {n} part: each piece of it was read back and unpacked, "
                "and has the checksum that it should have.",
                "install.wim is there in {n} parts: each piece of it was read back and unpacked, "
                "and has the checksum that it should have.",
                len(outcome.parts),
            )
        )
    if outcome.rewritten:
        sentences.append(
            counted(
                "{n} file had to be copied a second time.",
                "{n} files had to be copied a second time.",
                len(outcome.rewritten),
            )
        )
    return " ".join([*sentences, plan.boot])


def _left(plan: InstallerPlan, outcome: Outcome) -> str:
    """Say in what state the stick is left."""
    match outcome.left:
        case Left.OLD:
            return _("Nothing was written to {name}.").format(name=plan.stick.name)
        case Left.VOID:
            return _("The stick is empty now and must be formatted before it is used.")
        case Left.UNFINISHED:
            return _(
                "What was on the stick is lost. Some files are on it, but no computer will start "
                "from it."
            )
        case _:
            return _("A computer may still start from the stick: don't use it.")
