# SPDX-License-Identifier: GPL-3.0-or-later
"""Where partitions end that a bootable image has behind its file system."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.optical.partitions import partitions_end


def head(*entries, gpt_at=0, alternate=0):
    data = bytearray(4096)
    for number, (status, kind, start, count) in enumerate(entries):
        entry = bytes((status, 0, 0, 0, kind, 0, 0, 0))
        entry += start.to_bytes(4, "little") + count.to_bytes(4, "little")
        data[446 + 16 * number : 462 + 16 * number] = entry
    data[510:512] = b"\x55\xaa"
    if gpt_at:
        data[gpt_at : gpt_at + 8] = b"EFI PART"
        data[gpt_at + 32 : gpt_at + 40] = alternate.to_bytes(8, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (bytes(4096), None),
        (b"", None),
        (head(), None),
        (head((0x80, 0x17, 0, 4000), (0, 0xEF, 4000, 401)), 1101),
        (head((0, 0xEE, 1, 0xFFFFFFFF), gpt_at=512, alternate=4003), 1001),
        (head((0, 0xEE, 1, 0xFFFFFFFF), gpt_at=2048, alternate=999), 1000),
        (head((0x4C, 0x17, 0, 4000)), None),  # code, not a table
    ],
)
def test_the_end_is_that_of_the_last_partition_or_of_the_table_s_copy(data, end):
    assert partitions_end(data) == end


def test_a_partition_that_xorriso_appended_is_found(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_bytes(bytes(100_000))
    (tmp_path / "efi.img").write_bytes(bytes(1_000_000))
    image = tmp_path / "disc.iso"
    command = ["xorrisofs", "-quiet", "-append_partition", "2", "0xef", tmp_path / "efi.img"]
    subprocess.run([*command, "-o", image, tmp_path / "tree"], check=True, capture_output=True)
    assert partitions_end(image.read_bytes()[:4096]) * 2048 > image.stat().st_size - 2048 * 300


@given(st.binary(max_size=4200))
def test_no_first_sectors_can_break_it(data):
    partitions_end(data)
