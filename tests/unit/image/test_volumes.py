# SPDX-License-Identifier: GPL-3.0-or-later
"""What a disc is called, which file systems it has and where they end."""

import struct
import subprocess
from pathlib import Path

import pytest

from discwright.image.volumes import FileSystem, VolumeEnd, best_label, read_volumes

from .readers import SECTOR, FileReader, MemoryReader, SparseReader
from .udf_maker import BLOCKS, START, metadata_image

ISO, RR, JOLIET, UDF = (
    FileSystem.ISO9660, FileSystem.ROCK_RIDGE, FileSystem.JOLIET, FileSystem.UDF,
)  # fmt: skip
PVD = 16 * SECTOR


def test_all_four_file_systems_of_a_bridge_disc_are_named(bridge_iso: Path) -> None:
    volumes = read_volumes(FileReader(bridge_iso))
    assert volumes.file_systems == (ISO, RR, JOLIET, UDF)
    assert volumes.label == "My Holiday"
    assert volumes.publisher == "Ann"
    assert volumes.application.startswith("GENISOIMAGE")
    assert volumes.remarks == ()


def test_a_bridge_disc_ends_where_the_image_ends_by_both_descriptors(bridge_iso: Path) -> None:
    sectors = bridge_iso.stat().st_size // SECTOR
    assert set(read_volumes(FileReader(bridge_iso)).ends) == {
        VolumeEnd("iso9660", sectors), VolumeEnd("udf", sectors),
    }  # fmt: skip


def test_the_udf_end_of_a_disc_with_unknown_length_includes_the_anchor_behind_the_partition(
    bridge_iso: Path,
) -> None:
    data = bridge_iso.read_bytes()
    whole = FileReader(bridge_iso)
    longer = MemoryReader(data + bytes(1000 * SECTOR))
    end = {e.source: e.sectors for e in read_volumes(longer).ends}["udf"]
    partition = int.from_bytes(data[34 * SECTOR + 188 :][:4], "little") + int.from_bytes(
        data[34 * SECTOR + 192 :][:4], "little"
    )
    assert end == partition + 1 < whole.sectors


def test_a_plain_disc_is_only_iso_9660(plain_iso: Path) -> None:
    assert read_volumes(FileReader(plain_iso)).file_systems == (ISO,)


def test_the_full_label_wins_over_the_one_that_joliet_cut(joliet_iso: Path) -> None:
    volumes = read_volumes(FileReader(joliet_iso))
    assert volumes.file_systems == (ISO, JOLIET)
    assert volumes.label == "A_LABEL_OF_MORE_THAN_16"


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (["", "Holiday 2024", "HOLIDAY_2024"], "Holiday 2024"),
        (["", "DISCWRIGHT_SAMPL", "DISCWRIGHT_SAMPLE"], "DISCWRIGHT_SAMPLE"),
        (["LinuxUDF", "", "BACKUP"], "BACKUP"),
        (["Films", "", "CDROM"], "Films"),
        (["", "", "CDROM"], "CDROM"),
        (["", "", ""], ""),
    ],
)
def test_the_label_is_the_one_that_people_know(labels: list[str], known: str) -> None:
    assert best_label(labels) == known


def test_a_udf_only_image_has_its_label_and_ends_behind_the_last_anchor(udf_image: Path) -> None:
    volumes = read_volumes(FileReader(udf_image))
    assert volumes.file_systems == (UDF,)
    assert volumes.label == "Grüße"
    assert volumes.ends == (VolumeEnd("udf", 4096),)
    assert volumes.created


def test_udf_on_512_byte_blocks_is_counted_in_2048_byte_sectors(tmp_path: Path) -> None:
    path = tmp_path / "stick.img"
    subprocess.run(["mkudffs", "--new-file", "-b", "512", path, "20002"],
                   check=True, capture_output=True)  # fmt: skip
    path.write_bytes(path.read_bytes().ljust(5001 * SECTOR, b"\0"))
    assert UDF in read_volumes(FileReader(path)).file_systems


def test_a_blu_ray_with_a_metadata_partition_ends_behind_its_partition() -> None:
    volumes = read_volumes(MemoryReader(metadata_image()))
    assert volumes.label == "Blu-ray Ω"
    assert volumes.ends == (VolumeEnd("udf", START + BLOCKS + 1),)


def test_a_lost_anchor_at_256_is_made_good_by_the_one_at_the_end(udf_image: Path) -> None:
    volumes = read_volumes(FileReader(udf_image, bad=frozenset({256})))
    assert volumes.label == "Grüße"
    assert any("256" in remark for remark in volumes.remarks)


def test_a_lost_main_sequence_is_made_good_by_the_reserve(udf_image: Path) -> None:
    data = bytearray(udf_image.read_bytes())
    data[96 * SECTOR : 112 * SECTOR] = bytes(16 * SECTOR)
    assert read_volumes(MemoryReader(bytes(data))).label == "Grüße"


def test_a_mac_hybrid_is_hfs_too(hfs_iso: Path) -> None:
    volumes = read_volumes(FileReader(hfs_iso))
    assert volumes.file_systems == (ISO, FileSystem.HFS)
    assert volumes.label == "MACDISC"
    hfs = next(end for end in volumes.ends if end.source == "hfs")
    assert 0 < hfs.sectors <= hfs_iso.stat().st_size // SECTOR


def test_hfs_plus_has_its_label_and_end() -> None:
    data = bytearray(64 * SECTOR)
    data[1024:1026] = b"H+"
    struct.pack_into(">II", data, 1024 + 40, 4096, 20)
    struct.pack_into(">I", data, 1024 + 288, 3)
    catalog = 3 * 4096
    data[catalog + 8] = 1
    struct.pack_into(">IIH", data, catalog + 24, 1, 1, 4096)
    leaf = catalog + 4096
    data[leaf + 8] = 0xFF
    name = "Macintosh HD"
    struct.pack_into(">HIH", data, leaf + 14, 6 + 2 * len(name), 1, len(name))
    data[leaf + 22 : leaf + 22 + 2 * len(name)] = name.encode("utf-16-be")
    volumes = read_volumes(MemoryReader(bytes(data)))
    assert volumes.file_systems == (FileSystem.HFS_PLUS,)
    assert volumes.label == name
    assert volumes.ends == (VolumeEnd("hfs", 40),)


def test_a_later_session_counts_its_own_blocks_only(plain_iso: Path) -> None:
    data = plain_iso.read_bytes()
    start = 1000
    volumes = read_volumes(MemoryReader(bytes(start * SECTOR) + data), session_start=start)
    assert volumes.ends == (VolumeEnd("iso9660", start + len(data) // SECTOR),)


def test_small_logical_blocks_are_counted_in_sectors(plain_iso: Path) -> None:
    data = bytearray(plain_iso.read_bytes())
    struct.pack_into("<I", data, PVD + 80, 1001)
    struct.pack_into(">I", data, PVD + 84, 1001)
    struct.pack_into("<H", data, PVD + 128, 512)
    struct.pack_into(">H", data, PVD + 130, 512)
    assert read_volumes(MemoryReader(bytes(data))).ends == (VolumeEnd("iso9660", 251),)


@pytest.mark.parametrize("size", [0, 1, 2047, 4096, 65535])
def test_an_impossible_block_size_is_remarked_and_taken_for_2048(
    plain_iso: Path, size: int
) -> None:
    data = bytearray(plain_iso.read_bytes())
    struct.pack_into("<H", data, PVD + 128, size)
    struct.pack_into(">H", data, PVD + 130, size)
    volumes = read_volumes(MemoryReader(bytes(data)))
    assert volumes.ends == (VolumeEnd("iso9660", len(data) // SECTOR),)
    assert any("block size" in remark for remark in volumes.remarks)


def test_a_size_that_differs_between_byte_orders_is_remarked_and_the_little_one_taken(
    plain_iso: Path,
) -> None:
    data = bytearray(plain_iso.read_bytes())
    struct.pack_into(">I", data, PVD + 84, 7)
    volumes = read_volumes(MemoryReader(bytes(data)))
    assert volumes.ends == (VolumeEnd("iso9660", len(data) // SECTOR),)
    assert any("differ" in remark for remark in volumes.remarks)


def test_an_unreadable_descriptor_is_a_remark_and_the_others_count(bridge_iso: Path) -> None:
    volumes = read_volumes(FileReader(bridge_iso, bad=frozenset({16})))
    assert volumes.file_systems == (JOLIET, UDF)
    assert volumes.label == "My Holiday"
    assert any("16" in remark for remark in volumes.remarks)


def test_a_disc_that_can_t_be_read_at_all_ends_after_a_few_tries(bridge_iso: Path) -> None:
    reader = FileReader(bridge_iso, bad=frozenset(range(10_000)))
    volumes = read_volumes(reader)
    assert volumes.file_systems == ()
    assert volumes.remarks
    assert len(reader.asked) <= 8


def test_only_descriptors_are_read(bridge_iso: Path) -> None:
    reader = FileReader(bridge_iso)
    read_volumes(reader)
    assert len(reader.asked) < 40
    assert max(lba for lba in reader.asked if lba < reader.sectors - 257) < 450


def test_a_label_in_no_known_encoding_is_shown_safely(plain_iso: Path) -> None:
    data = bytearray(plain_iso.read_bytes())
    data[PVD + 40 : PVD + 72] = b"CAF\xe9\x1b[31m\x00\xff".ljust(32)
    label = read_volumes(MemoryReader(bytes(data))).label
    assert label.startswith("CAFé")
    assert label.isprintable()


def test_a_label_in_utf_8_is_shown_as_meant(plain_iso: Path) -> None:
    data = bytearray(plain_iso.read_bytes())
    data[PVD + 40 : PVD + 72] = "Žluťoučký kůň".encode().ljust(32)
    assert read_volumes(MemoryReader(bytes(data))).label == "Žluťoučký kůň"


@pytest.mark.parametrize(
    ("field", "created"),
    [
        (b"2024022912345600\x08", "2024-02-29T12:34:56+02:00"),
        (b"2024022912345600\x00", "2024-02-29T12:34:56+00:00"),
        (b"2024022912345600\x7f", "2024-02-29T12:34:56"),
        (b"2023022912345600\x00", ""),
        (b"0000000000000000\x00", ""),
        (b"9999123123595999\x00", ""),
        (b"\xff" * 17, ""),
    ],
)
def test_only_plausible_times_are_told(plain_iso: Path, field: bytes, created: str) -> None:
    data = bytearray(plain_iso.read_bytes())
    data[PVD + 813 : PVD + 830] = field
    assert read_volumes(MemoryReader(bytes(data))).created == created


@pytest.mark.parametrize("data", [b"", b"abc", bytes(16 * SECTOR), b"\xff" * 40 * SECTOR])
def test_what_is_no_disc_has_no_file_system(data: bytes) -> None:
    volumes = read_volumes(MemoryReader(data))
    assert volumes.file_systems == ()
    assert volumes.ends == ()


def test_an_endless_row_of_descriptors_ends() -> None:
    sectors = dict.fromkeys(range(16, 100000), b"\x02CD001\x01")
    reader = SparseReader(sectors, 1 << 31)
    read_volumes(reader)
