# SPDX-License-Identifier: GPL-3.0-or-later
"""The udev properties of a drive and its medium, as udev's cdrom_id and blkid set them."""

from .medium import Disc, Mode, Profile, Status
from .mmc.drive import Traits
from .sectors import SectorSource, Unreadable

_NAMES = {
    Profile.CD_ROM: ("CD",), Profile.CD_R: ("CD_R",), Profile.CD_RW: ("CD_RW",),
    Profile.DVD_ROM: ("DVD",), Profile.DVD_R: ("DVD_R",), Profile.DVD_RAM: ("DVD_RAM",),
    Profile.DVD_RW_RESTRICTED: ("DVD_RW", "DVD_RW_RO"), Profile.DVD_RW: ("DVD_RW", "DVD_RW_SEQ"),
    Profile.DVD_R_DL: ("DVD_R_DL", "DVD_R_DL_SEQ"),
    Profile.DVD_R_DL_JUMP: ("DVD_R_DL", "DVD_R_DL_JR"),
    Profile.DVD_PLUS_RW: ("DVD_PLUS_RW",), Profile.DVD_PLUS_R: ("DVD_PLUS_R",),
    Profile.DVD_PLUS_R_DL: ("DVD_PLUS_R_DL",), Profile.BD_ROM: ("BD",),
    Profile.BD_R: ("BD_R", "BD_R_SRM"),
    Profile.BD_R_RANDOM: ("BD_R", "BD_R_RRM"), Profile.BD_RE: ("BD_RE",),
}  # fmt: skip
_STATES = {Status.BLANK: "blank", Status.APPENDABLE: "appendable", Status.COMPLETE: "complete",
           Status.OTHER: "other"}  # fmt: skip
_UDF = {b"NSR02", b"NSR03"}


def _underscored(text: str) -> str:
    return "_".join(text.split())


def identity(vendor: str, model: str, revision: str, serial: str, bus: str) -> dict[str, str]:
    """Give what tells one device from another."""
    names = (_underscored(vendor), _underscored(model), serial)
    return {
        "ID_VENDOR": names[0],
        "ID_VENDOR_ENC": vendor.ljust(8).replace(" ", "\\x20"),
        "ID_MODEL": names[1],
        "ID_MODEL_ENC": model.ljust(16).replace(" ", "\\x20"),
        "ID_REVISION": revision,
        "ID_SERIAL": "_".join(name for name in names if name),
        "ID_SERIAL_SHORT": serial,
        "ID_BUS": bus,
    }


def of_drive(traits: Traits) -> dict[str, str]:
    """Give the drive's own properties."""
    made = {"ID_CDROM": "1"}
    for profile in sorted(traits.profiles):
        for name in _NAMES[profile]:
            made[f"ID_CDROM_{name}"] = "1"
    made |= identity(traits.vendor, traits.model, traits.revision, traits.serial, traits.bus)
    made |= {"ID_TYPE": "cd", "ID_FOR_SEAT": "block-bench", "TAGS": ":seat:uaccess:systemd:",
             "CURRENT_TAGS": ":seat:uaccess:systemd:"}  # fmt: skip
    return made


def of_medium(disc: Disc | None) -> dict[str, str]:
    """Give the medium's properties; none if there is no medium."""
    if disc is None:
        return {"SYSTEMD_READY": "0"}
    made = {"ID_CDROM_MEDIA": "1"}
    if disc.profile is not Profile.CD_ROM:
        made["ID_CDROM_MEDIA_STATE"] = _STATES[disc.told_status]
    made |= {f"ID_CDROM_MEDIA_{name}": "1" for name in _NAMES[disc.profile]}
    unfinished = disc.status in (Status.BLANK, Status.APPENDABLE)
    if unfinished:
        made["ID_CDROM_MEDIA_SESSION_NEXT"] = str(len(disc.tracks) + 1)
    made["ID_CDROM_MEDIA_SESSION_COUNT"] = str(len(disc.sessions) + unfinished)
    made["ID_CDROM_MEDIA_TRACK_COUNT"] = str(len(disc.tracks) + unfinished)
    if len(disc.sessions) > 1:
        start = disc.sessions[-1].tracks[0].start
        made["ID_CDROM_MEDIA_SESSION_LAST_OFFSET"] = str(start * 2048)
    audio = sum(track.mode is Mode.AUDIO for track in disc.tracks)
    if audio:
        made["ID_CDROM_MEDIA_TRACK_COUNT_AUDIO"] = str(audio)
    if len(disc.tracks) > audio:
        made["ID_CDROM_MEDIA_TRACK_COUNT_DATA"] = str(len(disc.tracks) - audio)
    return made | _file_system(disc)


def _file_system(disc: Disc) -> dict[str, str]:
    kind = label = uuid = ""
    data = [track for track in disc.tracks if track.mode is not Mode.AUDIO]
    if data:
        kind, label, uuid = _sniff(disc, data[-1].start)
    kind = kind if disc.file_system is None else disc.file_system
    label = label if disc.label is None else disc.label
    made = {}
    if kind:
        made = {"ID_FS_TYPE": kind, "ID_FS_USAGE": "filesystem"}
        if uuid:
            made |= {"ID_FS_UUID": uuid, "ID_FS_UUID_ENC": uuid}
        if label:
            made |= {"ID_FS_LABEL": _underscored(label), "ID_FS_LABEL_ENC": _encoded(label)}
    return made


def _encoded(text: str) -> str:
    keep = "#+-.:=@_/"
    return "".join(
        char if char.isalnum() or char in keep else "".join(f"\\x{b:02x}" for b in char.encode())
        for char in text
    )


def _sniff(disc: Disc, start: int) -> tuple[str, str, str]:
    """The type, name and UUID of the file system, as blkid gives them (UDF before ISO 9660)."""
    kind = label = uuid = ""
    with SectorSource(disc) as source:
        for lba in range(start + 16, start + 32):
            try:
                sector = source.data(lba, 1)
            except Unreadable:
                break
            tag = sector[1:6]
            if tag == b"CD001" and sector[0] == 1:
                kind = kind or "iso9660"
                label = sector[40:72].decode("ascii", "replace").rstrip()
                uuid = _date(sector[830:846]) or _date(sector[813:829])
            elif tag in _UDF:
                kind = "udf"
            elif tag not in (b"CD001", b"BEA01", b"TEA01", b"BOOT2"):
                break
    return kind, label, uuid


def _date(field: bytes) -> str:
    """A date of the volume descriptor as blkid makes a UUID of it."""
    text = field.decode("ascii", "replace")
    if not text.isdigit() or not text.strip("0"):
        return ""
    return "-".join((text[:4], *(text[at : at + 2] for at in range(4, 16, 2))))
