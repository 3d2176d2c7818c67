# SPDX-License-Identifier: GPL-3.0-or-later
"""What drives answer, parsed; short and senseless answers are met."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.optical import answers, toc
from discwright.optical.disc import DiscStatus, Layers, Protection, TrackMode
from discwright.optical.profile import Profile


def structure(book, first, last, end_l0=0):
    body = bytearray(2048)
    body[2] = book
    body[5:8], body[9:12] = first.to_bytes(3, "big"), last.to_bytes(3, "big")
    body[13:16] = end_l0.to_bytes(3, "big")
    return struct.pack(">HH", 2050, 0) + bytes(body)


def test_a_single_layer_dvd():
    assert answers.parse_dvd_layers(structure(0x01, 0x30000, 0x30000 + 999)) == Layers(1, 1000)


def test_on_a_parallel_track_path_each_layer_tells_its_own_length():
    first = structure(0x21, 0x30000, 0x30000 + 1999)
    second = structure(0x21, 0x30000, 0x30000 + 1499)
    assert answers.parallel_layers(first) == 1
    assert answers.parse_dvd_layers(first, second) == Layers(2, 3500, 2000)


@pytest.mark.parametrize("book", [0x01, 0x31])
def test_other_discs_need_one_answer(book):
    assert answers.parallel_layers(structure(book, 0x30000, 0x30000 + 1999)) == 0


def test_opposite_track_path_has_inverted_addresses_on_the_second_layer():
    end_l0 = 0x30000 + 999
    last = (~(0x30000 + 100)) & 0xFFFFFF  # layer 1 ends above where layer 0 began
    layers = answers.parse_dvd_layers(structure(0x31, 0x30000, last, end_l0))
    assert layers == Layers(2, 1000 + 900 - 1 + 1, 1000, opposite_track_path=True)


@pytest.mark.parametrize(
    ("byte", "protection"),
    [(0, Protection.NONE), (1, Protection.CSS), (2, Protection.CPRM), (9, Protection.NONE)],
)
def test_copyright_byte(byte, protection):
    assert answers.parse_copyright(bytes([0, 6, 0, 0, byte, 0, 0, 0])) is protection


@pytest.mark.parametrize(
    ("data", "sectors"),
    [
        (struct.pack(">II", 999, 2048), 1000),
        (struct.pack(">II", 0xFFFFFFFF, 2048), None),
        (struct.pack(">II", 0, 2048), None),
        (struct.pack(">II", 999, 512), None),
        (struct.pack(">II", 999, 0), 1000),
        (b"\0\0", None),
    ],
)
def test_capacity(data, sectors):
    assert answers.parse_capacity(data) == sectors


def test_configuration_tells_profile_and_current_features():
    features = bytes([0, 0, 3, 8]) + struct.pack(">HBBHBB", 0x10, 1, 0, 0x08, 0, 0)
    features += bytes([0x01, 0x06, 0x01, 0x04, 0, 0, 0, 1])
    features += bytes([0x01, 0x08, 0x03, 0x08]) + b"K12 345\0"
    data = struct.pack(">IHH", 4 + len(features), 0, 0x10) + features
    configuration = answers.parse_configuration(data)
    assert configuration.profile is Profile.DVD_ROM
    assert configuration.current(answers.FEATURE_DVD_CSS)
    assert not configuration.current(answers.FEATURE_AACS)
    assert configuration.profiles == (Profile.DVD_ROM, Profile.CD_ROM)
    assert configuration.serial == "K12 345"


@pytest.mark.parametrize(
    ("status", "sessions", "want", "complete"),
    [
        (0, 1, DiscStatus.BLANK, 0),
        (1, 2, DiscStatus.APPENDABLE, 1),
        (2, 3, DiscStatus.COMPLETE, 3),
        (3, 1, DiscStatus.OTHER, 1),
    ],
)
def test_disc_information_counts_complete_sessions(status, sessions, want, complete):
    data = bytearray(34)
    data[2], data[4], data[6] = status, sessions, 1
    information = answers.parse_disc_information(bytes(data))
    assert information is not None
    assert (information.status, information.sessions) == (want, complete)


def entry(number, control, lba):
    return struct.pack(">BBBBi", 0, 0x10 | control, number, 0, lba)


def formatted(*entries):
    return struct.pack(">HBB", 2 + 8 * len(entries), 1, len(entries) - 1) + b"".join(entries)


def test_tracks_run_to_the_next_one_or_the_lead_out():
    data = formatted(entry(1, 4, 0), entry(2, 0, 1000), entry(0xAA, 0, 3000))
    tracks = toc.tracks_of(toc.parse_formatted(data))
    assert [(t.number, t.start, t.sectors, t.mode) for t in tracks] == [
        (1, 0, 1000, TrackMode.DATA),
        (2, 1000, 2000, TrackMode.AUDIO),
    ]


def full(*points):
    body = b"".join(
        bytes([session, 0x14, 0, point, 0, 0, 0, 0, m, s, f]) for session, point, m, s, f in points
    )
    return struct.pack(">HBB", 2 + len(body), 1, 2) + body


def test_a_session_ends_at_its_own_lead_out_not_at_the_next_session():
    sessions = toc.parse_full(
        full((1, 0xA0, 1, 0, 0), (1, 0xA1, 1, 0, 0), (1, 0xA2, 0, 15, 0),
             (2, 0xA0, 2, 0x20, 0), (2, 0xA1, 2, 0, 0), (2, 0xA2, 3, 0, 0))
    )  # fmt: skip
    assert [(s.number, s.lead_out) for s in sessions] == [(1, 975), (2, 13350)]
    data = formatted(entry(1, 4, 0), entry(2, 4, 12375), entry(0xAA, 4, 13350))
    tracks = toc.tracks_of(toc.parse_formatted(data), sessions)
    assert [(t.session, t.start, t.sectors) for t in tracks] == [(1, 0, 975), (2, 12375, 975)]


def raw(mode, submode=0):
    return b"\0" + b"\xff" * 10 + b"\0" + bytes([0, 2, 0, mode, 0, 0, submode, 0]) + bytes(2332)


@pytest.mark.parametrize(
    ("sector", "mode"),
    [
        (raw(1), TrackMode.MODE1),
        (raw(2, 0x08), TrackMode.MODE2_FORM1),
        (raw(2, 0x20), TrackMode.MODE2_FORM2),
        (raw(0), TrackMode.DATA),
        (bytes(2352), TrackMode.DATA),
        (b"", TrackMode.DATA),
    ],
)
def test_the_raw_header_tells_the_mode(sector, mode):
    assert toc.raw_sector_mode(sector) is mode


def test_the_lead_out_of_a_very_long_cd_is_not_taken_for_a_place_before_its_beginning():
    data = full((1, 0xA0, 1, 0, 0), (1, 0xA1, 1, 0, 0), (1, 0xA2, 98, 0, 0))
    assert toc.parse_full(data)[0].lead_out == 98 * 60 * 75 - 150


PARSERS = [
    answers.parse_capacity, answers.parse_configuration, answers.parse_disc_information,
    answers.parse_track_information, answers.parse_dvd_layers, answers.parse_copyright,
    answers.parse_blu_ray_layers, answers.parse_read_speeds, toc.parse_formatted, toc.parse_full,
    toc.parse_last_session, toc.raw_sector_mode,
]  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS, ids=lambda f: f.__name__)
@given(data=st.binary(max_size=200))
def test_no_answer_can_break_a_parser(parse, data):
    parse(data)
