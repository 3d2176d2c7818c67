# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving a stick back: one partition with an empty file system, as it was sold.

UDisks2 does it, and asks no password for what is removable.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from discwright.devices import udisks_sticks
from discwright.devices.targets import StickTarget
from discwright.devices.udisks_sticks import FileSystem
from discwright.errors import DiscwrightError, TargetError
from discwright.stick.opening import release
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import NOT_BEGUN, Refusal, State, report_event
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, shown, size

FAT32_UP_TO = 34_359_738_368
"""Bytes: sold sticks and SDHC cards up to 32 GiB have FAT32, larger ones exFAT (SD spec. 4.10)."""

LABEL_LENGTH = 11
"""Bytes of a FAT label; UDisks2 takes no longer one for exFAT either."""

_NOT_IN_LABELS = '"*+,./:;<=>?[\\]|'

FILE_SYSTEMS = {"fat32": "vfat", "exfat": "exfat"}
"""What people call it, and what UDisks2 does."""

_NAMES = {"vfat": "FAT32", "exfat": "exFAT"}

_PROGRAMS = {"vfat": "dosfstools", "exfat": "exfatprogs"}

LOOKS = 50
"""How often, a tenth of a second apart, UDisks2 is asked for the new file system."""


@dataclass(frozen=True)
class EraseOptions:
    """What the user asks for."""

    file_system: str = "auto"
    """"fat32", "exfat" or "auto": by the size."""
    label: str = "USB"


@dataclass(frozen=True)
class ErasePlan:
    """What will happen."""

    stick: StickTarget
    file_system: str
    """As UDisks2 calls it: "vfat", "exfat"."""
    label: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class EraseReport:
    """The end of giving a stick back."""

    state: State
    message: str
    remedy: str = ""
    cause: str = ""
    target: str = ""
    name: str = ""
    file_system: str = ""
    label: str = ""
    touched: bool = False
    """Something was changed: what was on the stick before is lost."""
    started: str = ""
    duration_s: float = 0.0
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(
            self,
            target=self.target or None,
            name=self.name,
            file_system=self.file_system,
            label=self.label,
            touched=self.touched,
        )


def plan_erase(stick: StickTarget, options: EraseOptions) -> ErasePlan | Refusal:
    """Say what giving this stick back will do, or why it will not be done. Pure."""
    if stick.regular_file:
        return Refusal(
            "file",
            _("{node} is a file: only sticks can be given a file system.").format(
                node=shown(stick.node)
            ),
        )
    if options.file_system not in {"auto", *FILE_SYSTEMS}:
        return Refusal(
            "file-system",
            _("There is no file system called “{name}” here.").format(
                name=shown(options.file_system)
            ),
            _("Choose fat32 or exfat."),
        )
    chosen = options.file_system
    if chosen == "auto":
        chosen = "fat32" if stick.size <= FAT32_UP_TO else "exfat"
    label = options.label.strip()
    if chosen == "fat32":
        label = label.upper()
    if not _can_be_label(label, chosen):
        return Refusal(
            "label",
            _("“{label}” can't be the name of a stick.").format(label=shown(label)),
            _("Use at most {n} letters from A to Z, digits, blanks and dashes.").format(
                n=LABEL_LENGTH
            ),
        )
    warnings: tuple[str, ...] = ()
    if stick.contents:
        what = ", ".join(stick.contents)
        warnings = (_("All that is on the stick will be lost: {what}.").format(what=what),)
    file_system = FILE_SYSTEMS[chosen]
    return ErasePlan(stick, file_system, label, warnings)


def _can_be_label(label: str, file_system: str) -> bool:
    """Tell whether the tools take this label; FAT's has the letters of an old code page only."""
    return (
        len(label.encode("utf-8", "replace")) <= LABEL_LENGTH
        and all(ch.isprintable() and ch not in _NOT_IN_LABELS for ch in label)
        and (file_system != "fat32" or label.isascii())
    )


def run_erase(
    plan: ErasePlan,
    listener: Listener,
    cancel: CancelToken,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> EraseReport:
    """Do as planned. Whatever goes wrong is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    meter = Meter(listener)
    meter.start(Phase.PREPARING, None)
    lost: list[bool] = []
    state, message, remedy, cause = State.COMPLETE, "", "", ""
    try:
        cancel.raise_if_cancelled()
        missing = udisks_sticks.can_format(plan.stick.node, plan.file_system)
        if missing:
            raise _not_installed(plan.file_system, missing)
        release(plan.stick)
        cancel.raise_if_cancelled()
        meter.start(Phase.FORMATTING, None)
        udisks_sticks.format_stick(
            plan.stick.node,
            table="dos",
            file_system=plan.file_system,
            label=plan.label,
            begun=lambda: lost.append(True),
        )
        meter.start(Phase.VERIFYING, None)
        made = _check(plan, sleep)
        message = _("{name} is empty and can be used again: {kind}, {size}.").format(
            name=plan.stick.name, kind=_kind(made), size=size(plan.stick.size)
        )
    except Cancelled:
        state = State.CANCELLED
        message = _("Nothing was changed on {name}.").format(name=plan.stick.name)
    except DiscwrightError as error:
        state = State.FAILED if lost else State.REFUSED
        message = f"{error.message} {_left(plan, touched=bool(lost))}"
        remedy, cause = error.remedy, error.cause
        if cancel.cancelled and not lost:  # a question for a password ends by Ctrl-C
            state, message, remedy = State.CANCELLED, _left(plan, touched=False), ""
    meter.finish()
    report = EraseReport(
        state,
        message,
        remedy,
        cause,
        target=plan.stick.node,
        name=plan.stick.name,
        file_system=plan.file_system,
        label=plan.label,
        touched=bool(lost),
        started=started,
        duration_s=time.monotonic() - began,
        warnings=plan.warnings,
        refusal=NOT_BEGUN if state is State.REFUSED else "",
    )
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def _left(plan: ErasePlan, *, touched: bool) -> str:
    """Say in what state a failure leaves the stick."""
    if touched:
        return _("What was on the stick is probably lost: format it anew before you use it.")
    return _("Nothing was changed on {name}.").format(name=plan.stick.name)


def _check(plan: ErasePlan, sleep: Callable[[float], None]) -> FileSystem:
    """Give the file system when it is there; UDisks2 hears of it from udev a moment later."""
    found: tuple[FileSystem, ...] = ()
    for _look in range(LOOKS):
        found = udisks_sticks.file_systems_on(plan.stick.node)
        for one in found:
            if (one.kind, one.label) == (plan.file_system, plan.label):
                return one
        sleep(0.1)
    raise TargetError(
        _("The new file system was not found on {name}.").format(name=plan.stick.name),
        remedy=_("Plug the stick in anew and try again; it may be worn out."),
        cause=f"found: {found}",
    )


def _kind(made: FileSystem) -> str:
    """Name it as people do: too small a stick for FAT32 has become one with FAT16."""
    if made.kind == "vfat":
        return shown(made.version) or "FAT"
    return _NAMES[made.kind]


def _not_installed(file_system: str, missing: str) -> TargetError:
    package = _PROGRAMS.get(file_system, missing)
    return TargetError(
        _("This computer can't make {kind} file systems.").format(kind=_NAMES[file_system]),
        remedy=_("Install the package {package}.").format(package=package),
        cause=f"missing: {missing}",
    )
