# SPDX-License-Identifier: GPL-3.0-or-later
"""What drives answer about writing, parsed; short and senseless answers are met."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.optical import writing_answers as answers
from discwright.optical.profile import Profile
from discwright.optical.writing_answers import (
    Atip,
    FormatCapacities,
    FormatCapacity,
    Loading,
    Mechanism,
    WritableTrack,
    WriteFeatures,
)


def configuration(*features):
    body = b"".join(
        struct.pack(">HBB", code, 0x01 if current else 0x00, len(data)) + data
        for code, current, data in features
    )
    return struct.pack(">IHH", len(body) + 4, 0, 0x09) + body


def test_only_current_features_count():
    data = configuration(
        (0x2D, True, b"\x40\0\0\0"), (0x2E, True, b"\x24\0\0\0"), (0x2F, False, b"\x44\0\0\0"),
        (0x21, False, bytes(4)),
    )  # fmt: skip
    assert answers.parse_write_features(data) == WriteFeatures(
        cd_tao=True, cd_sao=True, test_write=True, underrun_free=True
    )
    dvd = configuration((0x21, True, bytes(4)), (0x2F, True, b"\x40\0\0\0"))
    assert answers.parse_write_features(dvd) == WriteFeatures(
        incremental=True, dvd_dao=True, underrun_free=True
    )


@pytest.mark.parametrize(
    ("byte", "loading"),
    [(0x29, Loading.TRAY), (0x49, Loading.POP_UP), (0x09, Loading.CADDY), (0xC9, Loading.UNKNOWN)],
)
def test_the_loading_mechanism(byte, loading):
    assert answers.parse_loading(configuration((3, True, bytes([byte, 0, 0, 0])))) is loading


def test_no_loading_feature():
    assert answers.parse_loading(b"") is None


def capacities(now, kind, *formats):
    body = struct.pack(">IB3s", now, kind, b"\0\x08\0")
    body += b"".join(struct.pack(">IB3s", n, code << 2, bytes(3)) for code, n in formats)
    return bytes([0, 0, 0, len(body)]) + body


@pytest.mark.parametrize(
    ("kind", "formatted", "sectors"), [(1, False, 500), (2, True, 500), (3, None, 0)]
)
def test_format_capacities(kind, formatted, sectors):
    found = answers.parse_format_capacities(capacities(500, kind, (0x26, 700), (0, 900)))
    expected = (FormatCapacity(0x26, 700), FormatCapacity(0, 900))
    assert found == FormatCapacities(formatted, sectors, expected)
    assert found.of_kind(0x26) == 700
    assert found.of_kind(0x15, 0x00) == 900
    assert found.of_kind(0x30) == 0


def atip(start, end):
    return bytes([0, 14, 0, 0, 0, 0, 0, 0, *start, 0, *end, 0])


def test_atip_tells_maker_and_room():
    assert answers.parse_atip(atip((97, 24, 1), (79, 59, 70))) == Atip("97m24s01f", 359_845)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        atip((0, 0, 0), (79, 59, 70)),
        atip((97, 61, 1), (79, 0, 0)),
        atip((97, 1, 75), (1, 0, 0)),
        atip((97, 1, 1), (79, 60, 0)),
        atip((97, 1, 1), (79, 0, 75)),
    ],
)
def test_no_atip(data):
    assert answers.parse_atip(data) is None


def test_the_next_writable_address_counts_only_if_it_is_valid():
    data = bytearray(48)
    data[6], data[7] = 0x40, 1
    data[12:20] = struct.pack(">iI", -150, 359_844)
    assert answers.parse_writable_track(bytes(data)) == WritableTrack(359_844, -150, True)
    data[7] = 0
    assert answers.parse_writable_track(bytes(data)).next_writable is None
    assert answers.parse_writable_track(b"short") is None


def test_write_speeds_are_sorted_and_sensible():
    entries = b"".join(struct.pack(">IIII", 0, 0, 0, n) for n in (11080, 5540, 0, 5540, 1 << 31))
    data = struct.pack(">II", len(entries) + 4, 0) + entries
    assert answers.parse_write_speeds(data) == (5540, 11080)
    assert answers.parse_write_speeds(data[:30]) == (11080,)


def page_2a(loading, *speeds):
    page = bytearray(32 + 4 * len(speeds))
    page[0], page[1], page[6] = 0x2A, len(page) - 2, loading << 5
    page[30:32] = len(speeds).to_bytes(2, "big")
    for number, speed in enumerate(speeds):
        page[32 + 4 * number + 2 : 36 + 4 * number] = speed.to_bytes(2, "big")
    return bytes(8) + bytes(page)


def test_the_capabilities_page():
    assert answers.parse_mechanism(page_2a(2, 706, 1411)) == Mechanism(Loading.POP_UP, (706, 1411))
    assert answers.parse_mechanism(page_2a(1)[:20]) == Mechanism(Loading.TRAY)
    assert answers.parse_mechanism(bytes(40)) is None
    assert answers.parse_mechanism(b"") is None


def adip(maker, kind):
    body = bytearray(256)
    body[19 : 19 + len(maker)], body[27 : 27 + len(kind)] = maker, kind
    return bytes(4) + bytes(body)


def pre_recorded(first, second):
    body = bytearray(64)
    body[16], body[24] = 3, 4
    body[17 : 17 + len(first)], body[25 : 25 + len(second)] = first, second
    return bytes(4) + bytes(body)


def disc_information(maker, kind):
    body = bytearray(112)
    body[:2], body[100 : 100 + len(maker)], body[106 : 106 + len(kind)] = b"DI", maker, kind
    return bytes(4) + bytes(body)


@pytest.mark.parametrize(
    ("profile", "data", "maker"),
    [
        (Profile.DVD_PLUS_R, adip(b"YUDEN000", b"T02"), "YUDEN000/T02"),
        (Profile.DVD_PLUS_RW, adip(b"MKM\0\0\0\0\0", b"A02"), "MKM/A02"),
        (Profile.DVD_R, pre_recorded(b"MCC 03", b"RG20  "), "MCC 03RG20"),
        (Profile.DVD_RW_SEQUENTIAL, pre_recorded(b"TDK502", b""), "TDK502"),
        (Profile.BD_R_SEQUENTIAL, disc_information(b"VERBAT", b"IMe"), "VERBAT/IMe"),
        (Profile.BD_RE, bytes(200), ""),
        (Profile.DVD_R, bytes(64), ""),
        (Profile.DVD_RAM, bytes(200), ""),
        (Profile.DVD_PLUS_R, adip(b"\x1b[31mX", b"\x07"), "[31mX"),
        (Profile.DVD_PLUS_R, b"", ""),
    ],
)
def test_the_maker_is_told_and_harmless(profile, data, maker):
    assert answers.parse_maker(profile, data) == maker


@given(st.binary(max_size=120), st.sampled_from(list(Profile)))
def test_no_answer_is_too_odd(data, profile):
    answers.parse_write_features(data)
    answers.parse_loading(data)
    answers.parse_format_capacities(data)
    answers.parse_atip(data)
    answers.parse_writable_track(data)
    answers.parse_write_speeds(data)
    answers.parse_mechanism(data)
    answers.parse_maker(profile, data)
    answers.maker_format(profile)
