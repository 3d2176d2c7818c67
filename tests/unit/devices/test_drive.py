# SPDX-License-Identifier: GPL-3.0-or-later
"""How a drive and its disc are named, from udev's properties."""

import pytest

from discwright.devices.block import BlockDevice
from discwright.devices.drive import drive, medium
from discwright.devices.model import MediumState


def optical(**properties: str) -> BlockDevice:
    return BlockDevice(
        "/sys/devices/pci0000:00/ata2/host1/target1:0:0/1:0:0:0/block/sr0",
        {"DEVNAME": "/dev/sr0", "ID_CDROM": "1", **properties},
        {"size": "2097151"},
    )


def loaded(*kinds: str, **properties: str) -> BlockDevice:
    present = {"ID_CDROM_MEDIA": "1", **{f"ID_CDROM_MEDIA_{kind}": "1" for kind in kinds}}
    return optical(**present, **properties)


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        (("CD",), "CD"),
        (("CD_R",), "CD-R"),
        (("CD_RW",), "CD-RW"),
        (("DVD",), "DVD"),
        (("DVD_R",), "DVD-R"),
        (("DVD_R_DDR", "DVD_R"), "DVD-R"),
        (("DVD_RAM",), "DVD-RAM"),
        (("DVD_RW_RO", "DVD_RW"), "DVD-RW"),
        (("DVD_RW_SEQ", "DVD_RW"), "DVD-RW"),
        (("DVD_R_DL_SEQ", "DVD_R_DL"), "DVD-R DL"),
        (("DVD_R_DL_JR", "DVD_R_DL"), "DVD-R DL"),
        (("DVD_RW_DL",), "DVD-RW DL"),
        (("DVD_PLUS_R",), "DVD+R"),
        (("DVD_PLUS_RW",), "DVD+RW"),
        (("DVD_PLUS_R_DL",), "DVD+R DL"),
        (("DVD_PLUS_RW_DL",), "DVD+RW DL"),
        (("BD",), "BD"),
        (("BD_R_SRM", "BD_R"), "BD-R"),
        (("BD_R_RRM", "BD_R"), "BD-R"),
        (("BD_RE",), "BD-RE"),
        (("HDDVD",), "HD DVD"),
        (("HDDVD_R",), "HD DVD-R"),
        (("HDDVD_RAM",), "HD DVD-RAM"),
        (("HDDVD_RW",), "HD DVD-RW"),
        (("HDDVD_R_DL",), "HD DVD-R DL"),
        (("HDDVD_RW_DL",), "HD DVD-RW DL"),
        (("DDCD",), "DDCD"),
        (("DDCD_R",), "DDCD-R"),
        (("DDCD_RW",), "DDCD-RW"),
        (("MO_SE", "MO"), "MO"),
        (("MRW",), "MRW"),
        (("MRW_W",), "MRW"),
        (("CD_RW", "MRW"), "CD-RW"),
        (("RW_REMOVABLE",), ""),
        (("SOMETHING_NEW",), ""),
    ],
)
def test_a_disc_is_called_what_is_printed_on_it(kinds, name):
    assert medium(loaded(*kinds)).kind == name


@pytest.mark.parametrize("word", ["blank", "appendable", "complete", "other"])
def test_what_can_be_written_says_how_full_it_is(word):
    assert medium(loaded("CD_R", ID_CDROM_MEDIA_STATE=word)).state == word


def test_a_pressed_cd_is_complete_though_udev_gives_no_state():
    assert medium(loaded("CD")).state is MediumState.COMPLETE


def test_a_state_that_nobody_knows_is_unknown():
    assert medium(loaded("CD_R", ID_CDROM_MEDIA_STATE="melted")).state is MediumState.UNKNOWN


def test_an_empty_drive_has_no_medium_and_no_size():
    empty = medium(optical())
    assert empty.state is MediumState.NO_MEDIUM
    assert empty.size == 0


def test_a_drive_that_udev_has_not_examined_may_hold_anything():
    unseen = BlockDevice("/sys/devices/x/block/sr0", {"DEVNAME": "/dev/sr0"})
    assert unseen.optical
    assert medium(unseen).state is MediumState.UNKNOWN


def test_a_blank_disc_has_no_size_whatever_the_kernel_remembers():
    assert medium(loaded("CD_R", ID_CDROM_MEDIA_STATE="blank")).size == 0
    assert medium(loaded("CD_R", ID_CDROM_MEDIA_STATE="complete")).size == 2097151 * 512


def test_sessions_and_tracks_are_counted():
    disc = medium(
        loaded(
            "CD_R",
            ID_CDROM_MEDIA_SESSION_COUNT="2",
            ID_CDROM_MEDIA_TRACK_COUNT="5",
            ID_CDROM_MEDIA_TRACK_COUNT_AUDIO="4",
            ID_CDROM_MEDIA_TRACK_COUNT_DATA="1",
        )
    )
    assert (disc.sessions, disc.tracks, disc.audio_tracks, disc.data_tracks) == (2, 5, 4, 1)


@pytest.mark.parametrize("number", ["-1", "many", "", "1e9", "٣", "9" * 40])
def test_a_count_that_is_no_number_is_none(number):
    assert medium(loaded("CD", ID_CDROM_MEDIA_TRACK_COUNT=number)).tracks == 0


@pytest.mark.parametrize(
    ("properties", "label"),
    [
        ({"ID_FS_LABEL": "UBUNTU_24_04"}, "UBUNTU_24_04"),
        ({"ID_FS_LABEL": "My_Disc", "ID_FS_LABEL_ENC": r"My\x20Disc"}, "My Disc"),
        ({"ID_FS_LABEL_ENC": r"Caf\xc3\xa9"}, "Café"),
        ({"ID_FS_LABEL_ENC": r"Caf\xe9"}, "Caf\ufffd"),
        ({"ID_FS_LABEL_ENC": r"a\x1b[2Jb\x0ac"}, "a\ufffd[2Jb c"),
        ({"ID_FS_LABEL_ENC": "\u202egpj.exe"}, "\ufffdgpj.exe"),
        ({"ID_FS_LABEL_ENC": r"50\x25 \xzz"}, r"50% \xzz"),
        ({}, ""),
    ],
)
def test_a_label_is_legible_and_harmless(properties, label):
    assert medium(loaded("DVD", ID_FS_TYPE="udf", **properties)).label == label


def test_a_burner_lists_what_it_reads_and_writes():
    names = (
        "CD CD_R CD_RW DVD DVD_R DVD_RW_RO DVD_RW_SEQ DVD_RW DVD_R_DL_SEQ DVD_R_DL_JR DVD_R_DL "
        "DVD_PLUS_R DVD_PLUS_RW DVD_PLUS_R_DL DVD_RAM BD BD_R_SRM BD_R BD_RE MRW MRW_W RW_REMOVABLE"
    )
    burner = drive(optical(**{f"ID_CDROM_{name}": "1" for name in names.split()}))
    assert burner.reads == ("CD", "DVD", "Blu-ray")
    assert burner.writes == (
        "CD-R", "CD-RW", "DVD-R", "DVD-RW", "DVD-R DL", "DVD+R", "DVD+RW", "DVD+R DL", "DVD-RAM",
        "BD-R", "BD-RE", "MRW",
    )  # fmt: skip


def test_a_disc_in_the_drive_is_not_an_ability_of_the_drive():
    reader = drive(loaded("BD_RE", ID_CDROM_CD="1", ID_CDROM_DVD="1", ID_CDROM_CD_R="0"))
    assert reader.reads == ("CD", "DVD")
    assert reader.writes == ()


def test_a_drive_without_sysfs_names_is_named_by_udev_with_its_blanks():
    named = drive(
        optical(
            ID_VENDOR_ENC=r"ASUS\x20\x20\x20", ID_MODEL="BW_16D1HT", ID_MODEL_ENC=r"BW\x2016D1HT"
        )
    )
    assert named.name == "ASUS BW 16D1HT"


def test_a_drive_without_any_name_is_called_by_its_node():
    assert drive(optical()).name == "/dev/sr0"


def test_the_disc_number_of_the_kernel_is_newer_than_that_of_udev():
    fresh = BlockDevice("/sys/x/block/sr0", {"DISKSEQ": "3"}, {"diskseq": "4\n"})
    assert fresh.diskseq == 4
    assert BlockDevice("/sys/x/block/sr0", {"DISKSEQ": "3"}).diskseq == 3
    assert BlockDevice("/sys/x/block/sr0").diskseq is None
