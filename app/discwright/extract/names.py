# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which names the files of a disc are put into a folder. Pure.

A disc's names are a stranger's. What is made of them names one entry of one directory, is safe to
show, fits the file system there, and no two are one. Nothing is ever put above the folder.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 255
"""Bytes of a name that Linux's file systems take (NAME_MAX)."""

_LONGEST_SUFFIX = 16
_FORBIDDEN = frozenset('"*:<>?\\|')
"""What FAT, exFAT and NTFS can't have in a name, beside control characters."""

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks of bidirectional text (UAX #9), by which "gpj.exe" passes for "exe.jpg"."""

_INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

_WINDOWS = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3"})
_FOLDING = _WINDOWS | {"hfs", "hfsplus", "apfs"}

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """What the file system of the folder makes of names."""

    folds: bool = False
    """Upper and lower case, and the ways to write an accent, are one."""
    windows: bool = False
    """Some characters, and a blank or dot at the end, can't be."""


def rules_of(file_system: str) -> Rules:
    """Give the rules of a file system by the kernel's name for it."""
    return Rules(folds=file_system in _FOLDING, windows=file_system in _WINDOWS)


def safe_name(name: str, rules: Rules) -> str:
    """Make one name of a disc fit to be an entry of a directory."""
    clean = "".join(_safe(ch, rules) for ch in name)
    if rules.windows and clean.rstrip(" .") != clean:
        bare = clean.rstrip(" .")
        clean = bare + "_" * (len(clean) - len(bare))
    if clean in {"", ".", ".."}:
        clean = clean.replace(".", "_") or "_"
    return _shortened(clean, "")


def lay_out(directories: Iterable[Parts], files: Iterable[Parts], rules: Rules) -> "Places":
    """Give each a place of its own below the folder; names that are fine as they are go first.

    ``directories``: each after the one that it is in. A directory that is named twice is one.
    """
    return Places(tuple(dict.fromkeys(directories)), tuple(files), rules)


class Places:
    """Where directories and files go."""

    def __init__(
        self, directories: tuple[Parts, ...], files: tuple[Parts, ...], rules: Rules
    ) -> None:
        self._rules = rules
        self._taken: dict[Parts, set[str]] = {}
        self._counters: dict[tuple[Parts, str], int] = {}
        self.directories: dict[Parts, Parts] = {(): ()}
        """By their names on the disc."""
        self.files: list[Parts] = [()] * len(files)
        """In the order of the files."""
        self.renamed: list[tuple[str, str]] = []
        """Old and new path of what could not keep its name."""
        by_parent: dict[Parts, list[Parts]] = {}
        for one in directories:
            by_parent.setdefault(one[:-1], []).append(one)
        pending: list[Parts] = [()]
        while pending:
            children = by_parent.get(pending.pop(), [])
            for one in sorted(children, key=self._changes):
                self.directories[one] = self._place(one)
                pending.append(one)
        for number in sorted(range(len(files)), key=lambda n: self._changes(files[n])):
            self.files[number] = self._place(files[number])

    def _changes(self, one: Parts) -> bool:
        return safe_name(one[-1], self._rules) != one[-1]

    def _place(self, one: Parts) -> Parts:
        parent = self.directories[one[:-1]]
        taken = self._taken.setdefault(parent, set())
        wanted = name = safe_name(one[-1], self._rules)
        count = self._counters.get((parent, self._key(wanted)), 1)
        while self._key(name) in taken:
            count += 1
            name = _shortened(wanted, f" ({count})")
        self._counters[parent, self._key(wanted)] = count
        taken.add(self._key(name))
        if name != one[-1]:
            self.renamed.append(("/".join(one), "/".join((*parent, name))))
        return (*parent, name)

    def _key(self, name: str) -> str:
        if not self._rules.folds:
            return name
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def stays_inside(link: str, depth: int) -> bool:
    """Whether a symbolic link in a real directory so deep below the folder stays below it.

    ".." only at its beginning: behind a name it would leave where that name leads to, which may be
    another link.
    """
    if (
        not link
        or link.startswith("/")
        or "\0" in link
        or len(link.encode("utf-8", "replace")) > (4095)
    ):
        return False
    parts = [part for part in link.split("/") if part not in {"", "."}]
    ups = 0
    while ups < len(parts) and parts[ups] == "..":
        ups += 1
    return ups <= depth and ".." not in parts[ups:]


def _safe(ch: str, rules: Rules) -> str:
    if "\udc80" <= ch <= "\udcff":  # a byte that is no UTF-8 (PEP 383): mostly Latin-1
        ch = chr(ord(ch) - 0xDC00)
    if ch in "/\ufeff" or ch in _DIRECTIONS or unicodedata.category(ch) in _INVISIBLE:
        return "_"
    return "_" if rules.windows and ch in _FORBIDDEN else ch


def _shortened(name: str, number: str) -> str:
    """Put a number before the suffix; cut the name so that all of it fits."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    room = LONGEST - len((number + dot + suffix).encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore")
    return kept + number + dot + suffix
