# SPDX-License-Identifier: GPL-3.0-or-later
"""UDisks2 itself, on a bus of its own, with a loop device for a stick."""

import fcntl
import os
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from discwright.devices import udisks
from discwright.devices.mounts import mounted_at
from discwright.errors import DiscwrightError
from stick.udisks_bench import Bench, wait_until

BLKGETSIZE64 = 0x80081272
SIZE = 8 << 20


@pytest.fixture(scope="module")
def stick(tmp_path_factory) -> Iterator[str]:
    """A loop device with a file system, known to a UDisks2 that the program can reach."""
    with Bench(tmp_path_factory.mktemp("udisks")) as bench:
        yield bench.add_stick(SIZE, file_system="ext2")


@pytest.fixture
def mounted(stick, tmp_path) -> Iterator[Path]:
    point = tmp_path / "a place"
    point.mkdir()
    subprocess.run(["mount", stick, point], check=True)
    yield point
    while mounted_at(stick):
        subprocess.run(["umount", stick], check=True)


def test_a_device_is_opened_for_reading(stick):
    descriptor = udisks.open_device(stick, "r", flags=os.O_DIRECT)
    try:
        assert stat.S_ISBLK(os.fstat(descriptor).st_mode)
        assert not os.get_inheritable(descriptor)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        assert flags & os.O_ACCMODE == os.O_RDONLY
        assert flags & os.O_DIRECT
        (size,) = struct.unpack("Q", fcntl.ioctl(descriptor, BLKGETSIZE64, bytes(8)))
        assert size == SIZE
    finally:
        os.close(descriptor)


def test_a_device_is_opened_for_writing(stick):
    descriptor = udisks.open_device(stick, "rw")
    try:
        assert fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    finally:
        os.close(descriptor)


def test_a_mounted_device_is_not_opened_exclusively_and_its_place_is_named(stick, mounted):
    with pytest.raises(DiscwrightError) as failure:
        os.close(udisks.open_device(stick, "rw", flags=os.O_EXCL))
    assert f"mounted at {mounted}" in failure.value.message


def test_a_mounted_device_is_unmounted(stick, mounted):
    assert mounted_at(stick) == (str(mounted),)
    wait_until(lambda: unmounted(stick), "UDisks2 has unmounted it")
    assert mounted_at(stick) == ()


def unmounted(node: str) -> bool:
    udisks.unmount(node)
    return not mounted_at(node)


def test_a_device_in_use_stays_mounted(stick, mounted):
    with (mounted / "open").open("w"):
        with pytest.raises(DiscwrightError) as failure:
            wait_until(lambda: unmounted(stick), "unmounting fails")
        assert mounted_at(stick) == (str(mounted),)
    assert "is in use" in failure.value.message


def test_a_device_is_looked_at_again(stick):
    udisks.rescan(stick)


def test_unmounting_what_is_not_mounted_does_nothing(stick):
    udisks.unmount(stick)


def test_what_has_no_tray_is_not_ejected(stick):
    with pytest.raises(DiscwrightError, match="has no tray"):
        udisks.eject(stick)


def test_a_device_that_is_not_there_is_not_known(stick):
    with pytest.raises(DiscwrightError, match="knows no device /dev/sr99"):
        udisks.open_device("/dev/sr99")
