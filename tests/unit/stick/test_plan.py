# SPDX-License-Identifier: GPL-3.0-or-later
"""What writing an image to a stick will do, or why it will not be done."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.image.bmap import Bmap, MappedRange
from discwright.image.boot import BootEntry, BootReport
from discwright.image.expected import Expected, Where
from discwright.stick.erase import EraseOptions, ErasePlan, plan_erase
from discwright.stick.feed import piece_size
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.source import Table, WriteSource
from discwright.stick.source_survey import table_of
from discwright.stick.words import stick_sentence
from discwright.transfer.outcome import Refusal

GB = 1_000_000_000
HYBRID = BootReport(isohybrid_mbr=True, esp=True, stick_loaders=("BOOTX64.EFI",))
DISC_ONLY = BootReport(el_torito=(BootEntry("BIOS", True, 40, 4),))
WINDOWS = replace(DISC_ONLY, windows_installer=True)
SOURCE = WriteSource(Path("/images/a.iso"), 2 * GB, 2 * GB, boot=HYBRID, table=Table.BLOCKS_512)
PACKED = replace(SOURCE, path=Path("/images/a.img.gz"), method="gzip", size=None, boot=None)
STICK = StickTarget("/dev/sdb", "SanDisk Ultra", Identity(8 * GB, 3, "s", "8:16"))
STICK_4K = replace(STICK, logical_block=4096)
FILE = replace(STICK, regular_file=True, logical_block=1)
MAP = Bmap(Path("/images/a.bmap"), 2 * GB, 4096, (MappedRange(0, 4096),))
ANY = WriteOptions()


def expecting(algorithm, digest):
    return WriteOptions(expect=(Expected(algorithm, digest, Where.CONTENT),))


REFUSED = {
    "an empty file": (replace(SOURCE, file_size=0, size=0), STICK, ANY, "empty"),
    "an archive of nothing": (replace(PACKED, size=0), STICK, ANY, "empty"),
    "a byte too many": (replace(SOURCE, size=8 * GB + 1), STICK, ANY, "too-big"),
    "a mapped image that is too large": (
        replace(PACKED, block_map=replace(MAP, image_size=9 * GB)), STICK, ANY, "too-big",
    ),
    "the image on the stick itself": (
        replace(SOURCE, devices=frozenset({"8:0", "8:16"})), STICK, ANY, "image-on-target",
    ),
    "a Windows installer": (replace(SOURCE, boot=WINDOWS), STICK, ANY, "windows"),
    "a packed Windows installer": (
        replace(PACKED, boot=WINDOWS), STICK, ANY, "windows-packed",
    ),
    "an image for discs only": (replace(SOURCE, boot=DISC_ONLY), STICK, ANY, "not-hybrid"),
    "a 512-byte table on a 4Kn stick": (SOURCE, STICK_4K, ANY, "block-size"),
    "a 4096-byte table on a usual stick": (
        replace(SOURCE, table=Table.BLOCKS_4096), STICK, ANY, "block-size",
    ),
    "the map of another image": (
        replace(SOURCE, block_map=replace(MAP, image_size=GB)), STICK, ANY, "block-map",
    ),
    "a map in blocks that a 4Kn stick doesn't have": (
        replace(SOURCE, table=Table.NONE, block_map=replace(MAP, block_size=512)),
        STICK_4K, ANY, "block-map",
    ),
    "an unknown checksum": (SOURCE, STICK, expecting("whirlpool", "0" * 64), "hash"),
    "a checksum that is none": (SOURCE, STICK, expecting("sha256", "hello"), "hash"),
}  # fmt: skip

ACCEPTED = {
    "a hybrid image": (SOURCE, STICK, ANY, ()),
    "an image of the stick's own size": (replace(SOURCE, size=8 * GB), STICK, ANY, ()),
    "an image for discs, if one insists": (
        replace(SOURCE, boot=DISC_ONLY), STICK, WriteOptions(unbootable_ok=True), ("No PC",),
    ),
    "an image that starts nothing anywhere": (
        replace(SOURCE, boot=BootReport()), STICK, ANY, ("No PC will start",),
    ),
    "a Windows installer that someone made hybrid": (
        replace(SOURCE, boot=replace(HYBRID, windows_installer=True)), STICK, ANY, (),
    ),
    "a table for 4096 bytes on a 4Kn stick": (
        replace(SOURCE, table=Table.BLOCKS_4096), STICK_4K, ANY, (),
    ),
    "any table in a file": (SOURCE, FILE, ANY, ()),
    "no table on a 4Kn stick": (
        replace(SOURCE, table=Table.NONE), STICK_4K, ANY, ("Some computers",),
    ),
    "an image of unknown size": (PACKED, STICK, ANY, ("How large", "isn't known")),
    "a stick with something on it": (
        SOURCE, replace(STICK, contents=("“PHOTOS” (vfat, 8 GB)",)), ANY, ("PHOTOS",),
    ),
    "an image of zeros": (replace(SOURCE, empty=True), STICK, ANY, ("nothing but zeros",)),
    "a write that isn't read back": (SOURCE, STICK, WriteOptions(verify=False), ("read back",)),
    "a mapped image": (replace(SOURCE, block_map=MAP), STICK, ANY, ()),
    "the map of another image, left aside": (
        replace(SOURCE, block_map=replace(MAP, image_size=GB)),
        STICK, WriteOptions(block_map=False), (),
    ),
    "odd boot records": (
        replace(SOURCE, boot=replace(HYBRID, remarks=("It is odd.",))), STICK, ANY, ("It is odd.",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(what):
    source, stick, options, kind = REFUSED[what]
    refusal = plan_write(source, stick, options)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.kind == kind
    assert refusal.message.endswith(".")
    assert refusal.remedy.endswith(".")


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_is_planned_with_its_warnings(what):
    source, stick, options, words = ACCEPTED[what]
    plan = plan_write(source, stick, options)
    assert isinstance(plan, WritePlan), plan
    assert len(plan.warnings) == len(words), plan.warnings
    for word, warning in zip(words, plan.warnings, strict=True):
        assert word in warning


def test_a_password_is_foretold():
    assert not plan_write(SOURCE, STICK, ANY).password_needed
    assert plan_write(SOURCE, replace(STICK, may_open=False), ANY).password_needed


def test_published_checksums_count_unless_the_user_gives_one():
    beside = (Expected("md5", "0" * 32, Where.CONTENT, "MD5SUMS"),)
    source = replace(SOURCE, expected=beside)
    assert plan_write(source, STICK, ANY).expected == beside
    assert plan_write(source, STICK, WriteOptions(published=False)).expected == ()
    own = expecting("sha256", "a" * 64)
    assert plan_write(source, STICK, own).expected == own.expect


@pytest.mark.parametrize(
    ("boot", "words"),
    [
        (HYBRID, "BIOS and with UEFI"),
        (replace(HYBRID, stick_loaders=()), "with UEFI only they won't"),
        (replace(HYBRID, isohybrid_mbr=False), "with BIOS they won't"),
        (BootReport(), "No PC"),
        (None, "not known"),
    ],
)
def test_what_starts_from_the_stick_is_said(boot, words):
    assert words in stick_sentence(boot)


def mbr(kind=0x17):
    head = bytearray(8192)
    head[446:462] = bytes([0x80, 0, 0, 0, kind, 0, 0, 0]) + bytes(8)
    head[510:512] = b"\x55\xaa"
    return head


def with_gpt(at):
    head = mbr(0xEE)
    head[at : at + 8] = b"EFI PART"
    return head


@pytest.mark.parametrize(
    ("head", "table"),
    [
        (b"", Table.NONE),
        (bytes(8192), Table.NONE),
        (mbr(), Table.BLOCKS_512),
        (mbr(0), Table.NONE),
        (with_gpt(512), Table.BLOCKS_512),
        (with_gpt(4096), Table.BLOCKS_4096),
        (mbr()[:512], Table.BLOCKS_512),
    ],
)
def test_the_blocks_of_a_partition_table_are_told(head, table):
    assert table_of(memoryview(bytes(head))) is table


@pytest.mark.parametrize(
    ("requests", "size"),
    [
        ((), 4 << 20), ((0,), 4 << 20), ((1 << 20,), 4 << 20), ((120 << 10,), 34 * (120 << 10)),
        ((512 << 10, 120 << 10), 17 * (120 << 10)), ((0, 0, 0), 1 << 20), ((8 << 20,), 4 << 20),
        ((1000,), 4 << 20),
    ],
)  # fmt: skip
def test_pieces_fit_the_slowest_stick(requests, size):
    assert piece_size(requests) == size
    assert piece_size(requests) % 4096 == 0


# Giving a stick back


@pytest.mark.parametrize(
    ("size", "wanted", "file_system", "label"),
    [
        (8 * GB, "auto", "vfat", "MY STICK"),
        (32 << 30, "auto", "vfat", "MY STICK"),
        ((32 << 30) + 1, "auto", "exfat", "My Stick"),
        (8 * GB, "exfat", "exfat", "My Stick"),
        (128 * GB, "fat32", "vfat", "MY STICK"),
    ],
)
def test_a_stick_gets_the_file_system_it_was_sold_with(size, wanted, file_system, label):
    stick = replace(STICK, identity=replace(STICK.identity, size=size))
    plan = plan_erase(stick, EraseOptions(wanted, "My Stick"))
    assert isinstance(plan, ErasePlan)
    assert (plan.file_system, plan.label) == (file_system, label)


@pytest.mark.parametrize(
    ("stick", "options", "kind"),
    [
        (FILE, EraseOptions(), "file"),
        (STICK, EraseOptions("ntfs"), "file-system"),
        (STICK, EraseOptions(label="much too long a name"), "label"),
        (STICK, EraseOptions(label="A:B"), "label"),
        (STICK, EraseOptions(label="A\nB"), "label"),
        (STICK, EraseOptions(label="ÄÖÜÄÖÜ"), "label"),
        (STICK, EraseOptions("fat32", "Müll"), "label"),
        (STICK, EraseOptions("fat32", "日本"), "label"),
    ],
)
def test_what_cannot_be_is_refused(stick, options, kind):
    refusal = plan_erase(stick, options)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind


def test_exfat_takes_letters_of_all_scripts():
    plan = plan_erase(STICK, EraseOptions("exfat", "Müll"))
    assert isinstance(plan, ErasePlan)
    assert plan.label == "Müll"


def test_what_will_be_lost_is_said():
    plan = plan_erase(replace(STICK, contents=("“PHOTOS” (vfat, 8 GB)",)), EraseOptions())
    assert "PHOTOS" in plan.warnings[0]
