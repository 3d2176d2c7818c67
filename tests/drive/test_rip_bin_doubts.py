# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive gives with good status and is not the disc is never called a complete copy."""

import json
import signal
from dataclasses import replace

import pytest

from drive.asking import READY, ask
from drive.bench import Fault, Op, Sense, media, raw
from drive.bench.faults import on
from drive.bench.medium import RAW, Disc, Mode, Profile, Session, Store, Track
from drive.cds import film, game, record, rip_bin, sectors_of, sheet, stored
from drive.track_images import music

DATA = on(Op.READ_CD)


def losses(done):
    return [(one["kind"], one["lba"], one["count"]) for one in done.report["losses"]]


def changed(lba, at, bits):
    return Fault(DATA, range(lba, lba + 1), corrupt=bytes(at) + bytes((bits,)))


@pytest.mark.parametrize("bits", [1, 3], ids=["mode 0", "mode 2"])
def test_a_header_that_tells_another_mode_than_its_track_is_not_believed(
    bench, image, tmp_path, bits
):
    disc = game(tmp_path, image)
    drive = bench.add_drive(disc)
    drive.faults(changed(100, 15, bits))
    done = rip_bin(bench, tmp_path, "--retries", "1")
    assert (done.code, losses(done)) == (3, [("wrong", 100, 1)]), done.report
    assert "TRACK 01 MODE1/2352" in sheet(done)


def test_copies_of_a_subheader_that_differ_are_not_believed_where_others_agree(bench, tmp_path):
    drive = bench.add_drive(film(tmp_path))
    drive.faults(changed(100, 17, 1))
    done = rip_bin(bench, tmp_path, "--retries", "1")
    assert (done.code, losses(done)) == (3, [("wrong", 100, 1)]), done.report


def test_sectors_without_subheaders_are_copied_and_counted(bench, tmp_path):
    data = b"".join(raw.formless(lba, b"formless" * 292) for lba in range(300))
    store = Store(str(stored(tmp_path, "formless.raw", data)), RAW)
    disc = Disc(Profile.CD_ROM, (Session((Track(1, 0, 300, Mode.MIXED, store),), 300),))
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path, "--format", "bin")
    assert (done.code, done.target.read_bytes()) == (0, data), done.report
    assert "300 sectors of data carry no checksum" in done.report["message"]
    assert "TRACK 01 MODE2/2352" in sheet(done)


def test_a_drive_that_stops_telling_errors_does_not_make_them_go_away(bench, tmp_path):
    drive = bench.add_drive(record(tmp_path, concealed=(range(850, 851),)))
    # The big request tells the error; the next, of a sector beside it, is refused once.
    drive.faults(Fault(DATA, range(851, 852), skip=1, times=1, sense=Sense(5, 0x24, 0)))
    done = rip_bin(bench, tmp_path, "--retries", "1")
    assert (done.code, losses(done)) == (3, [("concealed", 850, 1)]), done.report
    assert "reports no errors" not in done.report["message"]
    assert "reported no errors" not in done.report["message"]


def test_errors_of_music_in_a_pause_before_it_are_told(bench, image, tmp_path):
    disc = game(tmp_path, image)
    pause = disc.tracks[1].start - 20
    bench.add_drive(replace(disc, concealed=(range(pause, pause + 2),)))
    done = rip_bin(bench, tmp_path, "--retries", "1")
    assert (done.code, losses(done)) == (3, [("concealed", pause, 2)]), done.report
    assert done.target.read_bytes() == sectors_of(disc)


def test_a_disc_none_of_whose_checksums_is_right_was_read_all_the_same(bench, tmp_path):
    sectors = [bytearray(raw.mode1(lba, bytes(2048))) for lba in range(60)]
    for sector in sectors:
        sector[2064:2068] = b"\1\2\3\4"
    data = b"".join(sectors)
    store = Store(str(stored(tmp_path, "odd.raw", data)), RAW)
    bench.add_drive(Disc(Profile.CD_ROM, (Session((Track(1, 0, 60, Mode.MODE1, store),), 60),)))
    done = rip_bin(bench, tmp_path, "--format", "bin", "--retries", "0")
    assert (done.code, losses(done)) == (3, [("wrong", 0, 60)]), done.report
    assert done.target.read_bytes() == data


def test_a_name_in_bytes_that_are_no_text_is_refused_before_anything_is_read(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([300]))
    done = rip_bin(bench, tmp_path, name="m\udcfcsic")
    assert (done.code, done.report["refusal"]) == (4, "name")
    assert not [one for one in drive.commands(Op.READ_CD) if one.count == 24]


@pytest.mark.parametrize("first", ["data", "music"])
def test_the_pause_of_a_mixed_disc_is_no_damage_where_the_drive_gives_no_q(
    bench, image, tmp_path, first
):
    disc = game(tmp_path, image) if first == "data" else _music_then_data(tmp_path)
    bench.add_drive(disc, sub_channels=())
    done = rip_bin(bench, tmp_path, "--format", "bin")
    assert (done.code, losses(done)) == (0, []), done.report
    assert done.target.read_bytes() == sectors_of(disc)
    assert "carr" not in done.report["message"]


def _music_then_data(folder):
    songs = Store(str(stored(folder, "song.raw", music("song", 400))), RAW)
    whole = b"".join(raw.mode1(lba, bytes([lba % 251]) * 2048) for lba in range(400, 850))
    data = Store(str(stored(folder, "data.raw", whole)), RAW, 150)
    tracks = (
        Track(1, 0, 400, Mode.AUDIO, songs),
        Track(2, 550, 300, Mode.MODE1, data, pregap=150),
    )
    return Disc(Profile.CD_ROM, (Session(tracks, 850),))


def test_a_wrong_sector_in_the_pause_before_data_is_noticed_where_the_drive_gives_no_q(
    bench, tmp_path
):
    drive = bench.add_drive(_music_then_data(tmp_path), sub_channels=())
    drive.faults(changed(500, 1000, 1))
    done = rip_bin(bench, tmp_path, "--retries", "0")
    assert (done.code, losses(done)) == (3, [("wrong", 500, 1)]), done.report


def test_another_disc_at_the_very_last_sector_is_noticed_even_if_another_program_heard_of_it(
    bench, tmp_path
):
    drive = bench.add_drive(record(tmp_path, concealed=(range(850, 851),)))
    assert rip_bin(bench, tmp_path, "--retries", "0", name="first").code == 3
    reads = [one for one in drive.commands(Op.READ_CD) if one.lba <= 850 < one.lba + one.count]
    drive.faults(Fault(DATA, range(850, 851), skip=len(reads) - 1, times=1, hold="last"))
    target = tmp_path / "other.bin"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--retries", "0", "--json"])
    drive.wait_until_held("last")
    child.send_signal(signal.SIGSTOP)  # as when the machine sleeps
    drive.insert(media.audio_cd([900, 900]))
    drive.release("last")
    ask(bench, drive, READY)
    child.send_signal(signal.SIGCONT)
    out, _err = child.communicate(timeout=30)
    report = json.loads(out.splitlines()[-1])
    assert report["state"] == "failed", report
    assert "changed" in report["message"]
    assert not target.exists()


@pytest.mark.parametrize("kind", ["alone", "with music"])
def test_what_a_drive_calls_no_sectors_is_lost_if_the_file_system_lies_there(
    bench, image, tmp_path, kind
):
    count = image.stat().st_size // 2048
    disc = media.cd_r(image) if kind == "alone" else media.mixed_cd(image, [400], gap=0)
    drive = bench.add_drive(disc)
    drive.faults(Fault(DATA, range(count - 50, count), sense=Sense(5, 0x64, 0)))
    done = rip_bin(bench, tmp_path, "--format", "bin", "--retries", "0")
    assert (done.code, losses(done)) == (3, [("unreadable", count - 50, 50)]), done.report
    assert "GAP" not in sheet(done)
