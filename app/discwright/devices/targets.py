# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be written to as a stick. Pure: every rule looks at facts that were gathered before.

Only removable, USB and SD media. Never a disk that the system rests on, however many layers are
between. What the facts can't see (a ZFS pool, another user's program) is stopped when the device
is opened: exclusively, and only if it still is the one that was chosen.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from discwright.devices.identity import Identity
from discwright.devices.layers import SWAP, Use
from discwright.transfer.outcome import Refusal
from discwright.wording import _, device_name, shown, size

LARGE = 256_000_000_000
"""Bytes above which a stick may be somebody's backup disk: asked about a second time."""

_PLACES_OF_USERS = re.compile(r"/(media|run/media|mnt|tmp|var/tmp)(/.*)?")
"""Where sticks are mounted by desktops (udisks2) and by hand; all other places are the system's."""

_NEVER_PLACES = frozenset({"/tmp", "/var/tmp"})  # noqa: S108 - mount points, not files


class Kind(StrEnum):
    """What a path names."""

    DISK = "disk"
    PARTITION = "partition"
    LOOP = "loop"
    """A file taken as a disk by losetup(8)."""
    FILE = "file"
    OTHER = "other"
    """A directory, a character device ..."""
    MISSING = "missing"


@dataclass(frozen=True)
class StickFacts:
    """What was found out about a path that shall be written to; all text is safe to show."""

    node: str
    kind: Kind
    identity: Identity = field(default_factory=Identity)
    vendor: str = ""
    model: str = ""
    bus: str = ""
    """"usb", "mmc", "ata" ...; "" if not known."""
    card: str = ""
    """What a memory card calls itself: "SD", "MMC" (which is soldered in)."""
    removable: bool = False
    """The kernel's word for it, wrong for USB disks and for cards in many slots."""
    rotating: bool = False
    rpm: int = 0
    """Revolutions per minute that the disk itself names; 0 if none. Most sticks are said to be
    rotating because they say nothing, so ``rotating`` alone is not believed."""
    optical: bool = False
    virtual: bool = False
    """The kernel made it up: zram, device mapper, software RAID ..."""
    read_only: bool = False
    disk: str = ""
    """Of a partition: the node of its disk."""
    hint_system: bool | None = None
    """UDisks2 counts it as part of the system; None without UDisks2."""
    hint_ignore: bool | None = None
    """Someone has configured UDisks2 to leave it alone."""
    uses: tuple[Use, ...] = ()
    held_by: tuple[str, ...] = ()
    """Devices made of it, mounted or not, such as vault, md127."""
    unseen: tuple[str, ...] = ()
    """File systems on it that are in use, and mounted nowhere that this process sees."""
    contents: tuple[str, ...] = ()
    """What is on it, a line for each file system."""
    logical_block: int = 512
    max_request: int = 0
    """Bytes that one command carries (queue/max_sectors_kb); 0 if not known."""
    may_open: bool = False
    """This process may open it for writing without asking for a password."""

    @property
    def name(self) -> str:
        """Vendor and model as people know them, or the node."""
        return device_name(self.vendor, self.model) or self.node


@dataclass(frozen=True)
class TargetOptions:
    """What the user has said about the target."""

    allow_file: bool = False
    """Accept regular files and loop devices (tests, virtual machines)."""
    large_ok: bool = False
    """The second, explicit yes for large and rotating disks."""


@dataclass(frozen=True)
class StickTarget:
    """A device, or a file in place of one, that may be written to."""

    node: str
    name: str
    identity: Identity
    contents: tuple[str, ...] = ()
    """What is on it and will be lost, a line for each file system."""
    mounts: tuple[str, ...] = ()
    """Where it is mounted and must be unmounted."""
    regular_file: bool = False
    logical_block: int = 512
    """Bytes; 1 for a file."""
    max_request: int = 0
    """Bytes that one command carries; 0 if not known."""
    may_open: bool = True
    """No password is needed."""
    loop: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return self.identity.size

    @property
    def title(self) -> str:
        """Name, size and node, to tell one stick from another."""
        if self.name == self.node:
            return f"{self.node} ({size(self.size)})"
        return f"{self.name} ({size(self.size)}, {self.node})"


def judge_target(
    facts: StickFacts,
    options: TargetOptions | None = None,
    *,
    image_disks: frozenset[str] = frozenset(),
) -> StickTarget | Refusal:
    """Say whether these facts are those of a stick that may be overwritten, or why not.

    ``image_disks``: the numbers of the disks (or the Identity number of the very file) that the
    image lies on.
    """
    options = options or TargetOptions()
    for rule in _RULES:
        refusal = rule(facts, options)
        if refusal is not None:
            return refusal
    if facts.identity.number in image_disks:
        return Refusal(
            "image-on-target",
            _("The image lies on {name} itself, which would be overwritten.").format(
                name=facts.name
            ),
            _("Copy the image to another disk first."),
        )
    plain = facts.kind is Kind.FILE
    return StickTarget(
        node=facts.node,
        name=facts.name,
        identity=facts.identity,
        contents=facts.contents,
        mounts=tuple(use.point for use in facts.uses),
        regular_file=plain,
        logical_block=1 if plain else facts.logical_block,
        max_request=facts.max_request,
        may_open=facts.may_open,
        loop=facts.kind is Kind.LOOP,
    )


def _kind(facts: StickFacts, options: TargetOptions) -> Refusal | None:
    node = shown(facts.node)
    if facts.kind is Kind.MISSING:
        return Refusal(
            "no-device",
            _("There is no device {node}.").format(node=node),
            _("Plug the stick in; “discwright devices” lists what is there."),
        )
    if facts.kind is Kind.OTHER:
        return Refusal(
            "not-a-stick",
            _("{node} is neither a USB stick nor a memory card.").format(node=node),
            _("“discwright devices” lists what can be written to."),
        )
    if facts.kind in {Kind.FILE, Kind.LOOP} and not options.allow_file:
        return Refusal(
            "file",
            _("{node} is a file, not a USB stick.").format(node=node)
            if facts.kind is Kind.FILE
            else _("{node} is a file taken as a disk, not a USB stick.").format(node=node),
            _("To write into it all the same, add --allow-file."),
        )
    if facts.kind is Kind.PARTITION:
        return Refusal(
            "partition",
            _("{node} is only a part of {disk}: a computer starts from whole sticks.").format(
                node=node, disk=shown(facts.disk)
            ),
            _("Choose {disk}. All that is on it will be lost.").format(disk=shown(facts.disk)),
        )
    return None


def _optical(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    if not facts.optical:
        return None
    return Refusal(
        "optical",
        _("{name} is a disc drive, not a USB stick.").format(name=facts.name),
        _("Burn the image to a disc instead."),
    )


def _system(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    """Refuse whatever the running system rests on, through any number of layers."""
    swap = next((use for use in facts.uses if use.point == SWAP), None)
    if swap is not None:
        return Refusal(
            "system",
            _("{name} holds swap space of the running system.").format(name=facts.name),
            _("Choose another device."),
            f"swap on {swap.device}",
        )
    use = next((use for use in facts.uses if not _users_place(use.point)), None)
    if use is not None:
        return Refusal(
            "system",
            _("{name} belongs to the running system: {point} is on it.").format(
                name=facts.name, point=shown(use.point)
            ),
            _("Choose another device."),
            f"{use.device} at {shown(use.point)}",
        )
    return None


def _users_place(point: str) -> bool:
    clean = posixpath.normpath(point)
    return clean not in _NEVER_PLACES and _PLACES_OF_USERS.fullmatch(clean) is not None


def _hints(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    if facts.kind in {Kind.LOOP, Kind.FILE}:  # UDisks2 counts every loop device to the system
        return None
    if facts.hint_ignore:
        return Refusal(
            "ignored",
            _("This computer is set up to leave {name} alone.").format(name=facts.name),
            _("Its administrator has set UDISKS_IGNORE for it in a udev rule."),
            "HintIgnore",
        )
    if facts.hint_system:
        return Refusal(
            "system",
            _("{name} counts as part of this computer, not as a stick.").format(name=facts.name),
            _("Choose another device."),
            "HintSystem",
        )
    return None


def _carried(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    """Refuse what nobody carries about: internal disks and devices that the kernel made up."""
    if facts.kind in {Kind.LOOP, Kind.FILE}:
        return None
    if facts.virtual:
        return Refusal(
            "not-a-stick",
            _("{node} is neither a USB stick nor a memory card.").format(node=facts.name),
            _("“discwright devices” lists what can be written to."),
        )
    if facts.bus == "usb" or (facts.bus == "mmc" and facts.card == "SD"):
        return None
    if facts.bus != "mmc" and facts.removable:
        return None
    return Refusal(
        "internal",
        _("{name} is a disk inside this computer, not a stick.").format(name=facts.name),
        _("Choose a USB stick or a memory card."),
        f"bus {facts.bus or '?'}",
    )


def _empty(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    if facts.identity.size > 0:
        return None
    if facts.kind is Kind.FILE:
        return Refusal(
            "no-medium",
            _("{name} is an empty file: its size must be that of a stick.").format(name=facts.name),
            _("Make it larger, for example by “truncate -s 8G”."),
        )
    return Refusal(
        "no-medium",
        _("There is no medium in {name}, or it no longer says how large it is.").format(
            name=facts.name
        ),
        _("Insert a card, or plug the stick in anew."),
    )


def _held(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    if not facts.held_by and all(use.direct for use in facts.uses):
        return None
    names = facts.held_by or tuple(use.device for use in facts.uses if not use.direct)
    return Refusal(
        "held",
        _("{name} is in use: it is encrypted and unlocked, or part of a volume ({parts}).").format(
            name=facts.name, parts=", ".join(shown(one) for one in names)
        ),
        _("Lock or deactivate it, for example by ejecting it in the file manager, and try again."),
    )


def _unseen(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    return unseen_refusal(facts.name, facts.unseen) if facts.unseen else None


def unseen_refusal(name: str, unseen: tuple[str, ...]) -> Refusal:
    """Say that a file system on a stick is in use where it can't be unmounted from."""
    return Refusal(
        "held",
        _("{name} is in use where it can't be unmounted from here: {uses}.").format(
            name=name, uses=", ".join(shown(one) for one in unseen)
        ),
        _(
            "A container, a service or a program that lost its folder holds it. End that, or "
            "restart the computer, and try again."
        ),
    )


def _read_only(facts: StickFacts, _options: TargetOptions) -> Refusal | None:
    if not facts.read_only:
        return None
    return Refusal(
        "read-only",
        _("{name} is write-protected.").format(name=facts.name),
        _(
            "Move the lock on its side, if it has one. A stick that has become read-only by itself "
            "is worn out."
        ),
    )


def _large(facts: StickFacts, options: TargetOptions) -> Refusal | None:
    if options.large_ok or facts.kind in {Kind.LOOP, Kind.FILE}:
        return None
    if facts.rpm > 1 or (facts.rotating and not facts.removable and facts.bus == "usb"):
        return Refusal(
            "rotating",
            _("{name} ({size}) seems to be a hard disk, not a stick.").format(
                name=facts.name, size=size(facts.identity.size)
            ),
            _("If you are sure that it is the one to be overwritten, say so with --large."),
        )
    if facts.identity.size > LARGE:
        return Refusal(
            "large",
            _("{name} is unusually large for a stick: {size}.").format(
                name=facts.name, size=size(facts.identity.size)
            ),
            _("If you are sure that it is the one to be overwritten, say so with --large."),
        )
    return None


_RULES: tuple[Callable[[StickFacts, TargetOptions], Refusal | None], ...] = (
    _kind, _optical, _system, _hints, _carried, _empty, _held, _unseen, _read_only, _large,
)  # fmt: skip
"""In this order: the gravest reason is the one that is told."""
