# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names FAT takes, and how much room files take on it. Pure.

FAT: Microsoft's specification 1.03, long names in its section 7; cluster sizes as mkfs.fat 4.2
chooses them.
"""

import re
from collections.abc import Iterable, Sequence

from discwright.image.contents import DiscFile

FAT32_LIMIT = 2 << 40
"""Bytes that FAT32 with blocks of 512 bytes ends at: its sector count has 32 bits."""

_FORBIDDEN = frozenset('"*/:<>?\\|')
_MOST_UNITS = 255
_MOST_PATH_UNITS = 259
"""UTF-16 units of a path (Microsoft's specification, 7.1: 260 with the NUL at its end)."""
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")}
)
"""Names that Windows keeps for devices, whatever follows after a dot."""
_LABEL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ")
_LABEL_LENGTH = 11
_PARTS = re.compile(r"install[0-9]*\.swm", re.IGNORECASE)
_MIB = 1 << 20
_ENTRY = 32
_PER_ENTRY = 13
"""UTF-16 units of a long name that one directory entry holds."""
_AROUND = 3 * _MIB
"""Before and behind the partition, and the reserved sectors in it."""
_CLUSTERS = ((256 * _MIB, 8192), (8192 * _MIB, 4096), (16384 * _MIB, 8192), (32768 * _MIB, 16384))
"""Below so many bytes, clusters of so many; FAT16 has up to 8 KiB here."""
_LARGEST_CLUSTER = 32768


def path_problem(path: tuple[str, ...]) -> str:
    """Give why FAT, or Windows on it, can't have this; or "".

    That is the characters in the last name that it can't have, or one of the words "length" and
    "device".
    """
    if _units("/".join(path)) > _MOST_PATH_UNITS:
        return "length"
    return name_problem(path[-1])


def name_problem(name: str) -> str:
    """Give why FAT can't have a file of this name; see :func:`path_problem`."""
    bad = "".join(sorted({ch for ch in name if ch in _FORBIDDEN or ch < " " or _lone(ch)}))
    if bad:
        return bad
    if name.endswith((".", " ")) or name.startswith(" "):
        return name[-1] if name[-1] in ". " else " "
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        return "device"
    return "length" if _units(name) > _MOST_UNITS or not name else ""


def clashes(paths: Iterable[tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """Give the pairs of paths that are one on FAT, where upper and lower case are the same.

    A directory that differs only in case from another is one with it and no clash.
    """
    seen: dict[tuple[str, ...], tuple[str, ...]] = {}
    found = []
    for path in paths:
        key = tuple(_folded(part) for part in path)
        if key in seen:
            found.append(("/".join(seen[key]), "/".join(path)))
        seen.setdefault(key, path)
    return tuple(found)


def mixed(
    files: Iterable[tuple[str, ...]], directories: Iterable[tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Give the files that have the name of a directory, and that directory."""
    names = {tuple(_folded(part) for part in path): path for path in directories}
    return tuple(
        ("/".join(path), "/".join(names[key]))
        for path in files
        if (key := tuple(_folded(part) for part in path)) in names
    )


def is_install_wim(file: DiscFile) -> bool:
    """Whether Windows' setup also takes this file in parts (install.swm)."""
    return [part.casefold() for part in file.parts[-2:]] == ["sources", "install.wim"]


def in_the_way(
    wim: tuple[str, ...], paths: Iterable[tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Give the files that lie where a part of this install.wim may come to lie, and that part."""
    folder = tuple(_folded(part) for part in wim[:-1])
    return tuple(
        ("/".join(path), "/".join((*wim[:-1], path[-1].lower())))
        for path in paths
        if tuple(_folded(part) for part in path[:-1]) == folder and is_wim_part(path[-1])
    )


def is_wim_part(name: str) -> bool:
    """Whether a part of a split install.wim has such a name."""
    return _PARTS.fullmatch(name) is not None


def fat_label(label: str) -> str:
    """Make a volume label of FAT of the disc's: 11 capital letters, digits, "_", "-" and " "."""
    clean = "".join(ch if ch in _LABEL else "_" for ch in label.upper())
    clean = clean[:_LABEL_LENGTH].strip(" _-")
    return clean or "WINDOWS"


def cluster_of(size: int) -> int:
    """Give the bytes of a cluster of a new FAT of ``size`` bytes; rather too many than too few."""
    return next((cluster for below, cluster in _CLUSTERS if size < below), _LARGEST_CLUSTER)


def room_on(size: int) -> int:
    """Give the bytes for files on a stick of ``size`` bytes with one new FAT."""
    clusters = max(0, size - _AROUND) // cluster_of(size)
    tables = 2 * 4 * (clusters + 2)
    return max(0, size - _AROUND - tables)


def room_for(
    files: Sequence[DiscFile], directories: Iterable[tuple[str, ...]], cluster: int
) -> int:
    """Give the bytes that files and directories take in whole clusters."""
    entries: dict[tuple[str, ...], int] = {(): 2}
    for directory in directories:
        entries.setdefault(directory, 2)
    for path in [file.parts for file in files] + [one for one in entries if one]:
        entries[path[:-1]] = entries.get(path[:-1], 2) + 1 + -(-_units(path[-1]) // _PER_ENTRY)
    taken = sum(_rounded(file.size, cluster) for file in files)
    return taken + sum(_rounded(count * _ENTRY, cluster) for count in entries.values())


def _rounded(size: int, cluster: int) -> int:
    return -(-size // cluster) * cluster


def _units(name: str) -> int:
    return len(name.encode("utf-16-le", "surrogatepass")) // 2


def _lone(ch: str) -> bool:
    return "\ud800" <= ch <= "\udfff"


def _folded(name: str) -> str:
    return name.upper().casefold()
