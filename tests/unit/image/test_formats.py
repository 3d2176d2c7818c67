# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file is, and why it can't be used if it can't."""

import os
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discwright.image.formats import ImageKind, identify

from .fat_maker import fat_image
from .readers import SECTOR

SYNC = b"\0" + b"\xff" * 10 + b"\0"
RAW = SYNC + b"\0\2\0\1" + bytes(2336)


@pytest.mark.parametrize("image", ["plain_iso", "bridge_iso", "udf_image", "hfs_iso"])
def test_file_systems_of_discs_are_known_whatever_the_name(
    image: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    path = tmp_path / "holiday.backup"
    path.write_bytes(request.getfixturevalue(image).read_bytes())
    found = identify(path)
    assert found.kind is ImageKind.ISO
    assert found.usable
    assert found.sectors == path.stat().st_size // SECTOR
    assert found.remarks == ()


def test_an_iso_that_ends_within_a_sector_is_usable_but_remarked(
    plain_iso: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cut.iso"
    path.write_bytes(plain_iso.read_bytes()[:-100])
    found = identify(path)
    assert found.usable
    assert "cut short" in found.remarks[0]


def test_an_iso_of_unknown_content_is_usable_but_remarked(tmp_path: Path) -> None:
    path = tmp_path / "game.iso"
    path.write_bytes(os.urandom(50 * SECTOR))
    found = identify(path)
    assert found.kind is ImageKind.ISO
    assert found.usable
    assert "No file system" in found.remarks[0]


@pytest.mark.parametrize(
    ("name", "data", "kind", "says"),
    [
        ("x.iso", b"", "empty", "is empty"),
        ("x.iso", b"abc", "too-short", "3 bytes"),
        ("x.iso", bytes(16 * SECTOR), "too-short", "bytes"),
        ("x.txt", b"hello\n" * 1000, "not-an-image", "not a disc image"),
        ("x.iso.xz", b"\xfd7zXZ\0" + bytes(5000), "compressed", "xz"),
        ("x.iso", b"PK\3\4" + bytes(90_000), "compressed", "zip"),
        ("x.chd", b"MComprHD" + bytes(5000), "foreign", "CHD"),
        ("x.dmg", bytes(90_000) + b"koly" + bytes(508), "foreign", "DMG"),
        ("x.bin", RAW * 20, "bin", "cue sheet is missing"),
        ("x.bin", bytes(2352 * 20), "bin", "cue sheet is missing"),
        ("x.cue", b"", "empty", "is empty"),
        ("x.cue", b"nonsense", "cue", "names no track"),
        ("x.cue", b"\x89PNG\0\0", "not-an-image", "not a disc image"),
        ("x.img", os.urandom(90_000), "disk", "Neither partitions nor a file system"),
        ("x.dd", os.urandom(90_000), "disk", "written to a stick as it is"),
        ("x.toc", b"nonsense", "toc", "names no track"),
        ("x.nrg", bytes(90_000) + b"NER5" + (50_000).to_bytes(8, "big"), "nrg", "names no track"),
    ],
)
def test_what_is_not_usable_says_why(
    tmp_path: Path, name: str, data: bytes, kind: str, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = identify(path)
    assert found.kind == kind
    assert not found.usable
    assert says in found.message
    assert found.error().message == found.message


def test_an_image_of_a_stick_is_no_disc(tmp_path: Path) -> None:
    path = tmp_path / "stick.img"
    mbr = bytearray(512)
    mbr[446:462] = struct.pack("<BBBBBBBBII", 0x80, 0, 0, 0, 0x0C, 0, 0, 0, 1, 2000)
    mbr[510:] = b"\x55\xaa"
    path.write_bytes(bytes(mbr) + fat_image("BOOTX64.EFI"))
    assert identify(path).kind is ImageKind.DISK
    assert "USB stick" in identify(path).message


@pytest.mark.parametrize(
    "maker", [("mkfs.fat", "-F12"), ("mkfs.fat", "-F32"), ("mkfs.ext4", "-qF"), ("mkfs.exfat",)]
)
def test_a_file_system_of_disks_is_known_whatever_the_name(
    tmp_path: Path, maker: tuple[str, ...]
) -> None:
    path = tmp_path / "backup"
    path.touch()
    os.truncate(path, 40 << 20 if "-F32" in maker else 4 << 20)
    subprocess.run([*maker, path], check=True, capture_output=True)
    assert identify(path).kind is ImageKind.DISK


def test_folders_devices_pipes_and_missing_files_say_what_they_are(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.iso")
    assert "folder" in identify(tmp_path).message
    assert "regular file" in identify(Path("/dev/zero")).message
    assert "regular file" in identify(tmp_path / "pipe.iso").message
    assert identify(tmp_path / "gone.iso").kind is ImageKind.MISSING
    assert identify(tmp_path / ("n" * 300)).kind is ImageKind.MISSING
    assert identify(tmp_path / "nul\0.iso").kind is ImageKind.MISSING


def test_raw_sectors_point_to_the_cue_sheet_beside_them(tmp_path: Path) -> None:
    (tmp_path / "game.bin").write_bytes(RAW * 20)
    (tmp_path / "game.cue").write_text("")
    assert "game.cue" in identify(tmp_path / "game.bin").remedy


# -- cue sheets -----------------------------------------------------------------------------


def cue(tmp_path: Path, text: str, **files: int) -> Path:
    for name, size in files.items():
        (tmp_path / f"{name}.bin").write_bytes(bytes(size))
    path = tmp_path / "disc.cue"
    path.write_bytes(text.encode())
    return path


def test_a_mode1_2048_cue_is_as_long_as_its_file(tmp_path: Path) -> None:
    found = identify(
        cue(tmp_path, 'FILE "a.bin" BINARY\n TRACK 01 MODE1/2048\n  INDEX 01 00:00:00\n',
            a=1000 * 2048)
    )  # fmt: skip
    assert found.kind is ImageKind.CUE
    assert found.usable
    assert found.sectors == 1000
    assert found.tracks[0].sectors == 1000
    assert found.tracks[0].format.user_offset == 0
    assert found.files == (tmp_path / "disc.cue", tmp_path / "a.bin")


def test_tracks_in_one_file_lie_where_their_times_say(tmp_path: Path) -> None:
    found = identify(
        cue(
            tmp_path,
            'REM made by hand\r\nFILE "A.BIN" BINARY\r\n'
            "  TRACK 01 MODE1/2352\r\n    INDEX 01 00:00:00\r\n"
            "  TRACK 02 AUDIO\r\n    FLAGS DCP\r\n    INDEX 00 00:04:00\r\n"
            "    INDEX 01 00:06:00\r\n",
            a=(300 + 150 + 75) * 2352,
        )
    )
    assert found.usable, found.message
    one, two = found.tracks
    assert (one.start, one.sectors, one.offset) == (0, 300, 0)
    assert (two.start, two.sectors, two.offset) == (450, 75, 450 * 2352)
    assert one.is_data
    assert not two.is_data
    assert found.sectors == 525


def test_sectors_of_two_sizes_in_one_file_are_counted_each_by_its_own(tmp_path: Path) -> None:
    found = identify(
        cue(
            tmp_path,
            'FILE "a.bin" BINARY\n TRACK 01 MODE1/2048\n INDEX 01 00:00:00\n'
            " TRACK 02 AUDIO\n  PREGAP 00:02:00\n  INDEX 01 00:02:00\n",
            a=150 * 2048 + 75 * 2352,
        )
    )
    assert [(t.start, t.sectors, t.offset) for t in found.tracks] == [
        (0, 150, 0),
        (300, 75, 150 * 2048),
    ]


def test_one_file_per_track_and_sessions_as_preservation_sites_write_them(tmp_path: Path) -> None:
    found = identify(
        cue(
            tmp_path,
            'FILE "a.bin" BINARY\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n'
            'FILE "b.bin" BINARY\n TRACK 02 AUDIO\n  INDEX 00 00:00:00\n  INDEX 01 00:02:00\n'
            'REM SESSION 02\nFILE "c.bin" BINARY\n TRACK 03 MODE2/2352\n  INDEX 01 00:00:00\n',
            a=100 * 2352, b=250 * 2352, c=80 * 2352,
        )
    )  # fmt: skip
    assert [(t.session, t.start, t.sectors) for t in found.tracks] == [
        (1, 0, 100), (1, 250, 100), (2, 350 + 11_400, 80),
    ]  # fmt: skip
    assert found.tracks[2].format.user_offset == 24


@pytest.mark.parametrize(
    "name",
    ["../a.bin", "/etc/passwd", "C:\\\\a.bin", "x/../../a.bin", "\\\\\\\\server\\\\a.bin", ""],
)
def test_a_cue_can_t_reach_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    found = identify(
        cue(tmp_path, f'FILE "{name}" BINARY\n TRACK 01 MODE1/2048\n INDEX 01 00:00:00\n')
    )
    assert not found.usable
    assert "not in its own folder" in found.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('FILE "gone.bin" BINARY\n TRACK 01 AUDIO\n INDEX 01 00:00:00\n', "isn't there"),
        ('FILE "a.bin" BINARY\n TRACK 01 AUDIO\n INDEX 01 90:00:00\n', "shorter than"),
        ('FILE "a.bin" BINARY\n TRACK 01 AUDIO\n INDEX 01 00:00:75\n', "Line 3"),
        ('FILE "a.bin" BINARY\n TRACK 01 AUDIO\n INDEX 00 00:00:00\n', "no INDEX 01"),
        ('FILE "a.bin" BINARY\n TRACK 01 MODE9/1\n INDEX 01 00:00:00\n', "Line 2"),
        (('FILE "a.bin" BINARY\n TRACK 01 AUDIO\n INDEX 01 00:00:10\n'
         " TRACK 02 AUDIO\n INDEX 01 00:00:05\n"), "aren't in order"),
        ('FILE "a.bin" BINARY\n TRACK 02 AUDIO\n INDEX 01 00:00:00\n TRACK 01 AUDIO\n', "Line 4"),
    ],
)  # fmt: skip
def test_a_broken_cue_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    found = identify(cue(tmp_path, text, a=100 * 2352))
    assert found.kind is ImageKind.CUE
    assert says in found.message


# -- cdrdao and Nero ------------------------------------------------------------------------


def test_a_cdrdao_toc_is_laid_out(tmp_path: Path) -> None:
    (tmp_path / "data.iso").write_bytes(bytes(200 * 2048))
    (tmp_path / 'mu "sic.bin').write_bytes(bytes(400 * 2352))
    path = tmp_path / "disc.toc"
    path.write_text(
        'CD_ROM\nCD_TEXT { LANGUAGE 0 { TITLE "TRACK AUDIO" } }\n// a note\n'
        'TRACK MODE1\nDATAFILE "data.iso"\n'
        'TRACK AUDIO\nNO COPY\nPREGAP 00:02:00\nAUDIOFILE "mu \\"sic.bin" 0 00:04:00\n'
        'TRACK AUDIO\nFILE "mu \\"sic.bin" 00:04:00 00:01:25\nSTART 00:00:25\n'
    )
    found = identify(path)
    assert found.kind is ImageKind.TOC
    assert found.usable, found.message
    assert [(t.start, t.sectors, t.offset) for t in found.tracks] == [
        (0, 200, 0),
        (350, 300, 0),
        (675, 75, 325 * 2352),
    ]
    assert found.sectors == 750


def test_zeros_behind_the_data_of_a_toc_count_for_the_disc_but_not_for_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(100 * 2352))
    path = tmp_path / "disc.toc"
    path.write_text(
        'CD_ROM\nTRACK MODE1_RAW\nDATAFILE "data.bin"\nZERO MODE1_RAW 00:02:00\n'
        'TRACK AUDIO\nSILENCE 00:01:00\nFILE "data.bin" 0\n'
    )
    found = identify(path)
    data, music = found.tracks
    assert (data.sectors, data.zeros) == (100, 150)
    assert (music.start, music.sectors, music.file) == (250, 175, None)
    assert found.sectors == 425


def test_a_data_track_in_pieces_is_not_usable(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(100 * 2352))
    path = tmp_path / "disc.toc"
    path.write_text("CD_ROM\nTRACK MODE1_RAW\n" + 'DATAFILE "data.bin"\n' * 2)
    assert "several pieces" in identify(path).message


def test_a_toc_whose_file_is_too_short_says_so(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(10 * 2352))
    path = tmp_path / "disc.toc"
    path.write_text('CD_ROM_XA\nTRACK MODE2_RAW\nDATAFILE "data.bin" 00:00:11\n')
    assert "shorter" in identify(path).message
    path.write_text('CD_ROM_XA\nTRACK MODE2_RAW\nDATAFILE "../data.bin" 00:00:10\n')
    assert "own folder" in identify(path).message


@pytest.mark.parametrize("version", [1, 2])
def test_a_nero_image_is_laid_out(tmp_path: Path, version: int) -> None:
    data = bytes(100 * 2048)
    if version == 2:
        track = b"\0" * 12 + struct.pack(">HBBHQQQ", 2048, 0, 0, 1, 0, 0, len(data))
        chunk = struct.pack(">I", 22 + len(track)) + bytes(14) + b"\0\0\1\1" + track
        chunks = b"DAOX" + struct.pack(">I", len(chunk)) + chunk
        footer = b"NER5" + struct.pack(">Q", len(data))
    else:
        chunk = struct.pack(">IIIII", 0, len(data), 0, 0, 0)
        chunks = b"ETNF" + struct.pack(">I", len(chunk)) + chunk
        footer = b"NERO" + struct.pack(">I", len(data))
    path = tmp_path / "disc.nrg"
    path.write_bytes(data + chunks + b"SINF\0\0\0\4\0\0\0\1END!\0\0\0\0" + footer)
    found = identify(path)
    assert found.kind is ImageKind.NRG
    assert found.usable, found.message
    (track_found,) = found.tracks
    assert (track_found.start, track_found.sectors, track_found.offset) == (0, 100, 0)
    assert track_found.format.sector_size == 2048


def test_a_nero_image_that_points_outside_of_itself_is_not_usable(tmp_path: Path) -> None:
    chunk = struct.pack(">QQIIQ", 0, 1 << 60, 0, 0, 0)
    data = bytes(4096)
    path = tmp_path / "disc.nrg"
    path.write_bytes(
        data + b"ETN2" + struct.pack(">I", len(chunk)) + chunk + b"END!\0\0\0\0"
        + b"NER5" + struct.pack(">Q", len(data))
    )  # fmt: skip
    assert "outside" in identify(path).message


@settings(
    max_examples=300, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.sampled_from([".cue", ".toc", ".nrg", ".iso", ".bin"]),
    st.lists(
        st.one_of(
            st.sampled_from([
                b'FILE "a.bin" BINARY\n', b"TRACK 01 MODE1/2048\n", b"TRACK 02 AUDIO\n",
                b"INDEX 00 00:00:00\n", b"INDEX 01 00:00:00\n", b"INDEX 01 00:00:10\n",
                b"PREGAP 00:01:00\n", b"REM SESSION 02\n", b"CD_ROM\n", b"TRACK MODE1\n",
                b'DATAFILE "a.bin"\n', b'AUDIOFILE "a.bin" 0 00:00:01\n', b"SILENCE 00:01:00\n",
                b"START\n", b"CD_TEXT {\n", b"}\n", b"ZERO AUDIO 00:00:10\n", b"DAOX\0\0\0\x40",
                b"ETN2\0\0\0\x20", b"ETNF\0\0\0\x14", b"NER5\0\0\0\0\0\0\0\0", b"NERO\0\0\0\4",
            ]),
            st.binary(max_size=40),
        ),
        max_size=12,
    ),
)  # fmt: skip
def test_nonsense_is_always_told_in_a_sentence(
    tmp_path: Path, suffix: str, pieces: list[bytes]
) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(100 * 2352))
    path = tmp_path / f"disc{suffix}"
    path.write_bytes(b"".join(pieces))
    found = identify(path)
    assert found.usable == (not found.message)
    for track in found.tracks:
        assert track.sectors >= 0
        assert track.start >= 0
        if track.file is not None:
            assert track.offset + track.sectors * track.format.sector_size <= (
                track.file.stat().st_size
            )
