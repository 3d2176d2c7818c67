# SPDX-License-Identifier: GPL-3.0-or-later
"""What copying a Windows installer to a stick will do, or why it will not be done. Pure.

Windows' discs hold their files in UDF and no partition table, so a stick with a plain copy of
the image doesn't start. One FAT partition with the files in it does, on UEFI: its firmware
reads FAT and looks for EFI/BOOT/BOOT*.EFI (UEFI 2.10, 3.5.1.1).
"""

from dataclasses import dataclass
from enum import StrEnum

from discwright.devices.targets import StickTarget
from discwright.image.contents import DiscFile
from discwright.stick.installer_loaders import (
    KINDS,
    directories_of,
    is_loader,
    uefi_names,
    waiting_place,
)
from discwright.stick.installer_names import (
    FAT32_LIMIT,
    clashes,
    cluster_of,
    fat_label,
    in_the_way,
    is_install_wim,
    mixed,
    path_problem,
    room_for,
    room_on,
)
from discwright.stick.installer_source import InstallerSource, Tools
from discwright.transfer.destination import FAT_FILE_LIMIT
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size

PART_MIB = 3800
"""MiB of each part of a split install.wim: below FAT's limit, as Microsoft's own advice has it."""

_MIB = 1 << 20
_SCRATCH_SPARE = 64 * _MIB


class PartitionTable(StrEnum):
    """How the stick is divided; the values are UDisks2's."""

    MBR = "dos"
    GPT = "gpt"


@dataclass(frozen=True)
class InstallerOptions:
    """What the user asks for."""

    table: PartitionTable = PartitionTable.MBR
    """MBR: one active partition of type 0x0C, to which a BIOS boot sector can be added."""
    unbootable_ok: bool = False
    """Copy the files although no computer will start from them."""
    eject: bool = False
    """Switch the stick off, or eject it, when it is done."""
    file_system: str = "vfat"
    """What UDisks2 shall make; firmware reads nothing but FAT."""
    file_limit: int = FAT_FILE_LIMIT
    """Bytes of the largest file."""
    part_mib: int = PART_MIB


@dataclass(frozen=True)
class InstallerPlan:
    """What will happen to one stick."""

    source: InstallerSource
    stick: StickTarget
    tools: Tools
    options: InstallerOptions
    files: tuple[DiscFile, ...]
    """What is copied first, in the order in which it lies on the disc."""
    split: DiscFile | None
    """The install.wim that is split."""
    loaders: tuple[DiscFile, ...]
    """What makes the stick start: copied when all else was found to be right."""
    waiting: str
    """The directory in which they wait until they are proved too."""
    label: str
    need: int
    """Bytes that it takes on the stick."""
    boot: str
    """What will start from the stick, in a sentence."""
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self.source.contents.size

    @property
    def password_needed(self) -> bool:
        """Whether the system will ask for a password: not for a removable stick."""
        return False


def plan_installer(
    source: InstallerSource,
    stick: StickTarget,
    tools: Tools,
    options: InstallerOptions | None = None,
) -> InstallerPlan | Refusal:
    """Say what copying these files to this stick will do, or why it will not be done."""
    options = options or InstallerOptions()
    large = [file for file in source.contents.files if file.size > options.file_limit]
    split = next((file for file in large if is_install_wim(file)), None)
    loaders = tuple(file for file in source.contents.files if is_loader(file))
    need = _need(source, stick, split, loaders, options)
    refusal = (
        _refuse_source(source)
        or _refuse_stick(source, stick, tools)
        or _refuse_names(source, split)
        or _refuse_large(source, large, split, options)
        or _refuse_unbootable(loaders, options)
        or _refuse_split(split, tools)
        or _refuse_room(stick, need)
    )
    if refusal is not None:
        return refusal
    first = [file for file in source.contents.files if file not in loaders and file is not split]
    boot = boot_sentence(source, loaders, options)
    return InstallerPlan(
        source=source,
        stick=stick,
        tools=tools,
        options=options,
        files=tuple(sorted(first, key=lambda file: file.offset)),
        split=split,
        loaders=loaders,
        waiting=waiting_place(source.contents),
        label=fat_label(source.label),
        need=need,
        boot=boot,
        warnings=_warnings(source, stick, split, boot),
    )


def refuse_expectation() -> Refusal:
    """Give the answer to who wants a checksum met that nobody will take."""
    return Refusal(
        "expect-installer",
        _("A Windows installer is copied file by file: no checksum of the image is met."),
        _("Check the image first: discwright verify IMAGE. Then write it without --expect."),
    )


def is_installer(source: InstallerSource) -> bool:
    """Whether this is an installer of Windows, by its boot manager and its images."""
    contents = source.contents
    names = {"/".join(parts).casefold() for parts in (file.parts for file in contents.files)}
    managers = {"bootmgr", "bootmgr.efi", *(f"efi/boot/{name}" for name in KINDS)}
    images = [f"{top}sources/{name}" for top in ("", "x64/", "x86/")
              for name in ("install.wim", "install.esd", "install.swm", "boot.wim")]  # fmt: skip
    return bool(names & managers) and any(image in names for image in images)


def boot_sentence(
    source: InstallerSource, loaders: tuple[DiscFile, ...], options: InstallerOptions
) -> str:
    """Say what starts from the stick."""
    kinds = [KINDS[name] for name in uefi_names(loaders)]
    if not kinds:
        return _("No computer will start from this stick.")
    uefi = _("Computers with UEFI ({kinds}) start from this stick.").format(kinds=", ".join(kinds))
    bios = _("Those with BIOS only won't: they need a boot sector of Windows' own.")
    if options.table is PartitionTable.MBR and source.contents.find("boot", "bootsect.exe"):
        bios += " " + _(
            "A computer with Windows can add it, by the stick's own boot\\bootsect.exe: "
            "“bootsect /nt60 X: /mbr”, where X is the stick."
        )
    return f"{uefi} {bios}"


def _refuse_source(source: InstallerSource) -> Refusal | None:
    if source.contents.damage:
        return Refusal(
            "damaged",
            _("Not all files of {name} can be found: {what}").format(
                name=source.name, what=source.contents.damage[0]
            ),
            _("Get the image again, or clean the disc."),
            " ".join(source.contents.damage),
        )
    if not is_installer(source):
        return Refusal(
            "not-an-installer",
            _("{name} is no installer of Windows.").format(name=source.name),
            _("Write the image to the stick as it is."),
        )
    return None


def _refuse_stick(source: InstallerSource, stick: StickTarget, tools: Tools) -> Refusal | None:
    if stick.regular_file:
        return Refusal(
            "file",
            _("{node} is a file: files can be copied only to a stick.").format(
                node=shown(stick.node)
            ),
            _("Choose a USB stick or a memory card."),
        )
    if stick.identity.number in source.devices:
        return Refusal(
            "image-on-target",
            _("The image lies on {stick} itself, which will be formatted.").format(
                stick=stick.name
            ),
            _("Copy the image to another disk first."),
        )
    if stick.size > FAT32_LIMIT:
        return Refusal(
            "too-large",
            _("{stick} is too large: FAT32 ends at {limit}.").format(
                stick=stick.name, limit=size(FAT32_LIMIT)
            ),
            _("Use a smaller stick."),
        )
    if tools.formatter_missing:
        return Refusal(
            "no-formatter",
            _("This system can't make FAT file systems: {program} is missing.").format(
                program=shown(tools.formatter_missing)
            ),
            _("Install the package dosfstools."),
        )
    return None


def _refuse_names(source: InstallerSource, split: DiscFile | None) -> Refusal | None:
    contents = source.contents
    paths = [file.parts for file in contents.files]
    for path in (*paths, *contents.directories):
        problem = path_problem(path)
        if problem:
            why = {"length": _("it is too long"), "device": _("Windows keeps it for a device")}.get(
                problem, f"“{shown(problem)}”"
            )
            return Refusal(
                "names",
                _("FAT32 can't have a file with the name {name}: {why}.").format(
                    name=shown("/".join(path)), why=why
                ),
                _("An installer from Microsoft has no such names: get the image again."),
            )
    found = [*clashes(paths), *mixed(paths, contents.directories)]
    if split is not None:
        found += in_the_way(split.parts, paths)
    for one, other in found:
        return Refusal(
            "clash",
            _("{one} and {other} have the same name on FAT32.").format(
                one=shown(one), other=shown(other)
            ),
            _("An installer from Microsoft has no such names: get the image again."),
        )
    return None


def _refuse_large(
    source: InstallerSource,
    large: list[DiscFile],
    split: DiscFile | None,
    options: InstallerOptions,
) -> Refusal | None:
    other = next((file for file in large if file is not split), None)
    if split is not None and split.path in source.unsplittable:
        other = split
    if other is None:
        return None
    return Refusal(
        "file-too-big",
        _("{name} has {size}. FAT32, which computers start from, ends at {limit} per file.").format(
            name=shown(other.path), size=size(other.size), limit=size(options.file_limit)
        ),
        _("It can't be split. Look for an image that has sources/install.wim instead.")
        if other.parts[-1].casefold() in {"install.esd", "install.wim"}
        else _("Burn the image to a disc instead."),
        f"{other.size} bytes",
    )


def _refuse_unbootable(loaders: tuple[DiscFile, ...], options: InstallerOptions) -> Refusal | None:
    if uefi_names(loaders) or options.unbootable_ok:
        return None
    return Refusal(
        "no-uefi",
        _(
            "No computer would start from this stick: the installer has no boot loader for UEFI, "
            "and one for BIOS can't be put on a stick here."
        ),
        _("Burn the image to a disc. To copy the files all the same, add --anyway."),
    )


def _refuse_split(split: DiscFile | None, tools: Tools) -> Refusal | None:
    if split is None:
        return None
    if not tools.wimlib:
        return Refusal(
            "no-wimlib",
            _(
                "{name} has {size}: it must be split to fit on FAT32, and the program for that, "
                "wimlib-imagex, is not installed."
            ).format(name=shown(split.path), size=size(split.size)),
            _("Install the package wimtools (Fedora: wimlib-utils, Arch: wimlib)."),
        )
    if tools.scratch_problem:
        return Refusal(
            "no-scratch",
            tools.scratch_problem,
            _("Set TMPDIR to a directory with {size} of free space.").format(size=size(split.size)),
        )
    short = split.size + _SCRATCH_SPARE - (tools.scratch_free or 0)
    if tools.scratch_free is not None and short > 0:
        return Refusal(
            "no-scratch",
            _(
                "To split {name}, {size} are needed for a while in {directory}, "
                "and {free} are free."
            ).format(
                name=shown(split.path),
                size=size(split.size + _SCRATCH_SPARE),
                directory=shown(str(tools.scratch)),
                free=size(tools.scratch_free),
            ),
            _("Free some space there, or set TMPDIR to another directory."),
            f"{short} bytes too few",
        )
    return None


def _refuse_room(stick: StickTarget, need: int) -> Refusal | None:
    room = room_on(stick.size)
    if need <= room:
        return None
    return Refusal(
        "too-big",
        _("The files need {need}, but {stick} has room for only {have}.").format(
            need=size(need), stick=stick.name, have=size(room)
        ),
        _("Use a larger stick."),
        f"{need} bytes of {room}",
    )


def _need(
    source: InstallerSource,
    stick: StickTarget,
    split: DiscFile | None,
    loaders: tuple[DiscFile, ...],
    options: InstallerOptions,
) -> int:
    cluster = max(cluster_of(stick.size), stick.logical_block)
    need = room_for(source.contents.files, source.contents.directories, cluster)
    waiting = directories_of(loaders)
    need += room_for((), (("place",), *waiting), cluster)  # for the loaders to wait in
    if split is not None:  # each part has its own header, table and description of the images
        parts = -(-split.size // (options.part_mib * _MIB)) + 1
        need += parts * (cluster + _MIB)
    return need


def _warnings(
    source: InstallerSource, stick: StickTarget, split: DiscFile | None, boot: str
) -> tuple[str, ...]:
    found = [boot]
    if stick.contents:
        found.insert(
            0,
            _("All that is on the stick will be lost: {what}.").format(
                what=", ".join(stick.contents)
            ),
        )
    if split is not None:
        found.append(
            _("{name} is too large for FAT32 and will be split; Windows' setup knows that.").format(
                name=shown(split.path)
            )
        )
    if source.published:
        found.append(
            _(
                "The checksum in {file} is not checked, as the files are copied and not the image. "
                "Check the image first: discwright verify IMAGE."
            ).format(file=source.published)
        )
    if stick.logical_block == 4096:
        found.append(_("Some computers don't start from sticks with blocks of 4096 bytes."))
    return tuple(found)
