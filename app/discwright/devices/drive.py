# SPDX-License-Identifier: GPL-3.0-or-later
"""An optical drive and its medium, from what udev's cdrom_id found out (no I/O)."""

from discwright.devices.block import BlockDevice, decoded
from discwright.devices.model import Drive, Medium, MediumState
from discwright.wording import shown

_WRITABLE_KINDS = (
    ("DVD_PLUS_RW_DL", "DVD+RW DL"),
    ("DVD_PLUS_R_DL", "DVD+R DL"),
    ("DVD_PLUS_RW", "DVD+RW"),
    ("DVD_PLUS_R", "DVD+R"),
    ("DVD_RW_DL", "DVD-RW DL"),
    ("DVD_R_DL_SEQ", "DVD-R DL"),
    ("DVD_R_DL_JR", "DVD-R DL"),
    ("DVD_R_DL", "DVD-R DL"),
    ("DVD_RW_SEQ", "DVD-RW"),
    ("DVD_RW_RO", "DVD-RW"),
    ("DVD_RW", "DVD-RW"),
    ("DVD_RAM", "DVD-RAM"),
    ("DVD_R_DDR", "DVD-R"),
    ("DVD_R", "DVD-R"),
    ("BD_RE", "BD-RE"),
    ("BD_R_SRM", "BD-R"),
    ("BD_R_RRM", "BD-R"),
    ("BD_R", "BD-R"),
    ("HDDVD_RW_DL", "HD DVD-RW DL"),
    ("HDDVD_R_DL", "HD DVD-R DL"),
    ("HDDVD_RAM", "HD DVD-RAM"),
    ("HDDVD_RW", "HD DVD-RW"),
    ("HDDVD_R", "HD DVD-R"),
    ("DDCD_RW", "DDCD-RW"),
    ("DDCD_R", "DDCD-R"),
    ("CD_RW", "CD-RW"),
    ("CD_R", "CD-R"),
    ("MO_SE", "MO"),
    ("MO_WO", "MO"),
    ("MO_AS", "MO"),
    ("MO", "MO"),
)
"""The endings of ID_CDROM_* and ID_CDROM_MEDIA_* (systemd's cdrom_id), the most exact first."""

_PRESSED_KINDS = (("BD", "BD"), ("HDDVD", "HD DVD"), ("DVD", "DVD"), ("DDCD", "DDCD"), ("CD", "CD"))

_FORMATTED_KINDS = (("MRW_W", "MRW"), ("MRW", "MRW"))
"""Mount Rainier: a way to write CD-RW and DVD+RW rather than a kind of disc, so asked last."""

_MEDIUM_KINDS = _WRITABLE_KINDS + _PRESSED_KINDS + _FORMATTED_KINDS

_WRITES_IN_ORDER = (
    "CD-R", "CD-RW", "DDCD-R", "DDCD-RW", "DVD-R", "DVD-RW", "DVD-R DL", "DVD-RW DL", "DVD+R",
    "DVD+RW", "DVD+R DL", "DVD+RW DL", "DVD-RAM", "BD-R", "BD-RE", "HD DVD-R", "HD DVD-RW",
    "HD DVD-RAM", "HD DVD-R DL", "HD DVD-RW DL", "MO", "MRW",
)  # fmt: skip

_FAMILIES = (
    ("CD", ("CD", "DDCD")),
    ("DVD", ("DVD",)),
    ("Blu-ray", ("BD",)),
    ("HD DVD", ("HDDVD",)),
    ("MO", ("MO",)),
)


def drive(device: BlockDevice) -> Drive:
    """Make a drive of a device that is :attr:`BlockDevice.optical`."""
    return Drive(
        node=device.node,
        vendor=shown(device.described("device/vendor", "ID_VENDOR_ENC", "ID_VENDOR")),
        model=shown(device.described("device/model", "ID_MODEL_ENC", "ID_MODEL")),
        firmware=shown(device.described("device/rev", "ID_REVISION")),
        serial=shown(device.described("", "ID_SERIAL_SHORT", "ID_USB_SERIAL_SHORT")),
        bus=shown(device.bus),
        diskseq=device.diskseq,
        medium=medium(device),
        reads=_reads(device),
        writes=_writes(device),
        sys_path=device.sys_path,
    )


def medium(device: BlockDevice) -> Medium:
    """Tell what is in the drive.

    Without ID_CDROM the drive was not examined (no udevd runs, or it hasn't come to it yet), so
    that an absent ID_CDROM_MEDIA means nothing.
    """
    if not device.flag("ID_CDROM"):
        return Medium(MediumState.UNKNOWN)
    if not device.flag("ID_CDROM_MEDIA"):
        return Medium(MediumState.NO_MEDIUM)
    kind = next((title for key, title in _MEDIUM_KINDS if device.flag(f"ID_CDROM_MEDIA_{key}")), "")
    state = _state(device.properties.get("ID_CDROM_MEDIA_STATE", ""), kind)
    return Medium(
        state=state,
        kind=kind,
        label=shown(decoded(_label(device))),
        file_system=shown(device.properties.get("ID_FS_TYPE", "")),
        sessions=device.count("ID_CDROM_MEDIA_SESSION_COUNT"),
        tracks=device.count("ID_CDROM_MEDIA_TRACK_COUNT"),
        audio_tracks=device.count("ID_CDROM_MEDIA_TRACK_COUNT_AUDIO"),
        data_tracks=device.count("ID_CDROM_MEDIA_TRACK_COUNT_DATA"),
        # A blank disc has no size: sysfs keeps the last disc's or the driver's 1 GiB default.
        size=0 if state is MediumState.BLANK else device.size,
    )


def _state(word: str, kind: str) -> MediumState:
    match word:
        case "blank" | "appendable" | "complete" | "other":
            return MediumState(word)
        case _ if kind in {title for _, title in _PRESSED_KINDS}:
            # cdrom_id gives none for CD-ROM; what was pressed is complete.
            return MediumState.COMPLETE
        case _:
            return MediumState.UNKNOWN


def _label(device: BlockDevice) -> str:
    return device.properties.get("ID_FS_LABEL_ENC") or device.properties.get("ID_FS_LABEL", "")


def _abilities(device: BlockDevice) -> set[str]:
    return {
        name.removeprefix("ID_CDROM_")
        for name in device.properties
        if name.startswith("ID_CDROM_") and device.flag(name)
    }


def _reads(device: BlockDevice) -> tuple[str, ...]:
    families = {ability.partition("_")[0] for ability in _abilities(device)}
    return tuple(title for title, keys in _FAMILIES if families.intersection(keys))


def _writes(device: BlockDevice) -> tuple[str, ...]:
    abilities = _abilities(device)
    kinds = {title for key, title in _WRITABLE_KINDS if key in abilities}
    if "MRW_W" in abilities:
        kinds.add("MRW")
    return tuple(title for title in _WRITES_IN_ORDER if title in kinds)
