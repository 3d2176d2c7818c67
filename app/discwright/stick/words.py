# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of an image before it is written, and from how a stick ended its report. Pure."""

from collections.abc import Mapping

from discwright.errors import DiscwrightError
from discwright.image.boot import BootReport, obstacles
from discwright.stick.losses import Losses
from discwright.stick.one_stick import Head, Outcome
from discwright.stick.plan import WritePlan
from discwright.stick.report import WriteReport
from discwright.stick.source import WriteSource
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import NOT_BEGUN, State
from discwright.wording import _, counted, shown, size


def report_of(
    plan: WritePlan,
    outcome: Outcome,
    digests: Mapping[str, str],
    checked: str,
    losses: Losses,
    *,
    hangs: bool,
) -> WriteReport:
    """Give the report of a stick. ``hangs``: it has not answered to the end."""
    if hangs or isinstance(outcome.error, Cancelled):
        return _cancelled(plan, outcome, hangs=hangs)
    if outcome.error is not None:
        return _failed(plan, outcome, outcome.error)
    proof = outcome.proof
    verified = plan.options.verify
    message, remedy = _success(plan, outcome, losses, verified=verified)
    return WriteReport(
        losses.state,
        message,
        remedy,
        target=plan.stick.node,
        name=plan.stick.name,
        bytes=outcome.written,
        digests=digests,
        verified=True if verified else None,
        checked=checked,
        bad_sectors=losses.bad,
        files_affected=losses.files,
        recovered_sectors=losses.recovered,
        missing_sectors=losses.missing,
        rewritten=proof.rewritten if proof is not None else (),
        suspect_capacity=outcome.suspicion is not None,
        touched=True,
        boot=_starts(plan, outcome, losses),
        warnings=_warnings(plan, outcome),
    )


def stick_sentence(boot: BootReport | None) -> str:
    """Say what starts from a stick with this image."""
    if boot is None:
        return _("Whether a computer starts from the stick is not known.")
    if boot.raspberry_pi and not (boot.stick_bios or boot.stick_uefi):
        return _("A Raspberry Pi starts from the stick, a PC doesn't.")
    return {
        (True, True): _("Computers with BIOS and with UEFI start from the stick."),
        (True, False): _("Computers with BIOS start from the stick; with UEFI only they won't."),
        (False, True): _("Computers with UEFI start from the stick; with BIOS they won't."),
        (False, False): _("No PC will start from the stick."),
    }[boot.stick_bios, boot.stick_uefi]


def image_kind(source: WriteSource) -> str:
    """Say what an image is that is no disc, and how long."""
    kind = _("Packed image") if source.packed else _("Image of a disk")
    length = size(source.size) if source.size else _("size not known before it is unpacked")
    return f"{kind} · {length}"


def image_facts(source: WriteSource) -> tuple[tuple[str, str], ...]:
    """Give what is known of an image that is no disc, as pairs of title and text; safe to show."""
    boot, starts = source.boot, stick_sentence(source.boot)
    if boot is not None and not boot.raspberry_pi:
        starts = " ".join((starts, *obstacles(boot)))
    found = [(_("Starting a PC"), starts)]
    if source.packed:
        packed = _("{method}, {size} as it lies there").format(
            method=source.method, size=size(source.file_size)
        )
        found.append((_("Packed"), packed))
    names = dict.fromkeys(one.source for one in source.expected if one.source)
    if names:
        found.append((_("Checksum"), ", ".join(shown(name) for name in names)))
    if source.block_map is not None:
        found.append((_("Block map"), shown(source.block_map.path.name)))
    return tuple(found)


def _success(
    plan: WritePlan, outcome: Outcome, losses: Losses, *, verified: bool
) -> tuple[str, str]:
    words = {
        "image": plan.source.name,
        "name": plan.stick.title,
        "size": size(outcome.written),
    }
    message = _written(losses, verified=verified).format(**words)
    if losses.message:
        message = f"{message} {losses.message}"
    rewritten = outcome.proof.rewritten if outcome.proof is not None else ()
    if not rewritten:
        return f"{message} {_starts(plan, outcome, losses)}", losses.remedy
    worn = _("The stick may be wearing out: don't trust it with anything that matters.")
    again = counted(
        "{n} byte had to be written a second time.",
        "{n} bytes had to be written a second time.",
        sum(run.length for run in rewritten),
    )
    return (
        f"{message} {again} {_starts(plan, outcome, losses)}",
        f"{worn} {losses.remedy}".rstrip(),
    )


def _starts(plan: WritePlan, outcome: Outcome, losses: Losses) -> str:
    """Say what starts from the stick; with losses that is what the disc promised."""
    boot = plan.source.boot or outcome.boot
    if losses.message and boot is not None and (boot.stick_bios or boot.stick_uefi):
        return _("A computer may not start from the stick, or stop later, for what is missing.")
    return stick_sentence(boot)


def _written(losses: Losses, *, verified: bool) -> str:
    """Say what was written and proved, to be filled in."""
    if losses.message and verified:
        return _("What could be read of {image} was written to {name} and read back: {size}.")
    if verified:
        return _("{image} was written to {name} and read back: {size}, every byte as it should be.")
    return _("{image} was written to {name}: {size}. Only its first MiB was read back.")


def _failed(plan: WritePlan, outcome: Outcome, error: BaseException) -> WriteReport:
    if isinstance(error, DiscwrightError):
        message, remedy, cause = error.message, error.remedy, error.cause
    else:
        message = _("The writing ended by an error in the program.")
        remedy, cause = "", f"{type(error).__name__}: {shown(str(error))}"
    proof = outcome.proof
    differing = proof.remaining if proof is not None else ()
    refused = isinstance(error, DiscwrightError) and not outcome.touched
    return WriteReport(
        State.REFUSED if refused else State.FAILED,
        f"{message} {_left(plan, outcome)}",
        remedy,
        cause,
        target=plan.stick.node,
        name=plan.stick.name,
        bytes=outcome.written,
        verified=False if differing else None,
        differing=differing,
        rewritten=proof.rewritten if proof is not None else (),
        suspect_capacity=outcome.suspicion is not None,
        touched=outcome.touched,
        left_bootable=outcome.head is Head.WRITTEN,
        warnings=_warnings(plan, outcome),
        refusal=NOT_BEGUN if refused else "",
    )


def _cancelled(plan: WritePlan, outcome: Outcome, *, hangs: bool) -> WriteReport:
    message = _("The writing of {name} was cancelled.").format(name=plan.stick.title)
    remedy = ""
    if hangs and outcome.touched:  # else it is the question for a password that isn't answered
        message = _("The writing of {name} was cancelled, but the stick no longer answers.").format(
            name=plan.stick.title
        )
        remedy = _("Pull it out.")
    return WriteReport(
        State.CANCELLED,
        f"{message} {_left(plan, outcome)}",
        remedy,
        target=plan.stick.node,
        name=plan.stick.name,
        bytes=outcome.written,
        suspect_capacity=outcome.suspicion is not None,
        touched=outcome.touched,
        left_bootable=outcome.head is Head.WRITTEN,
        warnings=_warnings(plan, outcome),
    )


def _left(plan: WritePlan, outcome: Outcome) -> str:
    """Say in what state the stick is left."""
    if not outcome.touched:
        return _("Nothing was written to {name}.").format(name=plan.stick.name)
    match outcome.head:
        case Head.WIPED:
            return _("What was on the stick is lost, and no computer will start from it.")
        case Head.WRITTEN:
            return _("A computer may still start from the stick: don't use it.")
        case _:
            return _("What was on the stick is probably lost.")


def _warnings(plan: WritePlan, outcome: Outcome) -> tuple[str, ...]:
    found = list(plan.warnings)
    if outcome.suspicion is not None:
        found.append(outcome.suspicion.sentence(plan.stick.name))
    if outcome.eject_failed:
        found.append(outcome.eject_failed)
    return tuple(found)
