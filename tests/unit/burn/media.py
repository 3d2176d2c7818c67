# SPDX-License-Identifier: GPL-3.0-or-later
"""Media and images as plain data, for tables."""

from dataclasses import replace

from discwright.burn.image import BurnImage
from discwright.burn.programs import Installed
from discwright.burn.surroundings import Surroundings
from discwright.image.volumes import FileSystem
from discwright.image.wholeness import Wholeness
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.optical.writing_answers import Loading, WriteFeatures

ALL = WriteFeatures(
    incremental=True, cd_tao=True, cd_sao=True, dvd_dao=True, test_write=True, underrun_free=True
)
ROOM = {
    Profile.CD_R: 359_844, Profile.CD_RW: 359_844, Profile.DVD_R: 2_297_888,
    Profile.DVD_RAM: 2_236_704, Profile.DVD_RW_SEQUENTIAL: 2_297_888,
    Profile.DVD_RW_RESTRICTED_OVERWRITE: 2_297_888, Profile.DVD_R_DL_SEQUENTIAL: 4_171_712,
    Profile.DVD_PLUS_RW: 2_295_104, Profile.DVD_PLUS_R: 2_295_104,
    Profile.DVD_PLUS_R_DL: 4_173_824, Profile.BD_R_SEQUENTIAL: 12_219_392,
    Profile.BD_RE: 11_826_176,
}  # fmt: skip
KINDS = tuple(ROOM)
AROUND = Surroundings(Installed("1.5.4", "1.2.4"), device="11:0")


def medium(profile=Profile.DVD_R, **changes):
    """Give a blank or never used medium of a kind."""
    room = ROOM.get(profile, 0)
    status = MediumStatus.OVERWRITABLE if profile.overwritable else MediumStatus.BLANK
    base = WritableMedium(
        "/dev/sr0",
        status,
        profile,
        formatted=True if profile.overwritable else None,
        free_sectors=room,
        capacity_sectors=room,
        erasable=profile.rewritable,
        features=ALL,
        speeds_kb=(2770, 5540, 11080, 22160),
        writes=KINDS,
        loading=Loading.TRAY,
    )
    return replace(base, **changes)


def image(sectors=1000, **changes):
    """Give a whole image."""
    base = BurnImage(
        "/home/me/disc.iso",
        sectors,
        "DISC",
        (FileSystem.ISO9660,),
        Wholeness(known=True, needed=sectors),
        device="8:1",
    )
    return replace(base, **changes)
