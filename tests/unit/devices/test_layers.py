# SPDX-License-Identifier: GPL-3.0-or-later
"""What rests on which disk, through any number of layers."""

import pytest

from discwright.devices.layers import SWAP, InUse, Layer, Use, all_below, held_by, uses_of

LAYERS = {
    layer.number: layer
    for layer in (
        Layer("8:0", "sda"),
        Layer("8:1", "sda1", ("8:0",), partition=True),
        Layer("8:2", "sda2", ("8:0",), partition=True),
        Layer("8:16", "sdb"),
        Layer("8:17", "sdb1", ("8:16",), partition=True),
        Layer("8:32", "sdc"),
        Layer("9:0", "md0", ("8:2", "8:17")),
        Layer("253:0", "dm-0", ("9:0",)),
        Layer("253:1", "dm-1", ("253:0",)),
        Layer("7:0", "loop0", ("8:1",)),
        Layer("259:0", "loop0p1", ("7:0",), partition=True),
        Layer("250:0", "bcache0", ("8:32", "8:1")),
        Layer("1:0", "mad", ("1:1",)),
        Layer("1:1", "circle", ("1:0",)),
    )
}


@pytest.mark.parametrize(
    ("disk", "use", "expected"),
    [
        ("8:0", InUse("/boot", ("8:1",)), [Use("/boot", "sda1", direct=True)]),
        ("8:16", InUse("/boot", ("8:1",)), []),
        ("8:32", InUse("/media/x", ("8:32",)), [Use("/media/x", "sdc", direct=True)]),
        # LVM on LUKS on RAID over two disks
        ("8:0", InUse("/", ("253:1",)), [Use("/", "dm-1", direct=False)]),
        ("8:16", InUse("/", ("253:1",)), [Use("/", "dm-1", direct=False)]),
        ("8:32", InUse("/", ("253:1",)), []),
        ("8:32", InUse("/home", ("250:0",)), [Use("/home", "bcache0", direct=False)]),
        # a file on sda1, taken as a disk with a partition
        ("8:0", InUse(SWAP, ("259:0",)), [Use(SWAP, "loop0p1", direct=False)]),
        ("7:0", InUse("/mnt", ("259:0",)), [Use("/mnt", "loop0p1", direct=True)]),
        # a Btrfs over two disks
        ("8:16", InUse("/srv", ("8:17", "8:32")), [Use("/srv", "sdb1", direct=True)]),
        ("8:32", InUse("/srv", ("8:17", "8:32")), [Use("/srv", "sdc", direct=True)]),
        ("8:0", InUse("/proc", ("0:22",)), []),
        ("0:22", InUse("/proc", ("0:22",)), [Use("/proc", "0:22", direct=True)]),
    ],
)
def test_each_use_is_found_on_each_disk_below(disk, use, expected):
    assert list(uses_of(disk, LAYERS, [use])) == expected


def test_devices_made_of_a_disk_are_named():
    assert held_by("8:16", LAYERS) == ("dm-0", "dm-1", "md0")
    assert held_by("8:0", LAYERS) == ("bcache0", "dm-0", "dm-1", "loop0", "loop0p1", "md0")
    assert held_by("9:9", LAYERS) == ()


def test_a_device_lies_on_all_that_is_below():
    assert all_below("253:1", LAYERS) == {
        "253:1", "253:0", "9:0", "8:2", "8:17", "8:0", "8:16",
    }  # fmt: skip


def test_a_circle_has_an_end():
    assert all_below("1:0", LAYERS) == {"1:0", "1:1"}
