# SPDX-License-Identifier: GPL-3.0-or-later
"""The unmodified cdrdao and cdrskin burn CDs of several tracks, and they read back bit by bit."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from .asking import ask, read_10, read_cd, read_toc, toc_addresses
from .bench import Bench, Sense, media, raw
from .bench.codes import msf
from .bench.medium import RAW, SECTOR, Mode, Profile, Status
from .burners import cdrskin
from .cdrdao import burn, cdrdao, mixed, mode_2, noise, record

MUSIC, DATA = 0, 4


def tracks_of(toc: bytes) -> list[tuple[int, int, int]]:
    """Give number, control and address of each entry of a format 0 TOC."""
    return [(number, toc[5 + 8 * place] & 15, address)
            for place, (number, address) in enumerate(toc_addresses(toc))]  # fmt: skip


def sub_channel(form: int, track: int = 0) -> tuple[bytes, int]:
    return bytes((0x42, 0, 0x40, form, 0, 0, track, 0, 24, 0)), 24


def track_information(track: int) -> tuple[bytes, int]:
    return bytes((0x52, 1)) + track.to_bytes(4, "big") + bytes((0, 0, 48, 0)), 48


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return record(tmp_path)


def test_cdrdao_burns_music(bench: Bench, music: Path) -> None:
    drive = burn(bench, music)
    assert drive.medium
    assert drive.medium.status is Status.COMPLETE
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()
    toc, raw_toc, *sectors = ask(
        bench, drive, read_toc(), read_toc(2), *(read_cd(at, 25) for at in range(0, 900, 25))
    )
    assert tracks_of(toc.data) == [(1, 2, 0), (2, 1, 450), (0xAA, 1, 900)]
    assert b"".join(reply.data for reply in sectors) == music.with_suffix(".bin").read_bytes()
    points = [(raw_toc.data[at + 1], raw_toc.data[at + 3]) for at in range(4, 59, 11)]
    assert points == [(0x12, 0xA0), (0x11, 0xA1), (0x11, 0xA2), (0x12, 1), (0x11, 2)]
    assert raw_toc.data[34:37] == msf(900)


def test_the_numbers_of_a_record_are_kept(bench: Bench, music: Path) -> None:
    drive = burn(bench, music)
    catalog, first, second = ask(
        bench, drive, sub_channel(2), sub_channel(3, 1), sub_channel(3, 2)
    )  # fmt: skip
    assert catalog.data[8:22] == b"\x801234567890123"
    assert first.data[8:21] == b"\x80USABC0112345"
    assert not second.data[8]


def test_pregaps_and_indexes_are_in_the_sub_channel(bench: Bench, music: Path) -> None:
    drive = burn(bench, music)
    asked = [(bytes((0xBE, 0, 0, 0)) + lba.to_bytes(2, "big") + bytes((0, 0, 1, 0, 2, 0)), 16)
             for lba in (0, 74, 75, 374, 375, 449, 450)]  # fmt: skip
    told = [reply.data[:6] for reply in ask(bench, drive, *asked)]
    assert [(one[0] >> 4, one[1], one[2]) for one in told] == [
        (2, 1, 1), (2, 1, 1), (2, 1, 2), (2, 1, 2), (1, 2, 0), (1, 2, 0), (1, 2, 1),
    ]  # fmt: skip
    assert [bytes(one[3:6]) for one in told[4:]] == [b"\0\0\x74", b"\0\0\0", b"\0\0\0"]


def test_music_hidden_before_the_first_track_is_burnt(bench: Bench, tmp_path: Path) -> None:
    hidden = noise(tmp_path / "hidden.bin", 700)
    cue = tmp_path / "hidden.cue"
    cue.write_text(
        f'FILE "{hidden}" BINARY\n  TRACK 01 AUDIO\n    INDEX 00 00:00:00\n    INDEX 01 00:04:00\n'
    )
    drive = burn(bench, cue)
    assert drive.medium
    assert [(track.start, track.pregap) for track in drive.medium.tracks] == [(300, 450)]
    assert drive.burnt_raw(700) == hidden.read_bytes()


@pytest.mark.parametrize("size", [SECTOR, RAW])
def test_cdrdao_burns_data_and_music(bench: Bench, tmp_path: Path, size: int) -> None:
    data = noise(tmp_path / "data", 300, SECTOR).read_bytes()
    sectors = [data[at : at + SECTOR] for at in range(0, len(data), SECTOR)]
    whole = b"".join(raw.mode1(lba, sector) for lba, sector in enumerate(sectors))
    binary, song = tmp_path / "data.bin", noise(tmp_path / "song.bin", 400)
    binary.write_bytes(data if size == SECTOR else whole)
    drive = burn(bench, mixed(tmp_path, binary, size, song))
    toc, ten, cooked, full, gap, no_data, first, second = ask(
        bench, drive, read_toc(), read_10(100, 32), read_cd(100, flags=0x10, size=2048),
        read_cd(100), read_cd(300), read_10(300), track_information(1), track_information(2),
    )  # fmt: skip
    assert tracks_of(toc.data) == [(1, DATA, 0), (2, MUSIC, 450), (0xAA, MUSIC, 850)]
    assert ten.data == data[100 * SECTOR : 132 * SECTOR]
    assert cooked.data == sectors[100]
    assert full.data == whole[100 * RAW : 101 * RAW]
    assert gap.data == bytes(RAW)
    assert no_data.sense == Sense(5, 0x64, 0)
    assert [(one.data[5] & 15, one.data[6] & 15) for one in (first, second)] == [(4, 1), (0, 0)]
    assert drive.burnt_raw(300) == whole
    assert drive.burnt_raw(400, 450) == song.read_bytes()


def test_cdrdao_burns_mode_2_with_both_forms(bench: Bench, tmp_path: Path) -> None:
    binary = mode_2(tmp_path / "xa.bin", 300)
    cue = tmp_path / "xa.cue"
    cue.write_text(f'FILE "{binary}" BINARY\n  TRACK 01 MODE2/2352\n    INDEX 01 00:00:00\n')
    drive = burn(bench, cue)
    toc, raw_toc, form_1, form_2, information = ask(
        bench, drive, read_toc(), read_toc(2), read_10(100), read_10(99), track_information(1)
    )
    assert tracks_of(toc.data) == [(1, DATA, 0), (0xAA, DATA, 300)]
    assert raw_toc.data[13] == 0x20
    whole = binary.read_bytes()
    assert form_1.data == whole[100 * RAW + 24 :][:SECTOR]
    assert form_2.sense == Sense(5, 0x64, 0)
    assert information.data[6] & 15 == 2
    assert drive.burnt_raw(300) == whole


@pytest.mark.parametrize("made", [False, True], ids=["kept", "made"])
def test_the_drive_makes_the_correction_of_form_1_and_perhaps_that_of_form_2(
    bench: Bench, tmp_path: Path, made: bool
) -> None:
    one, two = random.Random(1).randbytes(SECTOR), random.Random(2).randbytes(2324)
    right = raw.mode2_form1(0, one), raw.mode2_form2(1, two)
    binary, toc = tmp_path / "xa.bin", tmp_path / "xa.toc"
    binary.write_bytes((right[0][16:2072] + bytes(280) + right[1][16:-4] + bytes(4)) * 150)
    toc.write_text(f'CD_ROM_XA\nTRACK MODE2_FORM_MIX\nDATAFILE "{binary}"\n')
    drive = bench.add_drive(media.blank(Profile.CD_R), form2_edc=made)
    assert cdrdao(bench, "write", toc).returncode == 0
    assert drive.burnt_raw(2) == right[0] + (right[1] if made else right[1][:-4] + bytes(4))


def test_cdrdao_burns_mode_2_without_forms(bench: Bench, tmp_path: Path) -> None:
    binary = noise(tmp_path / "formless.bin", 300, 2336)
    toc = tmp_path / "formless.toc"
    toc.write_text(f'CD_ROM\nTRACK MODE2\nDATAFILE "{binary}"\n')
    drive = burn(bench, toc)
    assert drive.medium
    assert drive.medium.tracks[0].mode is Mode.FORMLESS
    burnt = drive.burnt_raw(300)
    assert b"".join(burnt[at + 16 : at + RAW] for at in range(0, 300 * RAW, RAW)) == (
        binary.read_bytes()
    )
    assert burnt[12:16] == bytes((0, 2, 0, 2))


def test_a_simulated_burn_of_tracks_leaves_the_disc_blank(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    before = drive.medium
    done = cdrdao(bench, "simulate", music)
    assert done.returncode == 0, done.stderr
    assert drive.writes()
    assert drive.medium == before


def test_cdrskin_burns_the_same_from_a_cue_sheet(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    assert cdrskin(bench, f"cuefile={music}").returncode == 0
    assert drive.medium
    tracks = [(track.start, track.control, track.pregap, track.indexes, track.isrc)
              for track in drive.medium.tracks]  # fmt: skip
    assert tracks == [(0, 2, 150, (75,), "USABC0112345"), (450, 1, 75, (), "")]
    assert drive.medium.mcn == "1234567890123"
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()


def test_cdrskin_burns_data_and_music_track_at_once(bench: Bench, tmp_path: Path) -> None:
    data, song = noise(tmp_path / "data.bin", 300, SECTOR), noise(tmp_path / "song.bin", 400)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    words = ("-tao", "-data", data, "-audio", "-swab", "-copy", song, "-nocopy", "-preemp", song)
    assert cdrskin(bench, *words).returncode == 0
    drive.open_tray()
    drive.close_tray()
    toc, run_out, data_gap, silence, *sectors = ask(
        bench, drive, read_toc(), read_cd(300), read_cd(302), read_cd(854),
        *(read_cd(at, 25) for at in range(452, 852, 25)),
    )  # fmt: skip
    assert tracks_of(toc.data) == [(1, 4, 0), (2, 2, 452), (3, 1, 1004), (0xAA, 1, 1406)]
    assert run_out.sense == Sense(5, 0x64, 0)
    assert data_gap.data == silence.data == bytes(RAW)
    assert b"".join(reply.data for reply in sectors) == song.read_bytes()
    assert drive.burnt(300) == data.read_bytes()
    assert drive.burnt_raw(400, 1004) == song.read_bytes()


def written_on(bench: Bench) -> list[str]:
    """Give what libcdio reads of the disc's CD-TEXT."""
    told = bench.run(["cd-info", "--no-header", "--no-device-info", "-C", "/dev/sr0"]).stdout
    return [line.strip() for line in told.splitlines() if line.startswith("\t")]


NAMES = (("A record", "Somebody"), ("One song with a rather long name", "One"), ("Another", "Two"))
"""Title and performer of the disc and of each track."""
CD_TEXT = [line for title, performer in NAMES
           for line in (f"TITLE: {title}", f"PERFORMER: {performer}")]  # fmt: skip


def test_cdrdao_burns_cd_text(bench: Bench, tmp_path: Path) -> None:
    song, toc = noise(tmp_path / "song.bin", 300), tmp_path / "text.toc"
    album, *songs = (f'LANGUAGE 0 {{ TITLE "{title}" PERFORMER "{performer}" }}'
                     for title, performer in NAMES)  # fmt: skip
    tracks = (f'TRACK AUDIO CD_TEXT {{ {each} }} FILE "{song}" 0\n' for each in songs)
    toc.write_text(f"CD_DA CD_TEXT {{ LANGUAGE_MAP {{ 0 : EN }} {album} }}\n{''.join(tracks)}")
    drive = burn(bench, toc, "--driver", "generic-mmc:0x10")
    assert written_on(bench) == CD_TEXT
    assert drive.burnt_raw(600) == 2 * song.read_bytes()


def test_cdrskin_burns_cd_text(bench: Bench, tmp_path: Path) -> None:
    song, sheet = noise(tmp_path / "song.bin", 300), tmp_path / "text.v07t"
    keys = (("Album Title", "Artist Name"), ("Track 01 Title", "Track 01 Artist"),
            ("Track 02 Title", "Track 02 Artist"))  # fmt: skip
    said = ["Input Sheet Version = 0.7T"]
    for pair, names in zip(keys, NAMES, strict=True):
        said += [f"{key} = {name}" for key, name in zip(pair, names, strict=True)]
    sheet.write_text("\n".join(said))
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = cdrskin(bench, "-sao", f"input_sheet_v07t={sheet}", "-audio", "-swab", song, song)
    assert done.returncode == 0, done.stderr
    drive.open_tray()
    drive.close_tray()
    assert written_on(bench) == CD_TEXT
    assert drive.burnt_raw(600) == 2 * song.read_bytes()


def test_cdrdao_appends_a_session(bench: Bench, tmp_path: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    first, second = tmp_path / "first.toc", tmp_path / "second.toc"
    song, data = noise(tmp_path / "song.bin", 400), noise(tmp_path / "data.bin", 300, SECTOR)
    first.write_text(f'CD_ROM_XA\nTRACK AUDIO\nFILE "{song}" 0\n')
    second.write_text(f'CD_ROM_XA\nTRACK MODE1\nDATAFILE "{data}"\n')
    assert cdrdao(bench, "write", "--multi", first).returncode == 0
    assert drive.medium
    assert (drive.medium.status, drive.medium.next_writable) == (Status.APPENDABLE, 11800)
    done = cdrdao(bench, "write", second)
    assert done.returncode == 0, done.stderr
    drive.open_tray()
    drive.close_tray()
    toc, sessions, ten = ask(bench, drive, read_toc(), read_toc(1), read_10(11800, 32))
    assert tracks_of(toc.data) == [(1, MUSIC, 0), (2, DATA, 11800), (0xAA, DATA, 12100)]
    assert toc_addresses(sessions.data) == [(2, 11800)]
    assert ten.data == data.read_bytes()[: 32 * SECTOR]
    assert drive.burnt_raw(400) == song.read_bytes()
    assert drive.medium.status is Status.COMPLETE


def test_a_cd_rw_is_erased_with_its_numbers_and_burnt_again(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_RW))
    before = drive.medium
    assert cdrdao(bench, "write", music).returncode == 0
    assert cdrdao(bench, "write", music).returncode == 1
    assert cdrdao(bench, "blank", "--blank-mode", "full").returncode == 0
    assert before
    assert drive.medium == replace(before, size=before.free)
    assert cdrdao(bench, "write", music).returncode == 0
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()
