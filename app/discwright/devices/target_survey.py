# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers the facts about what shall be written to: udev, sysfs, mounts, swap, UDisks2.

Nothing is opened: a look wakes no device. What can't be found out is left at its cautious value.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyudev

from discwright.devices.block import SECTOR_512, BlockDevice
from discwright.devices.identity import Identity, file_number, serial_of
from discwright.devices.layers import SWAP, InUse, Layer, Layers, Use, all_below, held_by, uses_of
from discwright.devices.mounts import Mount, device_number, parse_mounts
from discwright.devices.stick import stick
from discwright.devices.targets import Kind, StickFacts
from discwright.devices.udev import snapshot
from discwright.devices.udisks_sticks import Hints, hints_of
from discwright.devices.unseen import alive_on, mounts_elsewhere
from discwright.wording import _, shown, size


@dataclass(frozen=True)
class Places:
    """Where to look; other ones in tests."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")


def survey_target(
    path: str | Path, *, ask_udisks: bool = True, places: Places | None = None
) -> StickFacts:
    """Find out all about a device node or file that shall be written to. Never raises."""
    places = places or Places()
    try:
        node = os.path.realpath(path)
        status = Path(node).stat()
    except (OSError, ValueError):
        return StickFacts(str(path), Kind.MISSING)
    may_open = os.access(node, os.R_OK | os.W_OK)
    if stat.S_ISREG(status.st_mode):
        return StickFacts(
            node,
            Kind.FILE,
            Identity(status.st_size, number=file_number(status)),
            read_only=not may_open,
            held_by=tuple(name for name, _dev, file in _loops(places) if file == Path(node)),
            may_open=may_open,
        )
    if not stat.S_ISBLK(status.st_mode):
        return StickFacts(node, Kind.OTHER)
    number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    folder = Path(os.path.realpath(places.sys / "dev/block" / number))
    if (folder / "partition").exists():
        disk = f"/dev/{folder.parent.name.replace('!', '/')}"
        return StickFacts(node, Kind.PARTITION, Identity(0, number=number), disk=disk)
    hints = hints_of(node) if ask_udisks else None
    return _disk(node, folder, may_open=may_open, hints=hints, places=places)


def devices_below_file(path: Path, places: Places | None = None) -> frozenset[str]:
    """Give the numbers of the devices that a file lies on, and of the file itself.

    Empty if it can't be found out. For :func:`discwright.devices.targets.judge_target`.
    """
    places = places or Places()
    try:
        resolved = path.resolve(strict=True)
        status = resolved.stat()
    except (OSError, ValueError, RuntimeError):
        return frozenset()
    found = {file_number(status)}
    layers = read_layers(places)
    found |= {loop for _name, loop, file in _loops(places) if file == resolved}
    if stat.S_ISBLK(status.st_mode):
        number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        return frozenset(all_below(number, layers))
    for number in _numbers_of_file(resolved, read_mounts(places), places):
        found |= all_below(number, layers)
    return frozenset(found | _backing_files(found, places))


def _disk(
    node: str, folder: Path, *, may_open: bool, hints: Hints | None, places: Places
) -> StickFacts:
    number = _text(folder / "dev")
    block = _udev(folder)
    told = stick(block)
    mounts = read_mounts(places)
    layers = read_layers(places, mounts)
    loop = (folder / "loop").is_dir()
    uses = _uses(number, layers, systems_in_use(mounts, places), hints)
    return StickFacts(
        node=node,
        kind=Kind.LOOP if loop else Kind.DISK,
        identity=Identity(
            size=_number(folder / "size") * SECTOR_512,
            diskseq=_number(folder / "diskseq") or None,
            serial=serial_of(folder),
            number=number,
        ),
        vendor=told.vendor,
        model=told.model,
        bus=block.bus,
        card=_text(folder / "device/type") if block.bus == "mmc" else "",
        removable=_text(folder / "removable") == "1",
        rotating=_text(folder / "queue/rotational") == "1",
        rpm=block.count("ID_ATA_ROTATION_RATE_RPM"),
        optical=block.optical,
        virtual=block.virtual,
        read_only=_text(folder / "ro") == "1",
        hint_system=None if hints is None else hints.system,
        hint_ignore=None if hints is None else hints.ignore,
        uses=uses,
        held_by=(
            *(held_by(number, layers) or _bcache(folder)),
            *pools_on(_parts(folder, block), places),
        ),
        unseen=_unseen(folder, {use.device for use in uses}, places),
        contents=_contents(folder, block),
        logical_block=_number(folder / "queue/logical_block_size") or SECTOR_512,
        max_request=_number(folder / "queue/max_sectors_kb") * 1024,
        may_open=may_open,
    )


def unseen_on(node: str, places: Places | None = None) -> tuple[str, ...]:
    """Say what keeps a disk in use that this process has mounted nowhere; () if nothing does.

    For who has just unmounted what it could: others may have mounted the same.
    """
    places = places or Places()
    folder = Path(os.path.realpath(places.sys / "class/block" / Path(node).name))
    mounted = {mount.number for mount in read_mounts(places)}
    seen = {one.name for one in _names(folder) if _text(one / "dev") in mounted}
    return _unseen(folder, seen, places)


def _unseen(folder: Path, seen: set[str], places: Places) -> tuple[str, ...]:
    """Give the uses of a disk and its partitions without those whose names are in ``seen``."""
    parts = {_text(one / "dev"): one.name for one in _names(folder) if one.name not in seen}
    elsewhere = [one for one in mounts_elsewhere(places.proc) if one.mount.number in parts]
    if elsewhere:
        return tuple(one.words for one in elsewhere)
    return tuple(
        f"{kind}, {name}"
        for name in parts.values()
        for kind in alive_on(name, places.sys, places.proc)
    )


def _names(folder: Path) -> list[Path]:
    """Give the folders of a disk and its partitions."""
    return [folder, *(part.parent for part in sorted(folder.glob("*/partition")))]


def _bcache(folder: Path) -> tuple[str, ...]:
    """Say whether a disk is in use as a cache to which nothing is attached yet."""
    return ("bcache",) if any((one / "bcache").is_dir() for one in _names(folder)) else ()


def _loops(places: Places) -> Iterator[tuple[str, str, Path]]:
    """Give name, number and file of each loop device.

    None of the files is looked at: one on a dead network drive would hang.
    """
    for folder in _listed(places.sys / "class/block"):
        if backing := _text(folder / "loop/backing_file"):
            yield folder.name, _text(folder / "dev"), Path(backing)


def _backing_files(numbers: set[str], places: Places) -> set[str]:
    """Give the Identity numbers of the files behind those devices that are loop devices."""
    found = set()
    for _name, number, behind in _loops(places):
        if number in numbers:
            with suppress(OSError, ValueError):
                found.add(file_number(behind.stat()))
    return found


def pools_on(parts: Iterable[BlockDevice], places: Places) -> tuple[str, ...]:
    """Give the ZFS pools in use that a disk with these parts belongs to; nothing else tells.

    The label of a part is its pool's name, and the kernel module has a folder for each pool that
    is imported.
    """
    names = (
        part.properties.get("ID_FS_LABEL", "")
        for part in parts
        if part.properties.get("ID_FS_TYPE") == "zfs_member"
    )
    pools = {one.name for one in _listed(places.proc / "spl/kstat/zfs")}
    return tuple(dict.fromkeys(name for name in names if name in pools))


def read_mounts(places: Places) -> tuple[Mount, ...]:
    """Give what is mounted where, in the order of mounting."""
    with suppress(OSError):
        return parse_mounts((places.proc / "self/mountinfo").read_text("utf-8", "surrogateescape"))
    return ()


def read_layers(places: Places, mounts: tuple[Mount, ...] | None = None) -> Layers:
    """Give all block devices and what each rests on, from sysfs."""
    mounts = read_mounts(places) if mounts is None else mounts
    found = {}
    for folder in _listed(places.sys / "class/block"):
        number = _text(folder / "dev")
        if not number:
            continue
        partition = (folder / "partition").exists()
        below = [_text(one / "dev") for one in _listed(folder / "slaves")]
        if partition:
            below.append(_text(Path(os.path.realpath(folder)).parent / "dev"))
        backing = _text(folder / "loop/backing_file")
        if backing:
            below += _numbers_of_file(Path(backing), mounts, places)
        name = _text(folder / "dm/name") or folder.name
        found[number] = Layer(number, name, tuple(filter(None, below)), partition)
    return found


def systems_in_use(mounts: tuple[Mount, ...], places: Places) -> tuple[InUse, ...]:
    """Give all file systems and swap spaces in use, and the devices that each lies on."""
    pools = _btrfs(places)
    uses = [InUse(mount.point, _numbers(mount, pools)) for mount in mounts]
    uses += [
        InUse(mount.point, _numbers_of_overlay(mount, mounts, pools), overlay=True)
        for mount in mounts
        if mount.layers
    ]
    for line in _text(places.proc / "swaps").splitlines()[1:]:
        name = _unescaped(line.split()[0])
        number = device_number(name)
        numbers = (number,) if number else _numbers_of_file(Path(name), mounts, places)
        uses.append(InUse(SWAP, numbers))
    return tuple(use for use in uses if use.numbers)


def _numbers(mount: Mount, pools: tuple[frozenset[str], ...]) -> tuple[str, ...]:
    """Give the devices of a mount; Btrfs and FUSE show numbers of their own, so ask the source."""
    number = mount.number
    if number.startswith("0:"):
        number = device_number(mount.source)
    pool = next((pool for pool in pools if number in pool), None)
    if pool is not None:
        return tuple(sorted(pool))
    return (number,) if number else ()


def _numbers_of_file(path: Path, mounts: tuple[Mount, ...], places: Places) -> tuple[str, ...]:
    """Give the devices of the file system that a resolved path lies on."""
    mount, pools = _mount_of(path, mounts), _btrfs(places)
    if mount is None:
        return ()
    return _numbers(mount, pools) + _numbers_of_overlay(mount, mounts, pools)


def _numbers_of_overlay(
    overlay: Mount, mounts: tuple[Mount, ...], pools: tuple[frozenset[str], ...]
) -> tuple[str, ...]:
    """Give the devices of the directories that an overlay is made of; () for other mounts.

    A directory may be unmounted by its name and still be in use by the overlay.
    """
    found: list[str] = []
    for directory in overlay.layers:
        mount = _mount_of(Path(directory), mounts)
        if mount is not None and not mount.layers:
            found += _numbers(mount, pools)
    return tuple(dict.fromkeys(found))


def _mount_of(path: Path, mounts: tuple[Mount, ...]) -> Mount | None:
    """Give the mount that a resolved path lies on."""
    longest: Mount | None = None
    for mount in mounts:
        inside = path == Path(mount.point) or Path(mount.point) in path.parents
        if inside and (longest is None or len(mount.point) >= len(longest.point)):
            longest = mount
    return longest


def _btrfs(places: Places) -> tuple[frozenset[str], ...]:
    """Give the devices of each Btrfs that is mounted: it may lie on several."""
    return tuple(
        frozenset(_text(device / "dev") for device in _listed(pool / "devices")) - {""}
        for pool in _listed(places.sys / "fs/btrfs")
    )


def _uses(
    number: str, layers: Layers, in_use: tuple[InUse, ...], hints: Hints | None
) -> tuple[Use, ...]:
    """Join what this process sees and what UDisks2 sees outside of a sandbox."""
    found = uses_of(number, layers, in_use)
    seen = {use.point for use in found}
    others = hints.mounts if hints is not None else ()
    return (
        *found,
        *(Use(point, name, direct=True) for name, point in others if point not in seen),
    )


def _udev(folder: Path) -> BlockDevice:
    with suppress(ImportError, OSError, pyudev.DeviceNotFoundError):
        return snapshot(pyudev.Devices.from_sys_path(pyudev.Context(), str(folder)))
    return BlockDevice(str(folder))


def _parts(folder: Path, whole: BlockDevice) -> list[BlockDevice]:
    """Give a disk and its partitions."""
    return [whole, *(_udev(part) for part in _names(folder)[1:])]


def _contents(folder: Path, whole: BlockDevice) -> tuple[str, ...]:
    lines = []
    for part in _parts(folder, whole):
        kind = part.properties.get("ID_FS_TYPE", "")
        labels = stick(part).labels
        if not kind and not labels:
            continue
        length = size(_number(Path(part.sys_path) / "size") * SECTOR_512)
        words = {"label": labels[0] if labels else "", "kind": shown(kind), "size": length}
        lines.append(
            _("“{label}” ({kind}, {size})").format(**words)
            if labels
            else _("no name ({kind}, {size})").format(**words)
        )
    return tuple(lines)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "surrogateescape").strip()
    except OSError:
        return ""


def _number(file: Path) -> int:
    text = _text(file)
    return int(text) if text.isascii() and text.isdecimal() else 0


def _unescaped(name: str) -> str:
    r"""Undo the escapes of /proc/swaps: blanks are ``\040``."""
    return name.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
