# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems a disc or image holds, what they are called and where they end."""

from dataclasses import dataclass
from enum import StrEnum

from discwright.image.hfs import read_hfs
from discwright.image.iso9660 import descriptors, has_rock_ridge, iso_volumes
from discwright.image.sectors import Sectors
from discwright.image.udf import read_udf
from discwright.transfer.reader import SectorReader
from discwright.wording import _

_NOBODYS_LABELS = frozenset(
    {"linuxudf", "cdrom", "cd_rom", "undefined", "isoimage", "new", "no name", "untitled"}
)
"""What mastering programs write when nobody gave the disc a name (casefolded)."""


class FileSystem(StrEnum):
    """A file system, in the words that people know."""

    ISO9660 = "ISO 9660"
    JOLIET = "Joliet"
    ROCK_RIDGE = "Rock Ridge"
    UDF = "UDF"
    HFS = "HFS"
    HFS_PLUS = "HFS+"


@dataclass(frozen=True)
class VolumeEnd:
    """Where one descriptor says that its file system ends: sectors from LBA 0 of the disc."""

    source: str
    """Which descriptor says so: "iso9660", "udf", "hfs"."""
    sectors: int


@dataclass(frozen=True)
class Volumes:
    """What was found in the descriptors; everything here is the disc's own, untrusted word."""

    file_systems: tuple[FileSystem, ...] = ()
    label: str = ""
    """The volume's name, already safe to show; "" if it has none."""
    ends: tuple[VolumeEnd, ...] = ()
    created: str = ""
    """When the volume says that it was made, ISO 8601; "" if it doesn't."""
    publisher: str = ""
    application: str = ""
    remarks: tuple[str, ...] = ()
    """What is wrong with the descriptors, in sentences."""


def read_volumes(reader: SectorReader, session_start: int = 0) -> Volumes:
    """Read the descriptors of the file systems of a disc or image, and nothing else.

    ``session_start``: the first sector of the session to look at. Unreadable sectors become
    remarks. Raises ReadError only if the reader's sectors are not 2048 bytes.
    """
    sectors = Sectors(reader)
    found = list(descriptors(sectors, session_start))
    isos = iso_volumes(found)
    udf = hfs = None
    if any(one.identifier in {b"NSR02", b"NSR03"} for one in found):
        udf = read_udf(sectors, session_start)
    if session_start == 0:
        hfs = read_hfs(sectors)

    systems: list[FileSystem] = []
    ends: list[VolumeEnd] = []
    remarks: list[str] = []
    for iso in isos:
        systems.append(FileSystem.JOLIET if iso.joliet else FileSystem.ISO9660)
        remarks += [remark for remark in iso.remarks if remark not in remarks]
        if not iso.joliet:
            if iso.sectors:
                # A later session's descriptor counts only its own blocks.
                ends.append(VolumeEnd("iso9660", session_start + iso.sectors))
            if has_rock_ridge(sectors, iso):
                systems.append(FileSystem.ROCK_RIDGE)
    if udf is not None:
        systems.append(FileSystem.UDF)
        remarks += udf.remarks
        if udf.sectors:
            ends.append(VolumeEnd("udf", udf.sectors))
    elif any(one.identifier in {b"NSR02", b"NSR03"} for one in found):
        remarks.append(_("A UDF file system is announced, but its descriptors are missing."))
    if hfs is not None:
        systems.append(FileSystem.HFS_PLUS if hfs.plus else FileSystem.HFS)
        ends.append(VolumeEnd("hfs", hfs.sectors))
    if sectors.unreadable:
        remarks.append(_unreadable(sectors.unreadable))

    labels = [udf.label if udf else ""]
    labels += [iso.label for iso in isos if iso.joliet]
    labels += [iso.label for iso in isos if not iso.joliet]
    labels += [hfs.label if hfs else ""]
    return Volumes(
        file_systems=tuple(systems),
        label=best_label(labels),
        ends=tuple(ends),
        created=_first([iso.created for iso in isos] + [udf.created if udf else ""]),
        publisher=_first([iso.publisher for iso in isos]),
        application=_first([iso.application for iso in isos] + [udf.application if udf else ""]),
        remarks=tuple(remarks),
    )


def best_label(labels: list[str]) -> str:
    """Choose among the names that a disc bears, the one that people know.

    ``labels`` in order of preference. A name that a program put in by itself gives way to one
    that somebody chose; a name cut short (Joliet keeps 16 characters) to its full form.
    """
    named = [label for label in labels if label]
    chosen = [label for label in named if label.casefold() not in _NOBODYS_LABELS] or named
    if not chosen:
        return ""
    best = chosen[0]
    for other in chosen[1:]:
        if len(other) > len(best) and _plain(other).startswith(_plain(best)):
            best = other
    return best


def _plain(label: str) -> str:
    return label.casefold().replace("_", " ")


def _first(texts: list[str]) -> str:
    return next((text for text in texts if text), "")


def _unreadable(lbas: list[int]) -> str:
    listed = ", ".join(str(lba) for lba in lbas[:8]) + (" …" if len(lbas) > 8 else "")
    return _("These sectors that describe the disc can't be read: {where}.").format(where=listed)
