# SPDX-License-Identifier: GPL-3.0-or-later
"""CDs of music, mixed mode, Mode 2 and several sessions become BIN/CUE, byte for byte."""

import hashlib
import json
import re
import subprocess
from dataclasses import replace

import pytest

from drive.bench import Fault, Op, Sense, media
from drive.bench.faults import on
from drive.bench.medium import RAW, SECTOR, Mode, Profile
from drive.burning import burn
from drive.cdrdao import burn as burn_with_cdrdao
from drive.cds import PAUSE, extra, film, game, record, rip_bin, sectors_of, sheet
from drive.ripping import rip
from drive.track_images import album
from unit.optical.test_cd_text import packs


def lines(text):
    return [line.strip() for line in text.splitlines()]


def cd_info_calls(mode):
    return {Mode.AUDIO: "audio", Mode.MODE1: "data"}.get(mode, "XA")


def made(kind, folder, image):
    """Make a disc of a kind."""
    match kind:
        case "record":
            return record(folder)
        case "film":
            return film(folder)
        case "game":
            return game(folder, image)
    return extra(folder, image)


def indices(text):
    return re.findall(r"(?:INDEX|PREGAP|POSTGAP|TRACK).*", text.replace("\r", ""))


def test_a_record_is_copied_with_all_that_stands_beside_its_music(bench, tmp_path):
    disc = record(tmp_path)
    drive = bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["state"], done.report["warnings"]) == (0, "complete", [])
    assert done.target.read_bytes() == sectors_of(disc)
    assert lines(sheet(done)) == [
        "CATALOG 1234567890123",
        'FILE "out.bin" BINARY',
        "TRACK 01 AUDIO", "FLAGS DCP", "ISRC USABC0112345",
        "INDEX 00 00:00:00", "INDEX 01 00:04:00",
        "TRACK 02 AUDIO",
        "INDEX 00 00:08:50", "INDEX 01 00:10:50",
        "INDEX 02 00:12:00", "INDEX 03 00:14:50", "INDEX 04 00:19:37",
        "TRACK 03 AUDIO", "FLAGS PRE", "ISRC GBXYZ9900001",
        "INDEX 00 00:19:38", "INDEX 01 00:20:00",
    ]  # fmt: skip
    assert all((read.lba or 0) >= 0 for read in drive.reads())
    assert "can't be checked by the disc itself" in done.report["message"]
    assert "reported no errors" in done.report["message"]


def test_files_lie_beside_each_other_and_the_checksum_is_right(bench, tmp_path):
    bench.add_drive(record(tmp_path))
    done = rip_bin(bench, tmp_path, "--hash", "sha256,md5")
    assert done.files == {"out.bin", "out.cue", "out.bin.sha256", "out.bin.md5", "out.bin.json"}
    check = subprocess.run(
        ["sha256sum", "-c", "out.bin.sha256"], cwd=done.target.parent, capture_output=True,
        check=False,
    )  # fmt: skip
    assert check.returncode == 0, check.stderr
    data = done.target.read_bytes()
    assert done.report["digests"]["md5"] == hashlib.md5(data).hexdigest()
    assert done.report["bytes"] == len(data) == done.plan["size"]
    assert done.report["sheet"] == str(done.target.with_suffix(".cue"))
    told = json.loads(done.target.with_name("out.bin.json").read_text())
    assert (told["image"], told["sheet"]) == ("out.bin", "out.cue")
    assert told["contents"]["sample_offset_corrected"] is False
    assert [one["pause"] for one in told["contents"]["tracks"]] == [300, 150, 37]
    assert done.plan["format"] == "bin"


@pytest.mark.parametrize(
    "traits", [{"sub_channels": (1,)}, {"q_in_bcd": False}, {"one_kind": True}], ids=str
)
def test_pauses_are_found_whatever_way_the_drive_tells_them(bench, image, tmp_path, traits):
    bench.add_drive(game(tmp_path, image), **traits)
    count = image.stat().st_size // SECTOR
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    assert done.target.read_bytes() == sectors_of(game(tmp_path, image))

    def time(sectors):
        return f"{sectors // 4500:02}:{sectors // 75 % 60:02}:{sectors % 75:02}"

    assert indices(sheet(done)) == [
        "TRACK 01 MODE1/2352", "INDEX 01 00:00:00",
        "TRACK 02 AUDIO", f"INDEX 00 {time(count + PAUSE)}", f"INDEX 01 {time(count + 2 * PAUSE)}",
        "TRACK 03 AUDIO", f"INDEX 01 {time(count + 2 * PAUSE + 400)}",
    ]  # fmt: skip


def test_what_the_drive_does_not_tell_is_not_in_the_sheet(bench, tmp_path):
    mute = Fault(on(Op.READ_SUB_CHANNEL), sense=Sense(5, 0x20, 0))
    drive = bench.add_drive(record(tmp_path), sub_channels=(), c2_pointers=False)
    drive.faults(mute)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0
    assert done.target.read_bytes() == sectors_of(record(tmp_path))
    assert indices(sheet(done)) == [
        "TRACK 01 AUDIO", "INDEX 00 00:00:00", "INDEX 01 00:04:00",  # before it is nothing else
        "TRACK 02 AUDIO", "INDEX 01 00:10:50",
        "TRACK 03 AUDIO", "INDEX 01 00:20:00",
    ]  # fmt: skip
    assert "ISRC" not in sheet(done)
    assert "CATALOG" not in sheet(done)
    assert any("pauses and indices are not known" in one for one in done.report["warnings"])
    assert "this drive reports no errors" in done.report["message"]
    told = json.loads(done.target.with_name("out.bin.json").read_text())["contents"]
    assert (told["pauses_known"], told["c2_errors_told"]) == (False, False)
    assert [one["pause"] for one in told["tracks"]] == [300, None, None]


def test_looking_beside_the_sectors_stays_cheap(bench, tmp_path):
    disc = media.audio_cd([20_000] * 15)
    drive = bench.add_drive(disc)
    child = bench.popen(["discwright", "rip", "/dev/sr0", tmp_path / "long.bin", "--json"])
    whole = drive.wait_for(lambda one: one.name == "READ_CD" and one.count == 24)
    child.kill()
    beside = [one for one in drive.commands(Op.READ_CD) if one.number < whole.number]
    assert len(beside) < 60  # nothing to find but that there is no pause and no index


def test_mode_2_is_copied_with_its_subheaders(bench, tmp_path):
    disc = film(tmp_path)
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path, "--verify")
    assert (done.code, done.report["verified"]) == (0, True)
    assert done.target.read_bytes() == sectors_of(disc)
    assert indices(sheet(done)) == [
        "TRACK 01 MODE2/2352", "INDEX 01 00:00:00", "TRACK 02 MODE2/2352", "INDEX 01 00:04:00",
    ]  # fmt: skip
    assert "music" not in done.report["message"].casefold()


def test_a_second_session_follows_without_the_gap(bench, image, tmp_path):
    disc = extra(tmp_path, image)
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    data = disc.sessions[1].tracks[0]
    assert done.target.read_bytes() == sectors_of(disc, range(800), range(data.start, data.end))
    assert lines(sheet(done)) == [
        "REM SESSION 01", 'FILE "out.bin" BINARY',
        "TRACK 01 AUDIO", "INDEX 01 00:00:00", "TRACK 02 AUDIO", "INDEX 01 00:05:25",
        "REM SESSION 02", "TRACK 03 MODE2/2352", "INDEX 01 00:10:50",
    ]  # fmt: skip
    told = bench.run(["discwright", "inspect", done.target.with_suffix(".cue"), "--json"])
    tracks = json.loads(told.stdout.splitlines()[0])["tracks"]
    assert [(one["session"], one["start"]) for one in tracks] == [(1, 0), (1, 400), (2, data.start)]


def test_a_gap_between_sessions_that_no_sheet_can_say_is_refused(bench, image, tmp_path):
    disc = extra(tmp_path, image)
    one, two = disc.sessions
    late = replace(two.tracks[0], start=two.tracks[0].start + 75)
    odd = replace(disc, sessions=(one, replace(two, tracks=(late,), leadout=late.end)))
    bench.add_drive(odd)
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["refusal"]) == (4, "session-gap")
    assert done.files == set()


def test_sessions_of_data_written_track_at_once_keep_their_places(bench, image, tmp_path):
    disc = media.multisession_cd([image, image])
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["bad_sectors"]) == (0, []), done.stderr
    count = image.stat().st_size // SECTOR
    second = disc.sessions[1].tracks[0].start
    assert done.target.read_bytes() == sectors_of(disc, range(count), range(second, second + count))
    for place in ("2 sectors beside tracks of data", "2 sectors at the end of the disc"):
        assert any(place in one for one in done.report["warnings"])
    told = bench.run(["discwright", "inspect", done.target.with_suffix(".cue"), "--json"])
    tracks = json.loads(told.stdout.splitlines()[0])["tracks"]
    assert [one["start"] for one in tracks] == [0, second]


def test_a_pause_that_the_drive_does_not_give_is_said_in_the_sheet(bench, image, tmp_path):
    disc = media.mixed_cd(image, [400])
    bench.add_drive(disc, one_kind=True)
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["bad_sectors"]) == (0, [])
    count = image.stat().st_size // SECTOR
    assert done.target.read_bytes() == sectors_of(
        disc, range(count), range(count + 150, count + 550)
    )
    assert "PREGAP 00:02:00" in sheet(done)
    assert "INDEX 00" not in sheet(done)
    assert any("150 sectors" in one for one in done.report["warnings"])


def test_data_as_bin_is_the_same_iso_again(bench, image, tmp_path):
    bench.add_drive(media.cd_r(image, tao=True))
    done = rip_bin(bench, tmp_path)
    assert done.code == 0
    assert done.target.stat().st_size == image.stat().st_size // SECTOR * RAW
    cue, iso = done.target.with_suffix(".cue"), tmp_path / "again.iso"
    again = rip(bench, iso, node=str(cue))
    assert again.code == 0
    assert iso.read_bytes() == image.read_bytes()


def test_titles_come_from_the_disc(bench, tmp_path):
    cue, _samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    assert burn(bench, cue).state == "complete"
    drive.close_tray()
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    text = lines(sheet(done))
    assert 'TITLE "The \\ Album"' in text
    assert 'TITLE "Größe"' in text
    assert "CATALOG 1234567890123" in text


def test_long_texts_come_whole(bench, tmp_path):
    titles = [
        f"Song {number:02}, whose title is as long as few are in sheets" for number in range(40)
    ]
    text = "".join(f"{title}\0" for title in titles).encode()
    found = packs(0x80, text)
    assert len(found) * 18 > 2048
    disc = media.audio_cd([300] * 39, cd_text=b"".join(found))
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["warnings"]) == (0, []), done.report
    assert re.findall('TITLE "(.*)"', sheet(done)) == titles


@pytest.mark.parametrize("kind", ["record", "game", "film", "extra"])
def test_libcdio_and_cdrdao_read_the_same_table_of_contents(bench, image, tmp_path, kind):
    disc = made(kind, tmp_path, image)
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    cue = done.target.with_suffix(".cue")
    told = subprocess.run(
        ["cd-info", "--no-header", "--no-device-info", "--no-cddb", f"--cue-file={cue}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(
        r"^\s*(\d+): \d\d:\d\d:\d\d\s+(\d+) (data|XA|audio)", told.stdout, re.MULTILINE
    )
    tracks = disc.sessions[0].tracks
    wanted = [
        (str(track.number), f"{track.start:06}", cd_info_calls(track.mode)) for track in tracks
    ]
    assert found[: len(tracks)] == wanted, told.stdout + told.stderr
    # cdrdao 1.2.4 takes the times of further indices for something else.
    plain = "".join(
        line
        for line in cue.read_bytes().decode().splitlines(keepends=True)
        if not re.match(r"\s*INDEX 0[2-9]", line)
    )
    cue.write_bytes(plain.encode())
    toc = subprocess.run(
        ["cdrdao", "show-toc", cue.name], cwd=cue.parent, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    starts = re.findall(r"START\s+\d\d:\d\d:\d\d\(\s*(\d+)\)", toc.stdout + toc.stderr)
    assert [int(one) for one in starts] == [track.start for track in tracks] + [
        tracks[-1].end for _session in disc.sessions[1:]
    ]


@pytest.mark.parametrize("kind", ["record", "game", "film"])
def test_what_was_ripped_is_burned_and_is_the_same_disc(bench, image, tmp_path, kind):
    disc = made(kind, tmp_path, image)
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    writer = bench.add_drive(media.blank(Profile.CD_R))
    burned = burn(bench, done.target.with_suffix(".cue"), writer.node)
    assert (burned.state, burned.report["verified"]) == ("complete", True), burned.log
    end = disc.sessions[0].leadout
    assert writer.burnt_raw(end) == sectors_of(disc)
    before, after = disc.tracks, writer.medium.tracks
    assert [track.start for track in after] == [track.start for track in before]
    assert [track.isrc for track in after] == [track.isrc for track in before]
    assert [track.indexes for track in after] == [track.indexes for track in before]
    assert [track.control for track in after] == [track.control for track in before]
    if kind == "record":
        assert [track.pregap - 150 * (n == 0) for n, track in enumerate(after)] == [300, 150, 37]
        assert writer.medium.mcn == disc.mcn


def test_a_disc_that_cdrdao_burned_is_read_back_as_it_was(bench, tmp_path):
    from drive.cdrdao import record as images  # noqa: PLC0415 - another kind of record

    cue = images(tmp_path)
    drive = burn_with_cdrdao(bench, cue)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.stderr
    assert done.target.read_bytes() == cue.with_suffix(".bin").read_bytes() == drive.burnt_raw(900)
    assert indices(sheet(done)) == [
        "TRACK 01 AUDIO", "INDEX 01 00:00:00", "INDEX 02 00:01:00",
        "TRACK 02 AUDIO", "INDEX 00 00:05:00", "INDEX 01 00:06:00",
    ]  # fmt: skip


# Which format it is


@pytest.mark.parametrize("name", ["plain", "music.bin", "music.cue", "music.v1"])
def test_the_disc_or_the_name_chooses_the_format(bench, tmp_path, name):
    bench.add_drive(media.audio_cd([300]))
    done = rip(bench, tmp_path / name)
    stem = name.removesuffix(".bin").removesuffix(".cue")
    assert done.code == 0, done.stderr
    assert {f"{stem}.bin", f"{stem}.cue"} <= done.files
    assert done.report["target"] == str(tmp_path / f"{stem}.bin")


def test_a_folder_gets_a_name_of_the_right_kind(bench, image, tmp_path):
    drive = bench.add_drive(media.audio_cd([300]))
    assert rip(bench, tmp_path).report["target"] == str(tmp_path / "audio-cd.bin")
    drive.insert(media.cd_rom(image))
    assert rip(bench, tmp_path).report["target"] == str(tmp_path / "BENCH_DISC.iso")


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [("music", "audio"), ("mixed", "mixed"), ("film", "form2"), ("extra", "mixed")],
)
def test_what_no_iso_can_hold_points_to_bin(bench, image, tmp_path, kind, refusal):
    disc = {
        "music": media.audio_cd, "mixed": lambda: media.mixed_cd(image),
        "film": lambda: film(tmp_path), "extra": lambda: extra(tmp_path, image),
    }[kind]()  # fmt: skip
    bench.add_drive(disc)
    done = rip(bench, tmp_path / "out" / ".." / "no.iso")
    assert (done.code, done.report["refusal"]) == (4, refusal)
    assert "BIN/CUE" in done.report["remedy"]


@pytest.mark.parametrize("words", [["--format", "bin"], []])
def test_dvds_are_no_bin(bench, image, tmp_path, words):
    bench.add_drive(media.dvd_rom(image))
    done = rip(bench, tmp_path / "film.bin", *words)
    assert (done.code, done.report["refusal"]) == (4, "no-cd")
    assert "DVD" in done.report["message"]
    assert "ISO" in done.report["remedy"]


@pytest.mark.parametrize("words", [["--resume"], ["--map", "some.map"]])
def test_what_a_bin_does_not_have_is_refused(bench, tmp_path, words):
    bench.add_drive(media.audio_cd([300]))
    done = rip_bin(bench, tmp_path, *words)
    assert (done.code, done.report["state"]) == (4, "refused")
    assert done.files == set()


WINDOW = """
import sys
from dataclasses import replace
from pathlib import Path
from discwright.gui.ports import Ports
from discwright.rip.plan import RipOptions
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Listener
ports = Ports()
look = ports.look("/dev/sr0", CancelToken())
options = RipOptions(format=look.formats[0])
target = Path(sys.argv[1]) / look.name
prospect = ports.consider(look.disc, target, options)
print(look.name, *look.formats, look.refusal.kind, prospect.need)
queue = ports.queue()
job = queue.submit(ports.work(prospect.outcome))
job.wait(60)
print(job.report.state, job.work.title)
queue.close(5)
again = ports.consider(look.disc, target, options)
print(again.outcome.kind, again.destination.path.name)
Path(sys.argv[1], look.name).unlink()
print(ports.consider(look.disc, target, options).destination.path.name)
"""


def test_the_window_asks_for_the_same(bench, tmp_path):
    bench.add_drive(media.audio_cd([300, 300]))
    done = bench.run(["python", "-c", WINDOW, tmp_path])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"audio-cd.bin bin audio {600 * RAW}",
        "complete Rip “sr0” to audio-cd.bin",
        "exists audio-cd.bin",
        "audio-cd.cue",
    ]
