# SPDX-License-Identifier: GPL-3.0-or-later
"""What writing an image to a stick will do, or why it will not be done. Pure.

A :class:`WritePlan` writes the image byte by byte. Images that don't start a computer this way
are refused with the reason; for Windows installers ``installer_plan`` plans to copy their files.
"""

import re
from dataclasses import dataclass, replace

from discwright.devices.targets import StickTarget
from discwright.image.boot import BootReport
from discwright.image.expected import Expected
from discwright.optical.isolike import disc_warnings, refuse_disc
from discwright.stick.source import Table, WriteSource
from discwright.transfer.digests import ALGORITHMS
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size


@dataclass(frozen=True)
class WriteOptions:
    """What the user asks for."""

    verify: bool = True
    """Read everything back. The first MiB is always read back."""
    expect: tuple[Expected, ...] = ()
    """Checksums that the user gives; then those beside the image don't count."""
    published: bool = True
    """Heed checksum files beside the image."""
    block_map: bool = True
    """Heed a .bmap beside the image."""
    unbootable_ok: bool = False
    """Write images from which no computer will start."""
    probe: bool = True
    """Take a sample of whether the stick holds what it says."""
    eject: bool = False
    """Switch the stick off, or eject it, when it is done."""
    retries: int = 3
    """Further tries for a sector of a disc that can't be read."""


@dataclass(frozen=True)
class WritePlan:
    """What will happen to one stick."""

    source: WriteSource
    stick: StickTarget
    options: WriteOptions
    expected: tuple[Expected, ...] = ()
    """Checksums that are decided on before the stick becomes bootable."""
    warnings: tuple[str, ...] = ()
    """What the user should know before; sentences."""

    @property
    def size(self) -> int | None:
        """Bytes of the image; None if not known before it is unpacked."""
        return self.source.size

    @property
    def password_needed(self) -> bool:
        """Whether the system will ask for an administrator's password."""
        return not self.stick.may_open


def plan_write(
    source: WriteSource, stick: StickTarget, options: WriteOptions
) -> WritePlan | Refusal:
    """Say what writing this image to this stick will do, or why it will not be done."""
    expected = options.expect or (source.expected if options.published else ())
    refusal = (
        _refuse_disc(source)
        or _refuse_size(source, stick)
        or _refuse_place(source, stick)
        or _refuse_unbootable(source, options)
        or _refuse_blocks(source, stick)
        or (refuse_map(source, stick) if options.block_map else None)
        or _refuse_checksums(expected)
    )
    return refusal or WritePlan(source, stick, options, expected, _warnings(source, stick, options))


def _refuse_disc(source: WriteSource) -> Refusal | None:
    """Refuse what one run of 2048-byte sectors can't hold."""
    refusal = None if source.disc is None else refuse_disc(source.disc)
    return None if refusal is None else replace(refusal, remedy="")


def _refuse_size(source: WriteSource, stick: StickTarget) -> Refusal | None:
    name = source.name
    if source.file_size == 0 or source.size == 0:
        return Refusal(
            "empty", _("The image {name} is empty.").format(name=name), _("Get the image again.")
        )
    least = max(source.size or 0, source.block_map.image_size if source.block_map else 0)
    if least > stick.size:
        return Refusal(
            "too-big",
            _("The image needs {need}, but {stick} holds only {have}.").format(
                need=size(least), stick=stick.name, have=size(stick.size)
            ),
            _("Use a larger stick."),
            f"{least} bytes of {stick.size}",
        )
    return None


def _refuse_place(source: WriteSource, stick: StickTarget) -> Refusal | None:
    if stick.identity.number not in source.devices:
        return None
    return Refusal(
        "image-on-target",
        _("The image lies on {stick} itself, which would be overwritten.").format(stick=stick.name),
        _("Copy the image to another disk first."),
    )


def _refuse_unbootable(source: WriteSource, options: WriteOptions) -> Refusal | None:
    boot = source.boot
    if boot is None or options.unbootable_ok or _starts(boot):
        return None
    if boot.windows_installer and source.packed:
        return Refusal(
            "windows-packed",
            _(
                "This is the packed image of a Windows installer for discs: its files must be "
                "copied to a stick one by one, and only an unpacked image gives them."
            ),
            _("Unpack it first, then write what is inside."),
        )
    if boot.windows_installer:
        return Refusal(
            "windows",
            _(
                "This is a Windows installer for discs: a stick with a plain copy of it doesn't "
                "start. Its files must be copied one by one."
            ),
            _("Choose to copy the files, or burn the image to a disc."),
        )
    if boot.disc_bios or boot.disc_uefi:
        return Refusal(
            "not-hybrid",
            _(
                "A computer starts from this image only on a disc: it has no partition table, so "
                "a stick with it wouldn't start."
            ),
            _(
                "Burn it to a disc, or look for an image made for USB sticks. To write it all the "
                "same, add --anyway."
            )
            if source.disc is None
            else _(
                "Look for an image made for USB sticks. To write it all the same, add --anyway."
            ),
        )
    return None


def _starts(boot: BootReport) -> bool:
    return boot.stick_bios or boot.stick_uefi


def _refuse_blocks(source: WriteSource, stick: StickTarget) -> Refusal | None:
    """Refuse partition tables that would be read at other places than they lie (4Kn sticks)."""
    made_for = {Table.BLOCKS_512: 512, Table.BLOCKS_4096: 4096}.get(source.table)
    if stick.logical_block == 1 or made_for is None or made_for == stick.logical_block:
        return None
    return Refusal(
        "block-size",
        _(
            "The image is made for sticks with blocks of {image} bytes, and {stick} has blocks of "
            "{own}: its partition table would be looked for at the wrong place."
        ).format(image=made_for, stick=stick.name, own=stick.logical_block),
        _("Use another stick."),
        f"logical block {stick.logical_block}",
    )


def refuse_map(source: WriteSource, stick: StickTarget) -> Refusal | None:
    """Refuse a block map that isn't of this image, or not for this stick."""
    there = source.block_map
    if there is None:
        return None
    fits = source.size is None or source.size == there.image_size
    if not fits:
        return Refusal(
            "block-map",
            _("The block map {name} is of another image: it speaks of {n} bytes.").format(
                name=shown(there.path.name), n=there.image_size
            ),
            _("Get image and block map again, or move the block map away: then all of it counts."),
            f"{there.image_size} bytes, the image has {source.size}",
        )
    if there.block_size % stick.logical_block:
        return Refusal(
            "block-map",
            _("The block map {name} counts in blocks that {stick} doesn't have.").format(
                name=shown(there.path.name), stick=stick.name
            ),
            _("Move the block map away: then the whole image counts."),
            f"{there.block_size} bytes, the stick's are {stick.logical_block}",
        )
    return None


def _refuse_checksums(expected: tuple[Expected, ...]) -> Refusal | None:
    for one in expected:
        if one.algorithm not in ALGORITHMS:
            return Refusal(
                "hash",
                _("There is no checksum called “{name}” here.").format(name=shown(one.algorithm)),
                _("Choose from: {names}.").format(names=", ".join(ALGORITHMS)),
            )
        if not re.fullmatch(r"[0-9a-f]{8,128}", one.digest):
            return Refusal(
                "hash",
                _("“{digest}” is no checksum.").format(digest=shown(one.digest, 40)),
                _("Give it as sha256: and 64 hexadecimal digits."),
            )
    return None


def _warnings(source: WriteSource, stick: StickTarget, options: WriteOptions) -> tuple[str, ...]:
    found = []
    if stick.contents:
        what = ", ".join(stick.contents)
        found.append(_("All that is on the stick will be lost: {what}.").format(what=what))
    if source.size is None:
        found.append(
            _(
                "How large the image is becomes known only when it is unpacked. If the stick is "
                "too small, the writing stops and the stick won't start a computer."
            )
        )
    if source.boot is None:
        found.append(_("Whether a computer starts from it isn't known before it is unpacked."))
    elif not _starts(source.boot) and not source.boot.raspberry_pi:
        found.append(_("No PC will start from this stick."))
    if source.boot is not None:
        found += source.boot.remarks
    if stick.logical_block == 4096 and source.table is Table.NONE:
        found.append(_("Some computers don't start from sticks with blocks of 4096 bytes."))
    if source.empty:
        found.append(_("The image begins with nothing but zeros: it may not be what you want."))
    if not options.verify:
        found.append(_("What is written won't be read back, so errors may stay unnoticed."))
    if source.disc is not None:
        found += (one for one in disc_warnings(source.disc) if one not in found)
    return (*found, *source.remarks)
