# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be written to as a stick, and what never: the rules, one line each."""

from dataclasses import replace

import pytest

from discwright.devices.identity import Identity
from discwright.devices.layers import SWAP, Use
from discwright.devices.targets import (
    LARGE,
    Kind,
    StickFacts,
    StickTarget,
    TargetOptions,
    judge_target,
)
from discwright.transfer.outcome import Refusal

GB = 1_000_000_000
ID = Identity(32 * GB, 17, "4C5300", "8:16")
STICK = StickFacts(
    "/dev/sdb", Kind.DISK, ID, "SanDisk", "Ultra", "usb", removable=True, rotating=True,
    hint_system=False, hint_ignore=False,
)  # fmt: skip
CARD = replace(STICK, node="/dev/mmcblk0", bus="mmc", card="SD", removable=False, model="SC32G")
DISK = replace(STICK, node="/dev/sda", bus="ata", removable=False, rotating=True, rpm=7200)
SSD = replace(STICK, removable=False, rotating=False, model="Portable SSD")
FILE = StickFacts("/home/jane/disk.img", Kind.FILE, replace(ID, number="file:8:1"), may_open=True)
LOOP = StickFacts("/dev/loop0", Kind.LOOP, ID, virtual=True, hint_system=True, may_open=True)
PLAIN, FILES, SURE = TargetOptions(), TargetOptions(allow_file=True), TargetOptions(large_ok=True)


def used(*points: str, device: str = "sdb1", direct: bool = True) -> tuple[Use, ...]:
    return tuple(Use(point, device, direct) for point in points)


ACCEPTED = {
    "a USB stick": (STICK, PLAIN),
    "a USB stick that says it rotates, as most do": (replace(STICK, rotating=True), PLAIN),
    "a USB stick that the kernel doesn't call removable": (SSD, PLAIN),
    "a memory card in a slot": (CARD, PLAIN),
    "a memory card in a USB reader": (replace(STICK, model="Card Reader"), PLAIN),
    "a removable disk that is not on USB": (replace(DISK, removable=True, rpm=0), PLAIN),
    "a stick when there is no UDisks2": (replace(STICK, hint_system=None, hint_ignore=None), PLAIN),
    "a stick mounted by the desktop": (replace(STICK, uses=used("/media/jane/KEY")), PLAIN),
    "a stick mounted by newer desktops": (replace(STICK, uses=used("/run/media/jane/K")), PLAIN),
    "a stick mounted by hand": (replace(STICK, uses=used("/mnt")), PLAIN),
    "a stick mounted below /mnt": (replace(STICK, uses=used("/mnt/a b")), PLAIN),
    "a stick mounted somewhere temporary": (replace(STICK, uses=used("/tmp/x")), PLAIN),
    "a stick of exactly 256 GB": (replace(STICK, identity=replace(ID, size=LARGE)), PLAIN),
    "a larger one after a second yes": (replace(STICK, identity=replace(ID, size=LARGE + 1)), SURE),
    "a USB hard disk after a second yes": (replace(SSD, rotating=True, rpm=5400), SURE),
    "a file when files are allowed": (FILE, FILES),
    "a loop device when files are allowed": (LOOP, FILES),
    "a large file": (replace(FILE, identity=replace(ID, size=LARGE * 2)), FILES),
    "a stick with blocks of 4096 bytes": (replace(STICK, logical_block=4096), PLAIN),
}

REFUSED = {
    "nothing there": (StickFacts("/dev/sdz", Kind.MISSING), PLAIN, "no-device"),
    "a directory": (StickFacts("/tmp", Kind.OTHER), FILES, "not-a-stick"),
    "a file": (FILE, PLAIN, "file"),
    "a loop device": (LOOP, PLAIN, "file"),
    "a partition": (
        StickFacts("/dev/sdb1", Kind.PARTITION, disk="/dev/sdb"), FILES, "partition",
    ),
    "a disc drive": (replace(STICK, optical=True), SURE, "optical"),
    "the disk with /": (replace(DISK, uses=used("/", device="sda2")), SURE, "system"),
    "a stick with /": (replace(STICK, uses=used("/")), SURE, "system"),
    "a stick with /boot": (replace(STICK, uses=used("/boot")), SURE, "system"),
    "a stick with /boot/efi": (replace(STICK, uses=used("/boot/efi")), SURE, "system"),
    "a stick with /home": (replace(STICK, uses=used("/home")), SURE, "system"),
    "a stick with somebody's home": (replace(STICK, uses=used("/home/jane")), SURE, "system"),
    "a stick with /usr": (replace(STICK, uses=used("/usr")), SURE, "system"),
    "a stick with /tmp itself": (replace(STICK, uses=used("/tmp")), SURE, "system"),
    "a stick with /var/tmp itself": (replace(STICK, uses=used("/var/tmp")), SURE, "system"),
    "the stick of a live system": (
        replace(STICK, uses=used("/run/live/medium")), SURE, "system",
    ),
    "a place that only looks like a user's": (
        replace(STICK, uses=used("/media/../etc")), SURE, "system",
    ),
    "a place that only begins like one": (
        replace(STICK, uses=used("/mediacenter")), SURE, "system",
    ),
    "a user's place and a system's": (
        replace(STICK, uses=used("/media/jane/a", "/opt")), SURE, "system",
    ),
    "swap": (replace(STICK, uses=used(SWAP)), SURE, "system"),
    "/ through LVM and LUKS": (
        replace(STICK, uses=used("/", device="dm-1", direct=False), held_by=("dm-0", "dm-1")),
        SURE,
        "system",
    ),
    "swap in LVM": (
        replace(STICK, uses=used(SWAP, device="dm-2", direct=False)), SURE, "system",
    ),
    "a loop device that / lies on": (
        replace(LOOP, uses=used("/", device="loop0")), FILES, "system",
    ),
    "the overlay that / is": (
        replace(STICK, uses=used("/media/jane/KEY") + used("/", direct=False)), SURE, "system",
    ),
    "an overlay with files of the stick": (
        replace(STICK, uses=used("/mnt/both", direct=False)), SURE, "held",
    ),
    "HintIgnore": (replace(STICK, hint_ignore=True), SURE, "ignored"),
    "HintSystem": (replace(STICK, hint_system=True), SURE, "system"),
    "memory of the kernel": (replace(STICK, virtual=True, bus=""), SURE, "not-a-stick"),
    "an internal disk": (DISK, SURE, "internal"),
    "an internal SSD": (replace(DISK, rotating=False, rpm=0, bus="nvme"), SURE, "internal"),
    "soldered flash": (replace(CARD, card="MMC"), SURE, "internal"),
    "soldered flash that calls itself removable": (
        replace(CARD, card="MMC", removable=True), SURE, "internal",
    ),
    "an unknown bus": (replace(DISK, bus=""), SURE, "internal"),
    "an empty card reader": (replace(STICK, identity=replace(ID, size=0)), SURE, "no-medium"),
    "an empty file": (replace(FILE, identity=Identity(0)), FILES, "no-medium"),
    "an unlocked encrypted stick": (
        replace(STICK, uses=used("/media/jane/safe", device="dm-3", direct=False)), SURE, "held",
    ),
    "a stick in a volume group": (replace(STICK, held_by=("dm-0",)), SURE, "held"),
    "a stick in a ZFS pool": (replace(STICK, held_by=("tank",)), SURE, "held"),
    "a stick in a RAID": (replace(STICK, held_by=("md127",)), SURE, "held"),
    "a stick that a container has mounted": (
        replace(STICK, unseen=("/data of server (process 7)",)), SURE, "held",
    ),
    "a locked card": (replace(CARD, read_only=True), SURE, "read-only"),
    "a file that can't be written": (replace(FILE, read_only=True), FILES, "read-only"),
    "a stick above 256 GB": (
        replace(STICK, identity=replace(ID, size=LARGE + 1)), PLAIN, "large",
    ),
    "a disk that names its speed": (replace(SSD, rpm=5400), PLAIN, "rotating"),
    "a USB disk that doesn't": (replace(SSD, rotating=True), PLAIN, "rotating"),
    "the gravest reason of several": (
        replace(DISK, uses=used("/"), read_only=True, hint_ignore=True), PLAIN, "system",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_is_accepted(what):
    facts, options = ACCEPTED[what]
    target = judge_target(facts, options)
    assert isinstance(target, StickTarget), target
    assert (target.node, target.identity) == (facts.node, facts.identity)
    assert target.mounts == tuple(use.point for use in facts.uses)


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(what):
    facts, options, kind = REFUSED[what]
    refusal = judge_target(facts, options)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.kind == kind
    assert refusal.message.endswith(".")
    assert refusal.remedy.endswith(".")


@pytest.mark.parametrize("facts", [STICK, FILE], ids=["stick", "file"])
def test_the_disk_that_holds_the_image_is_refused(facts):
    number = facts.identity.number
    refusal = judge_target(facts, FILES, image_disks=frozenset({"8:0", number}))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "image-on-target"
    assert isinstance(judge_target(facts, FILES, image_disks=frozenset({"8:0"})), StickTarget)


def test_a_target_bears_what_tells_it_from_others():
    target = judge_target(replace(STICK, contents=("“KEY” (vfat, 32.0 GB)",), may_open=False))
    assert target.name == "SanDisk Ultra"
    assert target.title == "SanDisk Ultra (32.0 GB, /dev/sdb)"
    assert target.size == 32 * GB
    assert target.contents == ("“KEY” (vfat, 32.0 GB)",)
    assert not target.may_open
    assert not target.regular_file


def test_a_nameless_stick_is_called_by_its_node():
    target = judge_target(replace(STICK, vendor="", model=""))
    assert (target.name, target.title) == ("/dev/sdb", "/dev/sdb (32.0 GB)")


def test_a_file_has_no_blocks():
    target = judge_target(FILE, FILES)
    assert (target.regular_file, target.loop, target.logical_block) == (True, False, 1)


def test_a_loop_device_has_blocks():
    target = judge_target(replace(LOOP, logical_block=4096), FILES)
    assert (target.regular_file, target.loop, target.logical_block) == (False, True, 4096)
