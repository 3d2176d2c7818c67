# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive says that it can do."""

import cdio
import pycdio

from discwright.devices.abilities import Abilities, abilities, from_capabilities

BURNER = from_capabilities(
    ["DRIVE_CAP_READ_CD_R", "DRIVE_CAP_READ_CD_DA", "DRIVE_CAP_READ_DVD_ROM",
     "DRIVE_CAP_READ_C2_ERRS", "DRIVE_CAP_READ_ISRC"],
    ["DRIVE_CAP_WRITE_CD_RW", "DRIVE_CAP_WRITE_CD_R", "DRIVE_CAP_WRITE_DVD_PR",
     "DRIVE_CAP_WRITE_DVD_RPW", "DRIVE_CAP_WRITE_MT_RAINIER", "DRIVE_CAP_WRITE_BURN_PROOF"],
    ["DRIVE_CAP_MISC_EJECT", "DRIVE_CAP_MISC_LOCK", "DRIVE_CAP_MISC_SELECT_SPEED"],
    vendor="PLEXTOR ", model="DVDR   PX-716A", firmware="1.11",
)  # fmt: skip


def test_a_burner_is_described_in_words_that_people_know():
    assert BURNER.reads == ("CD-R", "Audio CD", "DVD")
    assert BURNER.writes == ("CD-R", "CD-RW", "DVD+R", "DVD+RW", "MRW")
    assert (BURNER.vendor, BURNER.model, BURNER.firmware) == ("PLEXTOR", "DVDR PX-716A", "1.11")


def test_what_it_can_do_besides_is_told():
    assert BURNER.opens_tray
    assert not BURNER.closes_tray
    assert BURNER.sets_speed
    assert BURNER.c2_errors
    assert BURNER.survives_underrun
    assert not BURNER.multisession


def test_a_drive_that_does_not_say_can_nothing_that_we_know_of():
    silent = from_capabilities([], [], ["DRIVE_CAP_UNKNOWN"])
    assert not silent.known
    assert not from_capabilities(["DRIVE_CAP_READ_CD_R"], [], ["DRIVE_CAP_ERROR"]).known
    assert BURNER.known


def test_an_open_image_is_asked_as_a_drive_is(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(2352 * 300))
    cue = tmp_path / "a.cue"
    cue.write_text('FILE "a.bin" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n')
    device = cdio.Device(str(cue), pycdio.DRIVER_BINCUE)
    try:
        found = abilities(device)
    finally:
        device.close()
    assert found.vendor == "libcdio"
    assert "CD-R" in found.reads
    assert found.writes == ()


def test_a_drive_that_answers_nothing_raises_nothing():
    class Gone:
        def get_drive_cap(self):
            raise OSError(19, "No such device")

        def get_hwinfo(self):
            raise OSError(19, "No such device")

    assert abilities(Gone()) == Abilities()
