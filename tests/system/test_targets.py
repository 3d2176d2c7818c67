# SPDX-License-Identifier: GPL-3.0-or-later
"""Which disks the program refuses to write to, with the kernel's own layers above them."""

import json
import string
from dataclasses import dataclass

import pytest

from system.bench import Disk, Machine, plugged
from system.bench.program import PLACE
from system.running import IMAGE, RIGHT, Dialog, run

SIZE = 160 << 20
"""Bytes: Btrfs wants that much, and a cache."""

OFFERED = "nobody is here to be asked"
"""In what is said of a disk that would be written to if somebody said yes."""

KEY = "--type luks1 --pbkdf-force-iterations 1000 --key-file /root/key"
ENVIRONMENT = {"PYTHONPATH": f"{PLACE}/app:{PLACE}/site-packages"}


@dataclass(frozen=True)
class Said:
    """What was said of a disk."""

    listed: str | None
    """In the list of devices; None if it may be written to there."""
    write: str

    @property
    def offered(self) -> bool:
        return self.listed is None and OFFERED in self.write


def ask(machine: Machine, commands: list[list[str]]) -> list[list[dict]]:
    """Give the events of several commands, run one after the other as the user."""
    words = [[*command, "--json"] for command in commands]
    program = ["python3", f"{PLACE}/guest/commands.py", json.dumps(words)]
    ended = machine.user.run(program, env=ENVIRONMENT, patience=240)
    assert ended.code == 0, ended
    return [[json.loads(line) for line in lines] for lines in json.loads(ended.out)]


def listed(machine: Machine) -> dict[str, str | None]:
    """Give the sticks in the list, and why they are refused."""
    (events,) = ask(machine, [["devices"]])
    return {one["node"]: one["refused"] for one in events if one.get("kind") == "stick"}


def said(machine: Machine, nodes: list[str]) -> dict[str, Said]:
    """Give what is said of each disk when it shall be written to, without a yes.

    Erasing the first one is refused with the same words: both ask the same rules.
    """
    commands = [["write", IMAGE, node, "--anyway"] for node in nodes]
    devices, erase, *others = ask(machine, [["devices"], ["erase", nodes[0]], *commands])
    reasons = {one["node"]: one["refused"] for one in devices if one.get("kind") == "stick"}
    messages = [events[-1]["message"] for events in others]
    assert erase[-1]["message"] == messages[0]
    return {
        node: Said(reasons.get(node), message)
        for node, message in zip(nodes, messages, strict=True)
    }


@pytest.fixture
def nodes(machine, tmp_path):
    """Give what plugs so many disks in and gives their nodes."""

    def plug(count):
        for number in range(count):
            Disk(machine, tmp_path / f"disk{number}", size=SIZE, removable=True)
        made = [f"/dev/sd{letter}" for letter in string.ascii_lowercase[:count]]
        plugged(machine, *made)
        machine.root.shell("printf secret >/root/key; mkdir -p /media/user/a /mnt/a /mnt/b /mnt/c")
        return made

    return plug


def test_disks_that_the_system_rests_on_are_refused_through_all_layers(machine, nodes):
    lvm, left, right, backing, cache, pool, other, bound, over, looped = found = nodes(10)
    build = f"""
        modprobe -a dm_mod dm_crypt raid1 bcache btrfs overlay loop
        mkdir -p /boot
        # swap in LVM
        vgcreate -q group {lvm}
        lvcreate -qy -n swap -L 16M group
        mkswap /dev/group/swap
        swapon /dev/group/swap
        # LUKS in LVM in a RAID of two
        mdadm --create /dev/md0 --quiet --run --level=1 --raid-devices=2 --assume-clean \\
            {left} {right}
        vgcreate -q tower /dev/md0
        lvcreate -qy -n top -L 64M tower
        cryptsetup luksFormat -q {KEY} /dev/tower/top
        cryptsetup open --key-file /root/key /dev/tower/top spool
        mkfs.ext4 -q /dev/mapper/spool
        mount /dev/mapper/spool /var/spool
        # bcache
        make-bcache --bucket 64k -B {backing} -C {cache}
        udevadm wait --timeout=30 /dev/bcache0
        until [ -e /sys/class/block/bcache0/slaves/{cache[5:]} ]; do sleep 0.05; done
        mkfs.ext4 -q /dev/bcache0
        mount /dev/bcache0 /var/opt
        # a Btrfs over two: mountinfo names only one
        mkfs.btrfs -q {pool} {other}
        mount {pool} /srv
        # a folder of a mounted file system
        mkfs.ext4 -q {bound}
        mount {bound} /mnt/a
        mkdir /mnt/a/local
        mount --bind /mnt/a/local /usr/local/share
        # a swap file and an overlay
        mkfs.ext4 -q {over}
        mount {over} /mnt/b
        mkdir /mnt/b/upper /mnt/b/work
        mount -t overlay -o lowerdir=/usr/games,upperdir=/mnt/b/upper,workdir=/mnt/b/work \\
            overlay /usr/games
        # a partition in a file
        mkfs.ext4 -q {looped}
        mount {looped} /mnt/c
        truncate -s 64M /mnt/c/disk.img
        mkfs.ext4 -q /mnt/c/disk.img
        mount -o loop /mnt/c/disk.img /boot
        """
    machine.root.shell(build, patience=180)
    told = said(machine, found)
    reasons = {
        lvm: "holds swap space of the running system",
        left: "/var/spool is on it", right: "/var/spool is on it",
        backing: "/var/opt is on it", cache: "/var/opt is on it",
        pool: "/srv is on it", other: "/srv is on it", bound: "/usr/local/share is on it",
        over: "/usr/games is on it", looped: "/boot is on it",
    }  # fmt: skip
    for node, reason in reasons.items():
        assert reason in told[node].write, node
        assert told[node].listed == told[node].write


def test_disks_that_something_holds_are_refused_though_nothing_of_them_is_mounted(machine, nodes):
    luks, lvm, raid, cache, looped, elsewhere, left, journal, main = found = nodes(9)
    machine.root.shell(f"""
        modprobe -a dm_mod dm_crypt raid1 bcache loop
        cryptsetup luksFormat -q {KEY} {luks}
        cryptsetup open --key-file /root/key {luks} vault
        vgcreate -q group {lvm}
        lvcreate -qy -n archive -L 16M group
        mdadm --create /dev/md0 --quiet --run --level=1 --raid-devices=2 {raid} missing
        make-bcache --bucket 64k -C {cache}
        until [ -e /sys/class/block/{cache[5:]}/bcache ]; do sleep 0.05; done
        mkfs.ext4 -q {looped}
        mount {looped} /media/user/a
        truncate -s 1M /media/user/a/disk.img
        losetup /dev/loop5 /media/user/a/disk.img
        mkfs.vfat {elsewhere}
        mkfs.ext4 -q {left}
        mke2fs -q -O journal_dev -b 4096 {journal}
        mke2fs -q -t ext4 -b 4096 -J device={journal} {main}
        mount {main} /mnt/c""")
    hidden = machine.root.start(
        ["unshare", "--mount", "sh", "-ec", f"mount {elsewhere} /mnt/a; echo in; exec sleep 1000"]
    ).says("in")
    machine.root.shell(f"mount {left} /mnt/b")  # now, or the other would have that too
    lost = machine.root.start(["sh", "-c", "cd /mnt/b; echo in; exec sleep 1000"]).says("in")
    machine.root.shell("umount --lazy /mnt/b")
    told = said(machine, found)
    reasons = {
        luks: "(vault)", lvm: "(group-archive)", raid: "(md0)", cache: "(bcache)",
        looped: "(loop5)", elsewhere: f"/mnt/a of sleep (process {hidden.pid})",
        left: f"ext4, {left[5:]}", journal: f"jbd2, {journal[5:]}",
    }  # fmt: skip
    for node, reason in reasons.items():
        assert reason in told[node].write, node
        assert told[node].listed == told[node].write
    assert told[main].offered  # mounted where sticks are, it would be unmounted
    for program in (hidden, lost):
        program.signal(9)
        program.wait()
    machine.root.shell(f"""
        cryptsetup close vault
        vgchange -q -an group
        mdadm --stop --quiet /dev/md0
        for set in /sys/fs/bcache/*/stop; do echo 1 >$set; done
        losetup -d /dev/loop5
        umount /mnt/c
        until [ ! -e /sys/block/{cache[5:]}/bcache -a ! -e /sys/fs/ext4/{left[5:]} ]; do
            sleep 0.05
        done
        udevadm settle""")
    assert listed(machine) == dict.fromkeys(found)


def test_a_stick_that_is_also_mounted_elsewhere_is_not_formatted_under_it(machine, nodes):
    (node,) = nodes(1)
    machine.root.shell(f"mkfs.vfat -n PHOTOS {node}; udevadm settle")
    machine.user.shell(f"""
        until udisksctl info -b {node} | grep -q 'IdType: *vfat'; do sleep 0.05; done
        udisksctl mount -b {node}""")
    machine.root.start(
        ["unshare", "--mount", "sh", "-ec", f"mount {node} /mnt/a; echo in; exec sleep 1000"]
    ).says("in")
    erased = run(machine.user, "erase", node, "--yes")
    assert (erased.code, erased.state) == (4, "refused")
    assert "/mnt/a of sleep" in erased.message
    assert machine.root.done("blkid", "-o", "value", "-s", "LABEL", node) == "PHOTOS\n"


def test_a_stick_that_another_program_has_for_itself_is_not_written(machine, nodes):
    node, own = nodes(2)
    hold = "import os, sys, time; os.open(sys.argv[1], os.O_RDWR | os.O_EXCL); print('in', flush=1)"
    machine.root.start(["python3", "-c", f"{hold}; time.sleep(1000)", node]).says("in")
    machine.root.shell(f"chmod o+rw {own}")
    mine = machine.user.start(["python3", "-c", f"{hold}; time.sleep(1000)", own]).says("in")
    machine.root.shell(f"chmod o-rw {own}")
    Dialog(machine, RIGHT)
    written = run(machine.user, "write", IMAGE, node, "--yes", "--anyway")
    assert (written.code, written.state, written.touched) == (4, "refused", False)
    assert "in use by another program" in written.message
    for words in (("write", IMAGE, own, "--yes", "--anyway"), ("erase", own, "--yes")):
        ended = run(machine.user, *words)
        assert (ended.code, ended.state) == (4, "refused")
        assert f"process {mine.pid}" in ended.message
        assert "lost" not in ended.message


def test_disks_that_are_unlike_sticks_want_a_second_yes_or_are_refused(machine, tmp_path):
    rotating, large, locked, reader = (f"/dev/sd{letter}" for letter in "abcd")
    Disk(machine, tmp_path / "rotating", size=1 << 30, rotation_rate=7200)
    plugged(machine, rotating)
    Disk(machine, tmp_path / "large", size=300 << 30, uas=True, removable=True)
    plugged(machine, large)
    Disk(machine, tmp_path / "locked", size=32 << 20, writable=False, removable=True)
    plugged(machine, locked)
    Disk(machine, tmp_path / "empty", size=0, removable=True)
    # udev and UDisks2 take long over it, the kernel asks it time and again.
    machine.root.shell(f"until [ -b {reader} ]; do sleep 0.05; done")
    told = said(machine, [rotating, large, locked, reader])
    assert "seems to be a hard disk" in told[rotating].write
    assert "unusually large for a stick: 322 GB" in told[large].write
    assert "is write-protected" in told[locked].write
    assert "There is no medium in" in told[reader].write
    assert reader not in listed(machine)
    sure = ask(machine, [
        ["write", IMAGE, node, "--anyway", "--large"] for node in (rotating, large, locked, reader)
    ])  # fmt: skip
    offered = [OFFERED in events[-1]["message"] for events in sure]
    assert offered == [True, True, False, False]


def test_the_disk_that_the_image_lies_on_is_refused(machine, nodes):
    plain, locked, free = nodes(3)
    machine.root.shell(f"""
        modprobe -a dm_mod dm_crypt loop
        mkfs.ext4 -q {plain}
        mount {plain} /media/user/a
        cp {IMAGE} /media/user/a/image.iso
        losetup --read-only /dev/loop5 /media/user/a/image.iso
        cryptsetup luksFormat -q {KEY} {locked}
        cryptsetup open --key-file /root/key {locked} vault
        mkfs.ext4 -q /dev/mapper/vault
        mkdir /media/user/vault
        mount /dev/mapper/vault /media/user/vault
        cp {IMAGE} /media/user/vault/image.iso
        chmod a+rx /media/user/a /media/user/vault""")
    on_plain, on_vault = "/media/user/a/image.iso", "/media/user/vault/image.iso"
    told = ask(machine, [
        ["write", image, node, "--anyway"]
        for image, node in (
            (on_plain, plain), (on_vault, locked), (on_plain, free),
            (on_vault, free),
        )
    ])  # fmt: skip
    messages = [events[-1]["message"] for events in told]
    assert "(loop5)" in messages[0]
    assert "(vault)" in messages[1]
    assert OFFERED in messages[2]
    assert OFFERED in messages[3]
    machine.root.shell("losetup -d /dev/loop5")
    (events,) = ask(machine, [["write", on_plain, plain, "--anyway"]])
    assert "The image lies on" in events[-1]["message"]
