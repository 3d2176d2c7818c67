# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a target, from a made-up /sys and /proc."""

import os
from pathlib import Path

import pytest

from discwright.devices.block import BlockDevice
from discwright.devices.layers import SWAP, InUse, uses_of
from discwright.devices.target_survey import (
    Places,
    devices_below_file,
    pools_on,
    read_layers,
    read_mounts,
    survey_target,
    systems_in_use,
    unseen_on,
)
from discwright.devices.targets import Kind


@pytest.fixture
def places(tmp_path):
    made = Places(tmp_path / "sys", tmp_path / "proc")
    for folder in (made.sys / "class/block", made.sys / "fs/btrfs", made.proc / "self"):
        folder.mkdir(parents=True)
    (made.proc / "self/mountinfo").write_text("")
    (made.proc / "swaps").write_text("Filename\tType\tSize\tUsed\tPriority\n")
    return made


def add(places, path, number, slaves=(), partition=False, backing=None):
    folder = places.sys / "devices" / path
    folder.mkdir(parents=True)
    (folder / "dev").write_text(number + "\n")
    if partition:
        (folder / "partition").write_text("1\n")
    for name in slaves:
        (folder / "slaves").mkdir(exist_ok=True)
        (folder / "slaves" / name).symlink_to((places.sys / "class/block" / name).resolve())
    if backing is not None:
        (folder / "loop").mkdir()
        (folder / "loop/backing_file").write_text(f"{backing}\n")
    (places.sys / "class/block" / folder.name).symlink_to(folder)


def mount(places, number, point, source="/dev/none", kind="ext4", options="rw"):
    file = places.proc / "self/mountinfo"
    line = f"30 1 {number} / {point} rw - {kind} {source} {options}\n"
    file.write_text(file.read_text() + line)


def uses(places, disk):
    mounts = read_mounts(places)
    return {
        (use.point, use.device, use.direct)
        for use in uses_of(disk, read_layers(places, mounts), systems_in_use(mounts, places))
    }


@pytest.fixture
def machine(places):
    """/ on LVM on LUKS on sda2, swap beside it, a stick sdb that holds the image of a loop."""
    add(places, "a/sda", "8:0")
    add(places, "a/sda/sda1", "8:1", partition=True)
    add(places, "a/sda/sda2", "8:2", partition=True)
    add(places, "b/sdb", "8:16")
    add(places, "b/sdb/sdb1", "8:17", partition=True)
    add(places, "virtual/dm-0", "253:0", slaves=["sda2"])
    add(places, "virtual/dm-1", "253:1", slaves=["dm-0"])
    add(places, "virtual/loop0", "7:0", backing="/media/jane/KEY/disk.img")
    mount(places, "253:1", "/")
    mount(places, "8:1", "/boot")
    mount(places, "8:17", "/media/jane/KEY")
    mount(places, "7:0", "/mnt/inside")
    mount(places, "0:22", "/proc", "proc", "proc")
    return places


def test_all_that_rests_on_a_disk_is_found(machine):
    assert uses(machine, "8:0") == {("/", "dm-1", False), ("/boot", "sda1", True)}
    assert uses(machine, "8:16") == {
        ("/media/jane/KEY", "sdb1", True), ("/mnt/inside", "loop0", False),
    }  # fmt: skip


def test_a_swap_file_makes_its_disk_part_of_the_system(machine):
    (machine.proc / "swaps").write_text(
        "Filename\tType\n/media/jane/KEY/swap\\040file file 1 0 -2\n"
    )
    assert (SWAP, "sdb1", True) in uses(machine, "8:16")


def test_a_btrfs_lies_on_all_its_disks(machine):
    pool = machine.sys / "fs/btrfs/1234/devices"
    pool.mkdir(parents=True)
    for name in ("sda1", "sdb1"):
        (pool / name).symlink_to(machine.sys / "class/block" / name)
    mount(machine, "8:1", "/srv", "/dev/sda1", "btrfs")
    assert ("/srv", "sdb1", True) in uses(machine, "8:16")
    assert ("/srv", "sda1", True) in uses(machine, "8:0")


def test_an_overlay_lies_on_all_that_it_is_made_of(machine, tmp_path):
    options = "rw,lowerdir=/usr:/media/jane/KEY/low,upperdir=/media/jane/KEY/up,workdir=/w"
    mount(machine, "0:50", str(tmp_path), "overlay", "overlay", options)
    assert (str(tmp_path), "sdb1", False) in uses(machine, "8:16")
    assert (str(tmp_path), "dm-1", False) in uses(machine, "8:0")
    image = tmp_path / "image.iso"
    image.write_text("x")
    assert {"8:16", "8:0"} <= devices_below_file(image, machine)


def test_an_image_lies_on_all_that_is_below_it(machine, tmp_path):
    image = tmp_path / "image.iso"
    image.write_text("x")
    below = devices_below_file(image, machine)
    assert {"253:1", "253:0", "8:2", "8:0"} <= below
    assert "8:16" not in below
    mount(machine, "7:0", str(tmp_path))
    assert {"7:0", "8:17", "8:16"} <= devices_below_file(image, machine)


def test_of_two_mounts_on_one_place_the_later_counts(machine, tmp_path):
    image = tmp_path / "image.iso"
    image.write_text("x")
    mount(machine, "8:1", str(tmp_path))
    mount(machine, "8:17", str(tmp_path))
    assert "8:16" in devices_below_file(image, machine)


def test_an_image_that_is_not_there_lies_nowhere(machine, tmp_path):
    assert devices_below_file(tmp_path / "nothing", machine) == frozenset()


def test_an_image_that_is_taken_as_a_disk_lies_on_that_disk(machine, tmp_path):
    image = tmp_path / "image.iso"
    image.write_text("x")
    add(machine, "virtual/loop1", "7:1", backing=image)
    assert "7:1" in devices_below_file(image, machine)


def test_an_image_in_a_file_that_is_taken_as_a_disk_lies_on_that_file(machine, tmp_path):
    (tmp_path / "there").mkdir()
    image, behind = tmp_path / "there/image.iso", tmp_path / "disk.img"
    image.write_text("x")
    behind.write_text("x")
    add(machine, "virtual/loop1", "7:1", backing=behind)
    mount(machine, "7:1", str(tmp_path / "there"))
    assert survey_target(behind).identity.number in devices_below_file(image, machine)


def test_a_file_that_is_taken_as_a_disk_is_held(machine, tmp_path):
    file = tmp_path / "disk.img"
    file.write_text("x")
    assert survey_target(file, places=machine).held_by == ()
    add(machine, "virtual/loop1", "7:1", backing=file)
    assert survey_target(file, places=machine).held_by == ("loop1",)


def test_a_part_of_a_zfs_pool_is_held_while_the_pool_is_in_use(machine):
    def part(kind, label):
        return BlockDevice("/sys/x/sdb1", {"ID_FS_TYPE": kind, "ID_FS_LABEL": label})

    (machine.proc / "spl/kstat/zfs/tank").mkdir(parents=True)
    parts = (part("zfs_member", "tank"), part("zfs_member", "tank"), part("zfs_member", "old"))
    assert pools_on(parts, machine) == ("tank",)
    assert pools_on([part("ext4", "tank")], machine) == ()


def test_what_the_device_mapper_made_is_called_by_its_name_there(machine):
    for number, name in enumerate(("vault", "group-root")):
        (machine.sys / f"devices/virtual/dm-{number}/dm").mkdir()
        (machine.sys / f"devices/virtual/dm-{number}/dm/name").write_text(f"{name}\n")
    assert ("/", "group-root", False) in uses(machine, "8:0")


@pytest.fixture
def stick_node(machine):
    """The stick of that machine, with its file system unmounted."""
    file = machine.proc / "self/mountinfo"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if " 8:17 " not in line))
    return "/dev/sdb"


def process(places, pid, program, mountinfo):
    folder = places.proc / str(pid)
    folder.mkdir()
    (folder / "comm").write_text(f"{program}\n")
    (folder / "mountinfo").write_text(mountinfo)


def test_a_stick_that_others_have_mounted_is_in_use(machine, stick_node):
    own = (machine.proc / "self/mountinfo").read_text()
    line = "31 1 8:17 / /data rw - vfat /dev/sdb1 rw\n"
    assert unseen_on(stick_node, machine) == ()
    process(machine, 5, "own", own)
    process(machine, 20, "helper", own + line)
    process(machine, 7, "server", own + line)
    assert unseen_on(stick_node, machine) == ("/data of server (process 7)",)
    mount(machine, "8:17", "/media/jane/KEY")
    assert unseen_on(stick_node, machine) == ()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("sys/fs/ext4/sdb1", "ext4"),
        ("sys/fs/xfs/sdb1", "xfs"),
        ("sys/fs/btrfs/1234/devices/sdb1", "btrfs"),
        ("proc/fs/ntfs3/sdb1", "ntfs3"),
        ("proc/fs/jbd2/sdb1", "jbd2"),
        ("proc/fs/jbd2/sdb1-8", "jbd2"),
        ("sys/fs/ext4/sdb10", ""),
        ("proc/fs/jbd2/sdb10-8", ""),
    ],
)
def test_a_file_system_that_lives_on_unmounted_is_in_use(machine, stick_node, folder, kind):
    (machine.sys.parent / folder).mkdir(parents=True)
    assert unseen_on(stick_node, machine) == ((f"{kind}, sdb1",) if kind else ())
    mount(machine, "8:17", "/media/jane/KEY")
    assert unseen_on(stick_node, machine) == ()


def test_without_sys_and_proc_nothing_is_known(tmp_path):
    nowhere = Places(tmp_path / "no", tmp_path / "no")
    assert read_layers(nowhere) == {}
    assert systems_in_use((), nowhere) == ()
    assert InUse("/", ()) == InUse("/", ())


def test_files_and_other_things_are_told_apart(tmp_path):
    file = tmp_path / "disk.img"
    file.write_bytes(bytes(1000))
    facts = survey_target(file)
    assert (facts.kind, facts.identity.size, facts.may_open) == (Kind.FILE, 1000, True)
    assert survey_target(tmp_path).kind is Kind.OTHER
    assert survey_target("/dev/null").kind is Kind.OTHER
    assert survey_target(tmp_path / "nothing").kind is Kind.MISSING
    assert survey_target("a\0b").kind is Kind.MISSING
    (tmp_path / "link").symlink_to(file)
    assert survey_target(tmp_path / "link").node == str(file)


def test_the_disk_of_the_system_is_known_as_such():
    number = Path("/").stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if not device.exists():
        pytest.skip("the root file system is on no block device")
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    if not any(line.split()[4] == "/" for line in mounts):
        pytest.skip("in a chroot nothing is mounted at /")
    node = Path("/dev") / device.resolve().name
    facts = survey_target(node, ask_udisks=False)
    if facts.kind is Kind.PARTITION:
        facts = survey_target(facts.disk, ask_udisks=False)
    assert "/" in {use.point for use in facts.uses}
