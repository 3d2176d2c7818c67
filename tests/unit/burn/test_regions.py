# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive reads beside what it was given: each bit counts, and shifted music is no fault."""

import random

import pytest

from discwright.burn.regions import (
    MOST_SHIFT,
    SAMPLE,
    Region,
    differing_sectors,
    most_likely,
    probes,
    regions_of,
    shifts_in,
    silent_pauses,
    user_bytes,
    window_of,
)
from discwright.burn.toc_proof import compare_toc
from discwright.image.layout import RAW_SECTOR, Marks
from discwright.image.recording import Form
from discwright.optical.toc import LEAD_OUT, TocEntry
from discwright.transfer.extents import Extent
from unit.burn.tracks import ALBUM, MIXED, recording, track

SECTORS = 400


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def giver(data):
    return lambda offset, length: data[offset : offset + length]


def raw_sector(form, user, *, mode=None):
    """Build a sector around what a drive was given; sync, header and the rest don't matter."""
    told = mode if mode is not None else 1 if form is Form.MODE1 else 2
    subheader = b"" if form in {Form.MODE1, Form.MODE2} else bytes(8)
    return (bytes(15) + bytes([told]) + subheader + user).ljust(RAW_SECTOR, b"E")


DATA = (Form.MODE1, Form.MODE2, Form.MODE2_FORM1, Form.MODE2_FORM2)


def read(form, given, sectors=5):
    parts = (given[n * form.size : (n + 1) * form.size] for n in range(sectors))
    return b"".join(raw_sector(form, part) for part in parts)


def differences(region, raw, given, shift=0, lba=None):
    start = region.lba if lba is None else lba
    return list(differing_sectors(region, start, memoryview(raw), giver(given), shift))


@pytest.mark.parametrize("form", DATA)
def test_data_that_is_as_it_was_given_is_the_same(form):
    given = noise(5 * form.size)
    assert differences(Region(100, 5, form, 0), read(form, given), given) == []


@pytest.mark.parametrize("form", DATA)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_flipped_bit_in_data_names_its_sector(form, place):
    given = noise(5 * form.size)
    raw = bytearray(read(form, given))
    start = 16 if form in {Form.MODE1, Form.MODE2} else 24
    length = 8 + 2048 if form is Form.MODE2 else form.size
    given = bytearray(given)
    given[3 * form.size + 2] &= ~0x20  # Mode 2 by its subheader: form 1
    raw[3 * RAW_SECTOR + 18] = given[3 * form.size + 2] if form is Form.MODE2 else raw[
        3 * RAW_SECTOR + 18]  # fmt: skip
    if form is not Form.MODE2:
        raw[3 * RAW_SECTOR + start + 2] = given[3 * form.size + 2]
    raw[3 * RAW_SECTOR + start + (0 if place == "first" else length - 1)] ^= 1
    assert differences(Region(100, 5, form, 0), raw, bytes(given)) == [103]


def test_error_correction_behind_the_user_bytes_is_the_drives_business():
    given = bytearray(noise(5 * 2336))
    for n in range(5):
        given[n * 2336 + 2] &= ~0x20
    raw = bytearray(read(Form.MODE2, bytes(given)))
    raw[16 + 8 + 2048] ^= 0xFF
    region = Region(0, 5, Form.MODE2, 0)
    assert differences(region, raw, bytes(given)) == []
    given[2] |= 0x20
    raw[18] = given[2]
    assert differences(region, raw, bytes(given)) == [0]


@pytest.mark.parametrize("form", DATA)
def test_data_of_another_mode_is_different(form):
    given = noise(form.size)
    raw = raw_sector(form, given, mode=2 if form is Form.MODE1 else 1)
    assert differences(Region(0, 1, form, 0), raw, given) == [0]


def shifted(samples, shift):
    """Give what a drive reads when it is off by so many samples: noise comes in at the edge."""
    edge = noise(abs(shift) * SAMPLE, seed=9)
    if shift >= 0:
        return edge + samples[: len(samples) - len(edge)]
    return samples[len(edge) :] + edge


MUSIC = Region(150, SECTORS, Form.AUDIO, 0)
SHIFTS = (0, 1, -1, 587, 588, -588, 2939, MOST_SHIFT, -MOST_SHIFT)


@pytest.mark.parametrize("shift", SHIFTS)
def test_music_is_the_same_if_it_is_shifted_as_a_whole(shift):
    samples = noise(SECTORS * RAW_SECTOR)
    assert differences(MUSIC, shifted(samples, shift), samples, shift) == []


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_shift_is_found(shift):
    samples = noise(SECTORS * RAW_SECTOR)
    disc = shifted(samples, shift)
    votes = []
    for sector, part in probes(MUSIC, giver(samples)):
        lba, count = window_of(MUSIC, sector)
        at = (lba - MUSIC.lba) * RAW_SECTOR
        votes.append(shifts_in(disc[at : at + count * RAW_SECTOR], part))
    assert len(votes) == 9
    assert most_likely(votes) == shift


@pytest.mark.parametrize("shift", [0, 100, -100])
def test_a_flipped_bit_in_shifted_music_names_the_sector_on_the_disc(shift):
    samples = noise(SECTORS * RAW_SECTOR)
    disc = bytearray(shifted(samples, shift))
    disc[200 * RAW_SECTOR + 5] ^= 1
    assert differences(MUSIC, disc, samples, shift) == [350]


@pytest.mark.parametrize("missing", [1, 40, 588])
def test_samples_that_are_missing_in_between_are_no_shift(missing):
    samples = noise(SECTORS * RAW_SECTOR)
    at = 200 * RAW_SECTOR
    cut = samples[:at] + samples[at + missing * SAMPLE :] + bytes(missing * SAMPLE)
    assert differences(MUSIC, cut, samples, 0) != []
    assert differences(MUSIC, cut, samples, -missing) != []


def test_music_is_compared_in_the_parts_in_which_it_is_read():
    samples = noise(SECTORS * RAW_SECTOR)
    disc = shifted(samples, 700)
    for first in range(0, SECTORS, 27):
        part = disc[first * RAW_SECTOR : (first + 27) * RAW_SECTOR]
        assert differences(MUSIC, part, samples, 700, lba=150 + first) == []


def test_a_shift_of_everything_past_the_region_compares_nothing():
    samples = noise(RAW_SECTOR)
    region = Region(0, 1, Form.AUDIO, 0)
    assert differences(region, samples, samples, 588) == []


def test_silence_and_short_tracks_tell_no_shift():
    assert list(probes(MUSIC, giver(bytes(SECTORS * RAW_SECTOR)))) == []
    assert list(probes(Region(0, 10, Form.AUDIO, 0), giver(noise(10 * RAW_SECTOR)))) == []
    assert most_likely([]) == 0


def test_a_steady_tone_tells_its_shift_where_it_begins():
    tone = (bytes(2) + b"\x40\x40" + bytes(2) + b"\xc0\xc0") * (RAW_SECTOR // 8)
    samples = bytes(50 * RAW_SECTOR + 400) + tone * (SECTORS - 50)
    samples = samples[: SECTORS * RAW_SECTOR]
    found = list(probes(MUSIC, giver(samples)))
    assert [sector for sector, _samples in found] == [50]
    lba, count = window_of(MUSIC, 50)
    disc = shifted(samples, 30)
    at = (lba - 150) * RAW_SECTOR
    window = disc[at : at + count * RAW_SECTOR]
    assert most_likely([shifts_in(window, found[0][1])]) == 30


def test_most_agree_wins_and_of_several_the_smallest():
    assert most_likely([(5,), (5, 7), (7,), (5,)]) == 5
    assert most_likely([(100, -3), (-3, 100)]) == -3


def test_what_is_found_between_samples_is_no_shift():
    part = noise(RAW_SECTOR)
    window = bytes(2) + part + bytes(2 * RAW_SECTOR - 2)
    assert shifts_in(window, part) == ()


def test_neighbouring_music_is_one_region_and_data_its_own():
    assert regions_of(ALBUM) == (Region(0, 2150, Form.AUDIO, 0),)
    one, two = regions_of(MIXED)
    assert (one.form, one.lba, one.end) == (Form.MODE1, 0, 1000)
    assert (two.form, two.lba, two.sectors, two.offset) == (Form.AUDIO, 1000, 1150, 2048_000)


@pytest.mark.parametrize("form", [*DATA, Form.AUDIO])
def test_what_was_given_is_taken_out_of_what_is_read(form):
    given = noise(3 * form.size)
    raw = given if form is Form.AUDIO else read(form, given, 3)
    assert b"".join(user_bytes(form, memoryview(raw))) == given


def test_only_silent_pauses_between_data_and_music_may_stay_unread():
    silent = giver(bytes(MIXED.size))
    assert silent_pauses(MIXED, silent) == (Extent(1000, 150),)
    assert silent_pauses(MIXED, giver(noise(MIXED.size))) == ()
    assert silent_pauses(ALBUM, giver(bytes(ALBUM.size))) == ()
    adjoining = recording(track(1, "MODE1/2352"), track(2))
    assert silent_pauses(adjoining, giver(bytes(adjoining.size))) == ()


# -- the table of contents ------------------------------------------------------------------

GOOD = (TocEntry(1, 4, 0), TocEntry(2, 0, 1150), TocEntry(LEAD_OUT, 0, 2150))
TABLES = {
    "as it should be": (GOOD, 1, ""),
    "none": ((), 0, "can't be read"),
    "a track less": ((GOOD[0], GOOD[2]), 1, "1 tracks instead of 2"),
    "a track more": ((*GOOD, TocEntry(3, 0, 2000)), 1, "3 tracks instead of 2"),
    "another start": ((GOOD[0], TocEntry(2, 0, 1149), GOOD[2]), 1, "Track 2 begins at LBA 1149"),
    "music for data": ((TocEntry(1, 0, 0), *GOOD[1:]), 1, "Track 1 is marked as music"),
    "data for music": ((GOOD[0], TocEntry(2, 4, 1150), GOOD[2]), 1, "Track 2 is marked as data"),
    "other marks": ((GOOD[0], TocEntry(2, 2, 1150), GOOD[2]), 1, "marks of track 2"),
    "another end": ((*GOOD[:2], TocEntry(LEAD_OUT, 0, 2152)), 1, "ends at LBA 2152"),
    "no end": (GOOD[:2], 1, "ends at LBA ?"),
    "two sessions": (GOOD, 2, "2 sessions"),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_table_of_contents_is_compared(what):
    entries, sessions, words = TABLES[what]
    found = compare_toc(MIXED, entries, sessions)
    assert bool(found) is bool(words)
    assert words in " ".join(found)


def test_many_differences_are_summed_up():
    disc = recording(*(track(n, marks=Marks(copy=True)) for n in range(1, 20)))
    entries = (*(TocEntry(n, 0, n) for n in range(1, 20)), TocEntry(LEAD_OUT, 0, 20_000))
    found = compare_toc(disc, entries)
    assert len(found) == 4
    assert "More" in found[-1]
