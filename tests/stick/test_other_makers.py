# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as other tools make them, on real block devices: what is written is what was made."""

import json
import subprocess

import pytest

from discwright.image.boot import read_boot
from discwright.optical.iso_file import IsoFile
from discwright.stick.device import Watched
from discwright.stick.opening import open_stick
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.run import run_write
from discwright.stick.source_survey import survey_source
from discwright.stick.stick_sectors import boot_of_stick
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Silent
from images.catalogue import IMAGES, made
from stick.udisks_bench import require

from .conftest import target_of

FOR_512 = [name for name, image in IMAGES.items() if image.block == 512]
FOR_4096 = [name for name, image in IMAGES.items() if image.block == 4096]


def plan(name: str, node: str, **options: object):
    return plan_write(survey_source(made(name)), target_of(node), WriteOptions(**options))


def written(name: str, node: str):
    """Write it whatever starts from it; give the report."""
    planned = plan(name, node, unbootable_ok=True)
    assert isinstance(planned, WritePlan), planned
    (report,) = run_write([planned], Silent(), CancelToken())
    assert report.state is State.COMPLETE, (report.message, report.cause)
    return report


def read(node: str, length: int):
    """Give the bytes of a stick and what starts from it, read around the cache."""
    opened = Watched(open_stick(target_of(node), print), node)
    try:
        with open(node, "rb") as file:  # noqa: PTH123 - a device
            content = file.read(length)
        return content, boot_of_stick(opened, length)
    finally:
        opened.abandon()


@pytest.mark.parametrize("name", IMAGES)
def test_the_stick_is_the_image_and_starts_what_it_starts(name, sticks):
    node = sticks[IMAGES[name].block]
    written(name, node)
    image = IsoFile(made(name))
    try:
        wanted = made(name).read_bytes(), read_boot(image)
    finally:
        image.close()
    assert read(node, len(wanted[0])) == wanted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("grub-hybrid", "Computers with BIOS and with UEFI start from the stick."),
        ("grub-bios", "with UEFI only they won't."),
        ("gpt-esp", "with BIOS they won't."),
        ("floppy-mkfs", "No PC will start from the stick."),
        ("raspberry", "A Raspberry Pi starts from the stick, a PC doesn't."),
    ],
)
def test_the_report_says_what_starts(name, words, stick):
    assert words in written(name, stick).message


def test_an_image_for_discs_only_is_not_written_blindly(stick):
    assert plan("plain-iso", stick).kind == "not-hybrid"


@pytest.mark.parametrize("name", [one for one in FOR_512 if one != "plain-iso"])
def test_an_image_for_blocks_of_512_bytes_is_refused_by_a_stick_with_larger_ones(name, sticks):
    assert plan(name, sticks[4096]).kind == "block-size"


@pytest.mark.parametrize("name", FOR_4096)
def test_an_image_for_blocks_of_4096_bytes_is_refused_by_a_stick_with_smaller_ones(name, stick):
    assert plan(name, stick).kind == "block-size"


def test_a_card_for_a_raspberry_pi_is_not_called_useless(stick):
    planned = plan("raspberry", stick)
    assert not any("start" in warning for warning in planned.warnings), planned.warnings


@pytest.mark.parametrize("name", FOR_4096)
def test_others_find_the_partition_on_a_stick_with_larger_blocks(name, sticks):
    """Asked is sfdisk, as not every kernel that runs these tests knows partition tables."""
    require("sfdisk", "blkid")
    node = sticks[4096]
    written(name, node)
    table = json.loads(output("sfdisk", "--json", node))["partitiontable"]
    offset = table["partitions"][0]["start"] * 4096
    assert "vfat" in output("blkid", "-p", "-O", offset, node)


def output(*command: object) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
