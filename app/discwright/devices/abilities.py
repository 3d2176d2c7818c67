# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive says that it can do, asked through libcdio of a drive that is already open."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from discwright.wording import shown

_READS = (
    ("READ_CD_R", "CD-R"),
    ("READ_CD_RW", "CD-RW"),
    ("READ_CD_DA", "Audio CD"),
    ("READ_CD_G", "CD+G"),
    ("READ_DVD_ROM", "DVD"),
    ("READ_DVD_R", "DVD-R"),
    ("READ_DVD_RW", "DVD-RW"),
    ("READ_DVD_PR", "DVD+R"),
    ("READ_DVD_RPW", "DVD+RW"),
    ("READ_DVD_RAM", "DVD-RAM"),
)
"""The endings of libcdio's CDIO_DRIVE_CAP_*; PR is +R, RPW is +RW."""

_WRITES = (
    ("WRITE_CD_R", "CD-R"),
    ("WRITE_CD_RW", "CD-RW"),
    ("WRITE_DVD_R", "DVD-R"),
    ("WRITE_DVD_RW", "DVD-RW"),
    ("WRITE_DVD_PR", "DVD+R"),
    ("WRITE_DVD_RPW", "DVD+RW"),
    ("WRITE_DVD_RAM", "DVD-RAM"),
    ("WRITE_MT_RAINIER", "MRW"),
)


@dataclass(frozen=True)
class Abilities:
    """A drive's own word; libcdio knows of no Blu-ray, for which see Drive.reads and writes."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    opens_tray: bool = False
    closes_tray: bool = False
    locks_tray: bool = False
    sets_speed: bool = False
    multisession: bool = False
    reads_form1: bool = False
    """Mode 2 form 1 (Video CD, Photo CD, many CD-ROM XA)."""
    reads_form2: bool = False
    c2_errors: bool = False
    """Tells which bytes of a CD sector it could not correct."""
    isrc: bool = False
    catalog_number: bool = False
    survives_underrun: bool = False
    """Burning pauses when data comes late ("burn-proof")."""

    @property
    def known(self) -> bool:
        """Whether the drive said anything of what it can do."""
        return bool(self.reads or self.writes or self.opens_tray)


def abilities(device: Any) -> Abilities:
    """Ask a drive that is open as pycdio's ``cdio.Device``; what it doesn't answer stays empty.

    Wakes the drive, not the disc.
    """
    vendor, model, firmware = _names(device)
    return from_capabilities(*_capabilities(device), vendor=vendor, model=model, firmware=firmware)


def from_capabilities(
    read: Collection[str],
    write: Collection[str],
    other: Collection[str],
    *,
    vendor: str = "",
    model: str = "",
    firmware: str = "",
) -> Abilities:
    """Make abilities of the names that pycdio gives, such as DRIVE_CAP_READ_CD_R."""
    can = {name.removeprefix("DRIVE_CAP_") for name in (*read, *write, *other)}
    if can & {"ERROR", "UNKNOWN"}:
        can = set()
    return Abilities(
        vendor=shown(vendor),
        model=shown(model),
        firmware=shown(firmware),
        reads=tuple(title for key, title in _READS if key in can),
        writes=tuple(title for key, title in _WRITES if key in can),
        opens_tray="MISC_EJECT" in can,
        closes_tray="MISC_CLOSE_TRAY" in can,
        locks_tray="MISC_LOCK" in can,
        sets_speed="MISC_SELECT_SPEED" in can,
        multisession="MISC_MULTI_SESSION" in can,
        reads_form1="READ_MODE2_FORM1" in can,
        reads_form2="READ_MODE2_FORM2" in can,
        c2_errors="READ_C2_ERRS" in can,
        isrc="READ_ISRC" in can,
        catalog_number="READ_MCN" in can,
        survives_underrun="WRITE_BURN_PROOF" in can,
    )


def _capabilities(device: Any) -> tuple[Collection[str], Collection[str], Collection[str]]:
    try:
        read, write, other = device.get_drive_cap()
    except Exception:  # pycdio has kinds of its own for it, and all mean "no answer"
        return (), (), ()
    return read, write, other


def _names(device: Any) -> tuple[str, str, str]:
    try:
        answered, vendor, model, firmware = device.get_hwinfo()
    except Exception:  # as above
        return "", "", ""
    return (str(vendor), str(model), str(firmware)) if answered else ("", "", "")
