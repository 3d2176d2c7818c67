# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of media, by the profile number of GET CONFIGURATION (MMC-6 5.2, table 93)."""

from enum import IntEnum, StrEnum


class Family(StrEnum):
    """What people call the disc."""

    CD = "CD"
    DVD = "DVD"
    BD = "Blu-ray"
    OTHER = "disc"


class Profile(IntEnum):
    """An MMC profile. UNKNOWN stands for every number that is not listed."""

    NONE = 0x0000
    CD_ROM = 0x0008
    CD_R = 0x0009
    CD_RW = 0x000A
    DVD_ROM = 0x0010
    DVD_R = 0x0011
    DVD_RAM = 0x0012
    DVD_RW_RESTRICTED_OVERWRITE = 0x0013
    DVD_RW_SEQUENTIAL = 0x0014
    DVD_R_DL_SEQUENTIAL = 0x0015
    DVD_R_DL_JUMP = 0x0016
    DVD_RW_DL = 0x0017
    DVD_PLUS_RW = 0x001A
    DVD_PLUS_R = 0x001B
    DVD_PLUS_RW_DL = 0x002A
    DVD_PLUS_R_DL = 0x002B
    BD_ROM = 0x0040
    BD_R_SEQUENTIAL = 0x0041
    BD_R_RANDOM = 0x0042
    BD_RE = 0x0043
    HD_DVD_ROM = 0x0050
    HD_DVD_R = 0x0051
    HD_DVD_RAM = 0x0052
    UNKNOWN = 0xFFFF

    @classmethod
    def from_number(cls, number: int) -> "Profile":
        """Give the profile, UNKNOWN if the number is not listed."""
        try:
            return cls(number)
        except ValueError:
            return cls.UNKNOWN

    @property
    def family(self) -> Family:
        """CD, DVD, Blu-ray or another disc."""
        if 0x08 <= self <= 0x0A:
            return Family.CD
        if 0x10 <= self <= 0x2B:
            return Family.DVD
        if 0x40 <= self <= 0x43:
            return Family.BD
        return Family.OTHER

    @property
    def title(self) -> str:
        """The name printed on such discs."""
        return _TITLES[self]

    @property
    def overwritable(self) -> bool:
        """Whether sectors can be written again in place, so that the disc has no written end."""
        return self in _OVERWRITABLE

    @property
    def rewritable(self) -> bool:
        """Whether what is on the disc can be erased or overwritten."""
        return self in _OVERWRITABLE or self in {
            Profile.CD_RW, Profile.DVD_RW_SEQUENTIAL, Profile.DVD_RW_DL,
        }  # fmt: skip

    @property
    def writable(self) -> bool:
        """Whether such a disc can be written at all, once or often."""
        return self not in {
            Profile.NONE, Profile.CD_ROM, Profile.DVD_ROM, Profile.BD_ROM, Profile.HD_DVD_ROM,
            Profile.UNKNOWN,
        }  # fmt: skip


_OVERWRITABLE = frozenset({
    Profile.DVD_RAM, Profile.DVD_RW_RESTRICTED_OVERWRITE, Profile.DVD_PLUS_RW,
    Profile.DVD_PLUS_RW_DL, Profile.BD_RE, Profile.BD_R_RANDOM, Profile.HD_DVD_RAM,
})  # fmt: skip

_TITLES = {
    Profile.NONE: "no disc",
    Profile.CD_ROM: "CD-ROM",
    Profile.CD_R: "CD-R",
    Profile.CD_RW: "CD-RW",
    Profile.DVD_ROM: "DVD-ROM",
    Profile.DVD_R: "DVD-R",
    Profile.DVD_RAM: "DVD-RAM",
    Profile.DVD_RW_RESTRICTED_OVERWRITE: "DVD-RW",
    Profile.DVD_RW_SEQUENTIAL: "DVD-RW",
    Profile.DVD_R_DL_SEQUENTIAL: "DVD-R DL",
    Profile.DVD_R_DL_JUMP: "DVD-R DL",
    Profile.DVD_RW_DL: "DVD-RW DL",
    Profile.DVD_PLUS_RW: "DVD+RW",
    Profile.DVD_PLUS_R: "DVD+R",
    Profile.DVD_PLUS_RW_DL: "DVD+RW DL",
    Profile.DVD_PLUS_R_DL: "DVD+R DL",
    Profile.BD_ROM: "BD-ROM",
    Profile.BD_R_SEQUENTIAL: "BD-R",
    Profile.BD_R_RANDOM: "BD-R",
    Profile.BD_RE: "BD-RE",
    Profile.HD_DVD_ROM: "HD DVD-ROM",
    Profile.HD_DVD_R: "HD DVD-R",
    Profile.HD_DVD_RAM: "HD DVD-RAM",
    Profile.UNKNOWN: "unknown disc",
}
