# SPDX-License-Identifier: GPL-3.0-or-later
"""CDs of music, of music beside data and of Mode 2: burned by the real cdrdao, and proved."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from drive.bench import Op, faults, media
from drive.bench.codes import READS
from drive.bench.medium import RAW, Profile
from drive.burning import burn, job, orphans, read
from drive.track_images import SONG, album, mixed, mode_2, music


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("kind", [Profile.CD_R, Profile.CD_RW], ids=lambda kind: kind.name)
def test_an_album_is_burned_and_proved_sample_by_sample(bench, tmp_path, kind):
    cue, samples = album(tmp_path)
    drive = bench.add_drive(media.blank(kind))
    done = burn(bench, cue)
    report = done.report
    assert (report["state"], report["verified"]) == ("complete", True), done.log
    assert drive.burnt_raw(len(samples) // RAW) == samples
    assert "2 tracks of music, 0:13" in report["message"]
    assert report["digests"] == report["read_back"] == {"sha256": sha256(samples)}
    assert [track["digests"]["sha256"] for track in report["tracks"]] == [
        sha256(samples[: SONG * RAW]), sha256(samples[(SONG + 150) * RAW :]),
    ]  # fmt: skip
    assert (report["writer"], report["shift_samples"]) == ("cdrdao", 0)
    assert done.phases == ["preparing", "leading-in", "writing", "closing", "reloading",
                           "verifying"]  # fmt: skip
    assert drive.tray_is_open
    assert not drive.is_locked
    assert orphans(bench) == []


def test_flags_numbers_indices_and_words_are_on_the_disc(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    assert burn(bench, cue).state == "complete"
    disc = drive.medium
    one, two = disc.sessions[0].tracks
    assert disc.mcn == "1234567890123"
    assert (one.copy, one.preemphasis, two.copy, two.preemphasis) == (True, False, False, True)
    assert (two.isrc, two.pregap) == ("USABC1234567", 150)
    assert two.indexes == (150 + 7 * 75,)
    assert b"The \\ Album" in disc.cd_text
    assert "Größe".encode("latin-1") in disc.cd_text


def test_data_beside_music_is_burned_and_proved(bench, image, tmp_path):
    cue, data, samples = mixed(tmp_path, image)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = burn(bench, cue)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert drive.burnt(data) == image.read_bytes()
    assert drive.burnt_raw(150 + SONG, data) == samples
    assert done.all("plan")[0]["warnings"] == []
    assert done.report["recovered_sectors"] == 0


def test_mode_2_is_burned_with_its_subheaders(bench, tmp_path):
    cue = mode_2(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = burn(bench, cue)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    stored = cue.with_suffix(".bin").read_bytes()
    burnt = drive.burnt_raw(500)
    assert [burnt[at + 16 : at + 2072] for at in range(0, len(burnt), RAW)] == [
        stored[at + 16 : at + 2072] for at in range(0, len(stored), RAW)
    ]


def test_a_bin_is_burned_by_the_cue_sheet_beside_it(bench, image, tmp_path):
    cue, _data, _samples = mixed(tmp_path, image)
    bench.add_drive(media.blank(Profile.CD_R))
    assert burn(bench, cue.with_suffix(".bin")).state == "complete"


def test_a_cd_rw_is_erased_before(bench, image, tmp_path):
    cue, samples = album(tmp_path)
    drive = bench.add_drive(media.cd_rw(image))
    done = burn(bench, cue)
    assert done.state == "complete", done.log
    assert "blanking" in done.phases
    assert drive.burnt_raw(len(samples) // RAW) == samples


def test_a_simulation_leaves_the_cd_blank(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    before = drive.medium
    report = burn(bench, cue, simulate=True).report
    assert (report["state"], report["simulated"]) == ("complete", True)
    assert drive.medium == before


def test_two_burners_read_the_image_once(bench, tmp_path):
    cue, samples = album(tmp_path)
    drives = [bench.add_drive(media.blank(Profile.CD_R)) for _number in range(2)]
    done = burn(bench, cue, "/dev/sr0", "/dev/sr1")
    assert [report["state"] for report in done.reports] == ["complete", "complete"]
    assert all(drive.burnt_raw(len(samples) // RAW) == samples for drive in drives)


@pytest.mark.parametrize("shift", [667, -30, 2000])
def test_music_that_the_drive_shifts_is_right_all_the_same(bench, tmp_path, shift):
    cue, _samples = album(tmp_path)
    bench.add_drive(media.blank(Profile.CD_R), write_offset=shift)
    report = burn(bench, cue).report
    assert (report["state"], report["shift_samples"]) == ("complete", shift), report
    assert f"{abs(shift)} samples {'later' if shift > 0 else 'earlier'}" in report["message"]
    assert report["warnings"] == []


def test_a_bit_that_flips_in_shifted_music_is_found(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R), write_offset=100)
    drive.add_faults(faults.burnt_wrong(700))
    report = burn(bench, cue).report
    assert report["state"] == "complete-with-errors"
    assert "different at LBA" in report["message"]


@pytest.mark.parametrize("where", ["first", "data", "last of data", "music", "last"])
def test_one_flipped_bit_is_found_wherever_it_is(bench, image, tmp_path, where):
    cue, data, _samples = mixed(tmp_path, image)
    lba = {"first": 0, "data": data // 2, "last of data": data - 1, "music": data + 200,
           "last": data + 150 + SONG - 1}[where]  # fmt: skip
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.burnt_wrong(lba))
    report = burn(bench, cue).report
    assert (report["state"], report["verified"]) == ("complete-with-errors", False)
    assert f"different at LBA {lba}" in report["message"]
    assert report["differing_sectors"] == [[lba, 1]]


@pytest.mark.parametrize("place", ["subheader", "data"])
def test_a_flipped_bit_in_mode_2_is_found(bench, tmp_path, place):
    cue = mode_2(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    bits = bytes(16 if place == "subheader" else 24) + b"\1"
    drive.add_faults(faults.Fault(READS, range(300, 301), corrupt=bits))
    assert burn(bench, cue).report["differing_sectors"] == [[300, 1]]


@pytest.mark.parametrize("where", ["data", "music"])
def test_unreadable_sectors_are_listed(bench, image, tmp_path, where):
    cue, data, _samples = mixed(tmp_path, image)
    lba = 50 if where == "data" else data + 300
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.burnt_unreadable(lba, 2))
    report = burn(bench, cue, retries=0).report
    assert report["state"] == "complete-with-errors"
    assert (report["unreadable_sectors"], report["differing_sectors"]) == ([[lba, 2]], [])


def test_a_pause_between_data_and_music_that_the_drive_cant_read_is_no_fault(
    bench, image, tmp_path
):
    cue, data, _samples = mixed(tmp_path, image)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.burnt_unreadable(data, 150))
    report = burn(bench, cue, retries=0).report
    assert (report["state"], report["verified"]) == ("complete", True)
    assert "150 sectors of the pause" in report["message"]


def test_music_that_reads_right_at_the_second_look_is_a_remark_only(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.silent_corruption(505, 1, times=1))
    report = burn(bench, cue).report
    assert (report["state"], report["recovered_sectors"]) == ("complete", 1)


def songs(name, *lines):
    return f'FILE "{name}" BINARY\n' + "\n".join(lines) + "\n"


ORDERS = {
    "a song before the first": songs(
        "song.bin", "TRACK 01 AUDIO", "INDEX 00 00:00:00", "INDEX 01 00:01:00"
    ),
    "data behind music": songs("song.bin", "TRACK 01 AUDIO", "INDEX 01 00:00:00")
    + songs("data.iso", "TRACK 02 MODE1/2048", "PREGAP 00:02:00", "INDEX 01 00:00:00"),
    "both modes of data": songs("data.iso", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00")
    + songs("film.bin", "TRACK 02 MODE2/2352", "PREGAP 00:02:00", "INDEX 01 00:00:00"),
    "no pause at all": songs("data.iso", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00")
    + songs("song.bin", "TRACK 02 AUDIO", "INDEX 01 00:00:00"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_of_tracks_is_burned_and_proved(bench, image, tmp_path, order):
    mode_2(tmp_path)
    (tmp_path / "data.iso").write_bytes(image.read_bytes())
    (tmp_path / "song.bin").write_bytes(music("song", SONG))
    cue = tmp_path / "order.cue"
    cue.write_text(ORDERS[order])
    bench.add_drive(media.blank(Profile.CD_R))
    done = burn(bench, cue)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log


def wrong_mark(disc):
    """The second track may be copied, which nobody asked for."""
    one, two = disc.sessions[0].tracks
    tracks = (one, replace(two, copy=True))
    return replace(disc, sessions=(replace(disc.sessions[0], tracks=tracks),))


def test_a_table_of_contents_that_is_wrong_is_no_success(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.Fault(faults.on(Op.SYNCHRONIZE_CACHE), times=1, hold="end"))
    bench.hurry()
    child = bench.popen(job(cue))
    drive.wait_until_held("end")
    drive.release("end")
    drive.add_faults(faults.Fault(faults.on(Op.START_STOP_UNIT), times=1, hold="reload"))
    drive.wait_until_held("reload")
    drive.insert(wrong_mark(drive.medium))
    drive.release("reload")
    done = read(*child.communicate(timeout=60))
    assert done.state == "complete-with-errors", done.log
    assert "marks of track 2" in done.report["message"]


def test_no_name_of_a_file_reaches_the_program_that_burns(bench, tmp_path):
    name = 'so"ng $(touch pwned); `id` -- { } é.bin'
    (tmp_path / name).write_bytes(music("song", SONG))
    toc = tmp_path / 'x" $(y).toc'
    quoted = name.replace('"', '\\"')
    toc.write_text(f'CD_DA\nTRACK AUDIO\nFILE "{quoted}" SWAP 0\n')
    bench.add_drive(media.blank(Profile.CD_R))
    done = burn(bench, toc)
    assert done.state == "complete", done.log
    command = next(line for line in done.log.splitlines() if line.startswith("Command: "))
    assert [part for part in ('"', "$", "`", str(tmp_path)) if part in command] == []
    assert not list(tmp_path.rglob("pwned"))


def test_the_record_beside_the_image_lists_the_tracks(bench, tmp_path):
    cue, samples = album(tmp_path)
    bench.add_drive(media.blank(Profile.CD_R))
    report = burn(bench, cue, sidecar=True, hashes=["sha256", "md5"]).report
    (path,) = report["sidecars"]
    record = json.loads(Path(path).read_text())
    assert record["program"]["cdrdao"] == report["program"]
    song = samples[: SONG * RAW]
    assert record["report"]["tracks"][0]["digests"] == {
        "sha256": sha256(song), "md5": hashlib.md5(song).hexdigest(),
    }  # fmt: skip


@pytest.mark.parametrize(("flipped", "code"), [(False, 0), (True, 3)])
def test_the_command_line_burns_music_and_ends_with_the_right_code(bench, tmp_path, flipped, code):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    if flipped:
        drive.add_faults(faults.burnt_wrong(700))
    bench.hurry()
    done = bench.run(["discwright", "burn", cue, "/dev/sr0"])
    assert done.returncode == code, done.stderr
    assert "2 tracks of music, 0:13" in done.stderr
    assert ("different at LBA 700" in done.stderr) is flipped
