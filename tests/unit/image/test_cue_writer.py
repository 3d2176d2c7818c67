# SPDX-License-Identifier: GPL-3.0-or-later
"""Cue sheets that are written say what they were told, to the reader of this program too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.image.cue import read_cue
from discwright.image.cue_writer import Sheet, SheetTrack, can_name, write_cue
from discwright.image.layout import RAW_SECTOR, frames, session_gap, time_of


@given(st.integers(0, 10**7))
def test_times_are_read_as_they_are_written(sectors):
    assert frames(time_of(sectors)) == sectors


def read(folder, sheet, sectors):
    with (folder / sheet.file).open("wb") as file:
        file.truncate(sectors * RAW_SECTOR)
    path = folder / "sheet.cue"
    path.write_bytes(write_cue(sheet).encode())
    return read_cue(path)


def test_all_that_is_said_is_read_again(tmp_path):
    sheet = Sheet(
        "a disc.bin",
        [
            SheetTrack(1, 1, "MODE1/2352", ((1, 0),), ("DCP",)),
            SheetTrack(2, 1, "AUDIO", ((1, 500),), pregap=150),
            SheetTrack(
                3, 1, "AUDIO", ((0, 900), (1, 975), (2, 1000), (3, 1100)), ("DCP", "4CH", "PRE"),
                isrc="USABC0112345", words={"TITLE": 'Say "Größe"\n', "PERFORMER": "They"},
                postgap=2,
            ),
            SheetTrack(4, 2, "MODE2/2352", ((1, 1300),)),
        ],
        "1234567890123",
        {"TITLE": "All"},
    )  # fmt: skip
    layout = read(tmp_path, sheet, 1500)
    assert (layout.catalog, layout.words, layout.remarks) == (
        "1234567890123", {"TITLE": "All"}, (),
    )  # fmt: skip
    one, two, three, four = layout.tracks
    assert [track.format.name for track in layout.tracks] == [
        "MODE1/2352", "AUDIO", "AUDIO", "MODE2/2352",
    ]  # fmt: skip
    assert (one.start, two.start, two.pregap) == (0, 650, 150)
    assert (three.start, three.pregap, three.indices) == (1125, 75, (25, 125))
    assert three.marks.copy
    assert three.marks.emphasis
    assert three.marks.four_channels
    assert three.marks.isrc == "USABC0112345"
    assert three.words == {"TITLE": "Say 'Größe'", "PERFORMER": "They"}
    assert (four.session, four.start) == (2, 1450 + 2 + session_gap(1))


def test_one_session_needs_no_word_of_sessions():
    text = write_cue(Sheet("x.bin", [SheetTrack(1, 1, "AUDIO", ((1, 0),))]))
    assert text == (
        'FILE "x.bin" BINARY\r\n  TRACK 01 AUDIO\r\n    INDEX 01 00:00:00\r\n'
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "can"),
    [("disc.bin", True), ("Größe 2.bin", True), ("a'b.bin", True), ('a"b.bin', False),
     ("a\\b.bin", False), ("c:x.bin", False), ("a\nb.bin", False), ("", False),
     ("a\x85b.bin", False), ("a\u2028b.bin", False), ("\udcfc.bin", False)],
)  # fmt: skip
def test_names_that_a_sheet_can_not_hold(name, can):
    assert can_name(name) is can
