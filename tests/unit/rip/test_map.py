# SPDX-License-Identifier: GPL-3.0-or-later
"""The map: what it says is what was set, and ddrescue and Discwright read each other's."""

import itertools
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.errors import TargetError
from discwright.rip import mapfile
from discwright.rip.map import Current, RescueMap, Stage, Status
from discwright.rip.mapfile import MapError, map_text, parse_map, read_map
from discwright.transfer.extents import Extent
from discwright.transfer.ranges import Ranges

STATUSES = st.sampled_from(list(Status))
PAINTS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-2, 40), STATUSES), max_size=30)
HEAD = "0x00000000 ? 1\n"


def painted(length, paints):
    ranges, plain = RescueMap(length), [Status.NON_TRIED] * length
    for lba, count, status in paints:
        ranges.set(lba, count, status)
        for sector in range(max(0, lba), min(length, lba + count)):
            plain[sector] = status
    return ranges, plain


@given(st.integers(0, 50), PAINTS)
def test_a_map_says_of_each_sector_what_was_said_of_it_last(length, paints):
    ranges, plain = painted(length, paints)
    assert [ranges.at(n) for n in range(length)] == plain
    assert {status: ranges.count(status) for status in Status} == {
        status: plain.count(status) for status in Status
    }
    runs = list(ranges.runs())
    assert [run.lba for run, _status in runs] == sorted({run.lba for run, _status in runs})
    assert sum(run.count for run, _status in runs) == length
    assert all(one != other for (_a, one), (_b, other) in itertools.pairwise(runs))


@given(PAINTS, STATUSES, st.integers(0, 55), st.integers(0, 55))
def test_the_next_run_of_a_kind_is_found_in_both_directions(paints, status, lba, end):
    ranges, plain = painted(50, paints)
    inside = [n for n in range(min(lba, 50), min(end, 50)) if plain[n] is status]
    first = ranges.first(status, lba, end)
    assert (first.lba if first else None) == (inside[0] if inside else None)
    before = [n for n in range(min(end, 50)) if plain[n] is status]
    last = ranges.last(status, end)
    assert (last.end - 1 if last else None) == (before[-1] if before else None)


def test_a_copy_of_a_map_is_its_own():
    one = RescueMap(10)
    other = one.copy()
    other.set(2, 3, Status.BAD)
    assert (one.count(Status.BAD), other.count(Status.BAD)) == (0, 3)
    assert one == RescueMap(10)
    assert one != other


@pytest.mark.parametrize("value", [Status.NON_TRIED, Status.BAD])
def test_a_longer_disc_gets_a_longer_map(value):
    rescue = RescueMap(10)
    rescue.extend(15, value)
    assert (rescue.length, rescue.at(14), rescue.count(value)) == (
        15, value, 15 if value is Status.NON_TRIED else 5,
    )  # fmt: skip
    rescue.extend(3, value)
    assert rescue.length == 15


def test_outside_there_is_nothing():
    with pytest.raises(IndexError):
        Ranges(3, "x").at(3)


@given(st.integers(1, 60), PAINTS, st.integers(0, 59), st.sampled_from(list(Stage)))
def test_what_is_written_is_read_again(length, paints, lba, stage):
    rescue, _plain = painted(length, paints)
    current = Current(lba, stage, 3)
    assert parse_map(map_text(rescue, current).encode(), length) == (rescue, current)


@given(st.integers(1, 60), PAINTS)
def test_the_blocks_of_a_map_cover_the_disc_once_without_gaps(length, paints):
    rescue, plain = painted(length, paints)
    lines = [line.split() for line in map_text(rescue, Current()).splitlines()]
    at, found = 0, []
    for position, size, status in [line for line in lines if line[0] != "#"][1:]:
        assert int(position, 16) == at
        found += [status] * (int(size, 16) // 2048)
        at += int(size, 16)
    assert found == plain


TOLERATED = {
    "comments, tabs and line ends of another system": (
        "# one\r\n\r\n 0x0\t?\t1 # here\r\n#two\r\n0x0 0x800 +\r\n0x800 0x800\t-\r\n", "+-",
    ),
    "an old map without a pass": ("0 ?\n0 0x1000 +\n", "++"),
    "decimal and octal": ("2048 - 2\n0 2048 +\n04000 2048 -\n", "+-"),
    "large letters": ("0X800 + 1\n0X0 0X1000 +\n", "++"),
    "a beginning after the disc's": (HEAD + "0x1000 0x800 +\n", "??+"),
    "blocks of 512 bytes: a sector is finished when all of it is": (
        HEAD + "0 0x600 +\n0x600 0x200 -\n0x800 0x200 +\n0xA00 0x600 ?\n0x1000 0x800 +\n", "-?+",
    ),
    "three blocks in one sector": (HEAD + "0 512 +\n512 512 *\n1024 1024 -\n", "*"),
    "a disc whose size was not known": (HEAD + "0 0x800 +\n0x800 0x7FFFFFFFFFFFF7FF ?\n", "+"),
    "filling is no stage": ("0x0 F 1\n0x0 0x800 -\n", "-"),
    "no block at all": (HEAD, ""),
    "a number that is too large for a disc, not for a file": (
        "0x7FFFFFFFFFFFFFFF ? 1\n0 0x800 +\n", "+"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLERATED)
def test_maps_are_read_with_patience(what):
    text, statuses = TOLERATED[what]
    rescue, _current = parse_map(text.encode())
    assert "".join(rescue.at(n) for n in range(rescue.length)) == statuses


def test_the_disc_decides_how_long_a_map_is_but_cuts_nothing_off_that_was_tried():
    text = (HEAD + "0 0x1000 +\n0x1000 0x8000 ?\n").encode()
    assert parse_map(text, 4)[0].length == 4
    assert parse_map(text, 1)[0].length == 2
    assert parse_map(text)[0].length == 18


NO_MAPS = {
    "nothing": "",
    "comments alone": "# Mapfile\n",
    "a picture": "\x89PNG\r\n\x1a\n\0\0\0",
    "an unknown current status": "0x0 x 1\n0x0 0x800 +\n",
    "an unknown status": HEAD + "0x0 0x800 !\n",
    "a gap": HEAD + "0x0 0x800 +\n0x1000 0x800 +\n",
    "an overlap": HEAD + "0x0 0x800 +\n0x400 0x800 +\n",
    "an empty block": HEAD + "0x0 0x0 +\n",
    "a negative number": HEAD + "-2048 0x800 +\n",
    "a number with an underscore": HEAD + "0x0 0x8_00 +\n",
    "a number of another script": HEAD + "0 ２０４８ +\n",
    "a number that is none": HEAD + "0 0xZZ +\n",
    "a size beyond everything": HEAD + "0x0 0xFFFFFFFFFFFFFFFF +\n",
    "an end beyond everything": HEAD + "0x800 0x7FFFFFFFFFFFFFFF +\n",
    "digits without end": HEAD + "0x0 " + "9" * 500 + " +\n",
    "a line without end": HEAD + "0x0 " + "9" * 5000 + " +\n",
    "a word too many": HEAD + "0x0 0x800 + +\n",
}


@pytest.mark.parametrize("what", NO_MAPS)
def test_what_is_no_map_is_not_taken_for_one(what):
    with pytest.raises(MapError):
        parse_map(NO_MAPS[what].encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_map_or_told_to_be_none(data):
    try:
        rescue, _current = parse_map(data)
    except MapError:
        return
    assert sum(run.count for run, _status in rescue.runs()) == rescue.length


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(mapfile, "MAX_BYTES", 100)
    path = tmp_path / "a.map"
    path.write_text(HEAD + "#" * 200)
    with pytest.raises(MapError, match="large"):
        read_map(path)


def test_a_map_of_a_terabyte_costs_nothing():
    rescue, _current = parse_map((HEAD + "0x0 0x7FFFFFFFFFFFF000 -\n").encode())
    assert (len(rescue), rescue.count(Status.BAD)) == (1, 0x7FFFFFFFFFFFF000 // 2048)


def test_a_map_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(TargetError, match="can't be read"):
        read_map(tmp_path)


def test_a_file_that_is_no_map_is_told_with_what_to_do(tmp_path):
    told = mapfile.tell(tmp_path / "a.map", MapError("a gap"))
    assert "a.map" in told.message
    assert told.remedy
    assert told.cause == "a gap"


def ddrescue(*arguments):
    return subprocess.run(
        [str(argument) for argument in arguments], capture_output=True, text=True, check=True
    ).stdout


def test_ddrescue_reads_the_map(tmp_path):
    rescue = RescueMap(1000)
    rescue.set(0, 600, Status.FINISHED)
    for lba, count in ((10, 3), (590, 10)):
        rescue.set(lba, count, Status.BAD)
    path = tmp_path / "a.map"
    path.write_text(map_text(rescue, Current(600)))
    lines = [line.split() for line in ddrescue("ddrescuelog", "-t", path).splitlines()]
    assert ["bad-sector:", "26624", "B,", "in", "2", "area(s)"] in [line[:6] for line in lines]
    assert ["non-tried:", "819200", "B,", "in", "1", "area(s)"] in [line[:6] for line in lines]


def test_ddrescue_goes_on_with_our_map_and_we_with_its(tmp_path):
    source, image = tmp_path / "disc", tmp_path / "image"
    source.write_bytes(b"".join(bytes([n % 251]) * 2048 for n in range(1000)))
    image.write_bytes(source.read_bytes()[: 300 * 2048])
    lost = RescueMap(1000, Status.FINISHED)
    for lba in (320, 700, 701):
        lost.set(lba, 1, Status.BAD)
    domain, ours = tmp_path / "domain", tmp_path / "ours"
    domain.write_text(map_text(lost, Current()))
    begun = RescueMap(1000)
    begun.set(0, 300, Status.FINISHED)
    ours.write_text(map_text(begun, Current(300)))
    ddrescue("ddrescue", "-q", "-b2048", f"--test-mode={domain}", source, image, ours)
    theirs, current = read_map(ours, 1000)
    assert current.stage is Stage.FINISHED
    assert theirs.of(Status.BAD) == [Extent(320, 1), Extent(700, 2)]
    assert theirs.finished == 997
