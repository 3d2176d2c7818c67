# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual drive gives the sectors, tables and structures of each kind of disc."""

import random
from pathlib import Path

import pytest

from .asking import (
    CAPACITY,
    CONFIGURATION,
    DISC_INFORMATION,
    READY,
    ask,
    read_10,
    read_12,
    read_cd,
    read_toc,
    structure,
    toc_addresses,
)
from .bench import Bench, SectorSource, Sense, media
from .bench import raw as raw_sectors
from .bench.media import Disc, Mode, Profile, Status

KINDS = {
    "cd-rom": (media.cd_rom, 0x08, 2),
    "cd-r": (media.cd_r, 0x09, 2),
    "cd-rw": (media.cd_rw, 0x0A, 2),
    "mode 2 form 1": (media.mode2_cd, 0x08, 2),
    "dvd-rom": (media.dvd_rom, 0x10, 2),
    "dvd+r": (lambda path: media.data_disc(Profile.DVD_PLUS_R, path), 0x1B, 2),
    "dvd-ram": (lambda path: media.overwritable(Profile.DVD_RAM, path), 0x12, 3),
    "bd-rom": (media.bd_rom, 0x40, 2),
    "bd-r": (lambda path: media.data_disc(Profile.BD_R, path), 0x41, 2),
    "aacs": (media.aacs_bd, 0x40, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_data_disc_reads_byte_identical(bench: Bench, image: Path, kind: str) -> None:
    make, profile, status = KINDS[kind]
    drive = bench.add_drive(make(image))
    bytes_of_image = image.read_bytes()
    last = len(bytes_of_image) // 2048 - 3
    first, end, twelve, capacity, configuration, information = ask(
        bench, drive, read_10(16, 32), read_10(last, 3), read_12(40, 32), CAPACITY, CONFIGURATION,
        DISC_INFORMATION,
    )  # fmt: skip
    assert first.data == bytes_of_image[16 * 2048 : 48 * 2048]
    assert end.data == bytes_of_image[last * 2048 :]
    assert twelve.data == bytes_of_image[40 * 2048 : 72 * 2048]
    size = media.FREE[Profile.DVD_RAM] if kind == "dvd-ram" else len(bytes_of_image) // 2048
    assert capacity.data == (size - 1).to_bytes(4, "big") + (2048).to_bytes(4, "big")
    assert int.from_bytes(configuration.data[6:8], "big") == profile
    assert information.data[2] & 3 == status


def test_reading_past_the_end_or_before_the_start_is_refused(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image))
    size = media.sectors_of(image)
    past, across, before = ask(bench, drive, read_10(size), read_10(size - 1, 2), read_10(-1))
    assert past.sense == across.sense == before.sense == Sense(5, 0x21, 0)
    assert [entry.lba for entry in drive.reads()] == [size, size - 1, -1]


def test_the_runout_of_a_track_at_once_cd_is_counted_but_unreadable(
    bench: Bench, image: Path
) -> None:
    drive = bench.add_drive(media.cd_r(image, tao=True))
    size = media.sectors_of(image)
    capacity, toc, good, first, second, across = ask(
        bench, drive, CAPACITY, read_toc(), read_10(size - 1), read_10(size), read_10(size + 1),
        read_10(size - 8, 10),
    )  # fmt: skip
    assert int.from_bytes(capacity.data[:4], "big") == size + 1
    assert toc_addresses(toc.data) == [(1, 0), (0xAA, size + 2)]
    assert good.ok
    assert first.sense == second.sense == across.sense == Sense(5, 0x64, 0)
    assert across.data == b"\xee" * 20480


def test_music_comes_with_read_cd_only(bench: Bench) -> None:
    disc = media.audio_cd((300, 200))
    drive = bench.add_drive(disc)
    toc, ten, raw = ask(bench, drive, read_toc(), read_10(5), read_cd(298, 4))
    assert toc_addresses(toc.data) == [(1, 0), (2, 300), (0xAA, 500)]
    assert toc.data[5] & 0x04 == 0
    assert ten.sense == Sense(5, 0x64, 0)
    with SectorSource(disc) as source:
        assert raw.data == b"".join(source.raw_sector(lba)[1] for lba in range(298, 302))
    assert len(set(raw.data)) > 1


def test_a_mixed_mode_cd_has_data_a_gap_and_music(bench: Bench, image: Path) -> None:
    disc = media.mixed_cd(image, (300,))
    drive = bench.add_drive(disc)
    size = media.sectors_of(image)
    toc, data, gap, music = ask(
        bench, drive, read_toc(), read_10(size - 1), read_10(size + 20), read_10(size + 150)
    )
    assert toc_addresses(toc.data) == [(1, 0), (2, size + 150), (0xAA, size + 450)]
    assert [toc.data[at] & 4 for at in (5, 13)] == [4, 0]
    assert data.ok
    assert gap.sense == music.sense == Sense(5, 0x64, 0)


def test_a_cd_extra_has_its_data_in_the_second_session(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_extra(image, (300, 300)))
    start = 600 + 11400
    sessions, full, data, gap = ask(
        bench, drive, read_toc(1), read_toc(2), read_10(start + 16), read_10(700)
    )
    assert sessions.data[2:4] == bytes((1, 2))
    assert sessions.data[6] == 3
    assert int.from_bytes(sessions.data[8:12], "big") == start
    rows = [full.data[at : at + 11] for at in range(4, int.from_bytes(full.data[:2], "big"), 11)]
    assert [(row[0], row[3]) for row in rows] == [
        (1, 0xA0), (1, 0xA1), (1, 0xA2), (1, 1), (1, 2), (1, 0xB0), (2, 0xA0), (2, 0xA1),
        (2, 0xA2), (2, 3),
    ]  # fmt: skip
    assert data.data == image.read_bytes()[16 * 2048 : 17 * 2048]
    assert gap.sense is not None


def test_later_sessions_start_after_the_standard_gaps(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.multisession_cd([image, image, image]))
    size = media.sectors_of(image) + 2
    (toc,) = ask(bench, drive, read_toc())
    second = size + 11400
    third = second + size + 6900
    assert toc_addresses(toc.data) == [(1, 0), (2, second), (3, third), (0xAA, third + size)]


def test_form_2_sectors_need_read_cd(bench: Bench, tmp_path: Path) -> None:
    noise = random.Random(3)
    sectors = [raw_sectors.mode2_form1(lba, noise.randbytes(2048)) for lba in range(20)]
    sectors += [raw_sectors.mode2_form2(lba, noise.randbytes(2324)) for lba in range(20, 40)]
    path = tmp_path / "video.bin"
    path.write_bytes(b"".join(sectors))
    drive = bench.add_drive(media.video_cd(path, 20))
    first, second, across, raw, user = ask(
        bench, drive, read_10(3), read_10(25), read_10(19, 2), read_cd(18, 4),
        read_cd(25, flags=0x10, size=2328),
    )  # fmt: skip
    assert first.data == sectors[3][24:2072]
    assert second.sense == across.sense == Sense(5, 0x64, 0)
    assert raw.data == b"".join(sectors[18:22])
    assert user.data == sectors[25][24:]


def test_a_raw_sector_of_a_data_track_is_whole(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image))
    (raw,) = ask(bench, drive, read_cd(16))
    assert raw.data[:12] == b"\0" + b"\xff" * 10 + b"\0"
    assert raw.data[12:16] == bytes((0x00, 0x02, 0x16, 1))
    assert raw.data[16:2064] == image.read_bytes()[16 * 2048 : 17 * 2048]
    _assert_correctable(raw.data)


def _assert_correctable(sector: bytes) -> None:
    """The EDC divides evenly, and every P and Q codeword has zero syndromes (ECMA-130 annex A)."""
    assert raw_sectors.edc(sector[:2068]) == bytes(4)
    block = sector[12:]
    codewords = [[block[column + 86 * row] for row in range(26)] for column in range(86)]
    for diagonal in range(52):
        start = (diagonal >> 1) * 86 + (diagonal & 1)
        word = [block[(start + 88 * step) % 2236] for step in range(43)]
        codewords.append([*word, block[2236 + diagonal], block[2288 + diagonal]])
    for word in codewords:
        plain = weighted = 0
        for value in word:
            plain ^= value
            weighted = (weighted << 1 ^ (0x11D if weighted & 0x80 else 0)) ^ value
        assert (plain, weighted) == (0, 0)


@pytest.mark.parametrize("opposite", [True, False])
def test_two_layers_say_where_they_end(bench: Bench, image: Path, opposite: bool) -> None:
    disc = media.dual_layer(image, 400, opposite=opposite)
    drive = bench.add_drive(disc)
    size = media.sectors_of(image)
    first, second = ask(bench, drive, structure(0), structure(0, layer=1))
    body = first.data[4:]
    assert body[2] >> 5 & 3 == 1
    assert bool(body[2] & 0x10) is opposite
    start, end, break_at = (int.from_bytes(body[at + 1 : at + 4], "big") for at in (4, 8, 12))
    assert start == 0x30000
    if opposite:
        assert break_at == 0x30000 + 399
        assert (end - 0x1000000) + 1 - start + 2 * (break_at + 1) == size
    else:
        later = second.data[4:]
        other = int.from_bytes(later[9:12], "big") + 1 - int.from_bytes(later[5:8], "big")
        assert (end + 1 - start, other, break_at) == (400, size - 400, 0)


def test_protection_is_declared(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.css_dvd(image, range(200, 300)))
    copyright_, clear, scrambled = ask(bench, drive, structure(1), read_10(199), read_10(190, 20))
    assert copyright_.data[4] == 1
    assert clear.ok
    assert scrambled.sense == Sense(5, 0x6F, 3)
    drive.insert(media.cprm_dvd(image))
    assert ask(bench, drive, structure(1))[0].data[4] == 2


def test_a_blu_ray_has_a_disc_information_unit_for_each_layer(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.dual_layer(image, 400, profile=Profile.BD_ROM))
    (reply,) = ask(bench, drive, structure(0, blu_ray=True))
    units = [reply.data[at : at + 64] for at in (4, 68)]
    assert [unit[:2] + unit[8:11] for unit in units] == [b"DIBDO", b"DIBDO"]
    assert [unit[12] >> 4 for unit in units] == [2, 2]
    ends = [int.from_bytes(unit[20:24], "big") for unit in units]
    starts = [int.from_bytes(unit[24:28], "big") for unit in units]
    sizes = [end - start + 1 for start, end in zip(starts, ends, strict=True)]
    assert sizes == [400, media.sectors_of(image) - 400]


def test_a_rewritable_disc_is_as_long_as_its_format(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, image))
    size = media.sectors_of(image)
    capacity, beyond = ask(bench, drive, CAPACITY, read_10(size + 1000, 4))
    assert int.from_bytes(capacity.data[:4], "big") + 1 == media.FREE[Profile.DVD_PLUS_RW]
    assert beyond.data == bytes(8192)


@pytest.mark.parametrize("profile", [Profile.CD_R, Profile.DVD_PLUS_R, Profile.BD_R])
def test_a_blank_disc_says_so(bench: Bench, profile: Profile) -> None:
    drive = bench.add_drive(media.blank(profile))
    information, ready, reading = ask(bench, drive, DISC_INFORMATION, READY, read_10(0))
    assert information.data[2] & 3 == Status.BLANK
    assert ready.ok
    assert reading.sense is not None


def test_no_disc_and_an_open_tray_differ(bench: Bench, image: Path) -> None:
    drive = bench.add_drive()
    assert ask(bench, drive, READY)[0].sense == Sense(2, 0x3A, 1)
    drive.open_tray()
    assert ask(bench, drive, READY)[0].sense == Sense(2, 0x3A, 2)
    drive.insert(media.cd_rom(image))
    assert ask(bench, drive, READY)[0].ok


def test_a_drive_may_claim_a_wrong_capacity(bench: Bench, image: Path) -> None:
    size = media.sectors_of(image)
    disc: Disc = media.dvd_rom(image, capacity_override=size - 50, structure_override=size)
    drive = bench.add_drive(disc)
    capacity, layers, beyond = ask(bench, drive, CAPACITY, structure(0), read_10(size - 20))
    assert int.from_bytes(capacity.data[:4], "big") + 1 == size - 50
    assert int.from_bytes(layers.data[13:16], "big") + 1 - 0x30000 == size
    assert beyond.sense == Sense(5, 0x21, 0)


def test_an_image_of_raw_sectors_gives_user_data(bench: Bench, tmp_path: Path) -> None:
    noise = random.Random(5)
    blocks = [noise.randbytes(2048) for _ in range(8)]
    path = tmp_path / "raw.bin"
    path.write_bytes(b"".join(raw_sectors.mode1(lba, block) for lba, block in enumerate(blocks)))
    drive = bench.add_drive(media.raw_cd(path, mode=Mode.MODE1))
    assert ask(bench, drive, read_10(2, 6))[0].data == b"".join(blocks[2:])


def test_eight_gigabytes_of_a_sparse_image_are_no_trouble(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "sparse.img"
    sectors = (8 << 30) // 2048
    with path.open("wb") as file:
        file.truncate(8 << 30)
        file.seek((sectors - 1) * 2048)
        file.write(b"the last sector".ljust(2048))
    drive = bench.add_drive(media.dual_layer(path, sectors // 2))
    (last,) = ask(bench, drive, read_10(sectors - 2, 2))
    assert last.data[2048:].rstrip() == b"the last sector"
