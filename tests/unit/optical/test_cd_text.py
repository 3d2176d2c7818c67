# SPDX-License-Identifier: GPL-3.0-or-later
"""CD-TEXT as lead-ins have it: whole, damaged, foreign."""

from discwright.optical.cd_text import CdText, parse_cd_text
from drive.bench.mmc.subchannel import _crc

TITLE, PERFORMER, SIZES = 0x80, 0x81, 0x8F


def pack(kind, track, number, text, *, block=0):
    head = bytes((kind, track, number, block)) + text.ljust(12, b"\0")
    return head + _crc(head)


def packs(kind, text, *, first=0, start=0, block=0):
    """Lay texts out as they are on discs: one after the other, twelve letters in a pack."""
    found = []
    for at in range(0, len(text), 12):
        track = first + text[:at].count(b"\0")
        found.append(pack(kind, track, start + len(found), text[at : at + 12], block=block))
    return found


def lead_in(*parts):
    body = b"".join(parts)
    return (len(body) + 2).to_bytes(2, "big") + bytes(2) + body


def test_titles_and_names_go_to_disc_and_tracks():
    text = parse_cd_text(
        lead_in(
            *packs(TITLE, b"A Long Album Title\0One\0Gr\xf6\xdfe\0"),
            *packs(PERFORMER, b"\0Somebody\0\t\0", start=4),
        )
    )
    assert text.disc == {"TITLE": "A Long Album Title"}
    assert text.tracks == {
        1: {"TITLE": "One", "PERFORMER": "Somebody"},
        2: {"TITLE": "Größe", "PERFORMER": "Somebody"},  # a tab: as before
    }
    assert not text.unread


def test_damage_costs_the_words_of_its_kind_only_and_is_said():
    good, bad = packs(PERFORMER, b"Band\0"), packs(TITLE, b"An Album Title\0One\0")
    broken = bad[0][:7] + b"X" + bad[0][8:]
    for odd in ([broken, *bad[1:]], [bad[0], pack(TITLE, 1, 7, b"later\0")], [*bad, broken]):
        text = parse_cd_text(lead_in(*odd, *good))
        assert (text.disc, text.tracks, text.unread) == ({"PERFORMER": "Band"}, {}, True)


def test_other_languages_and_other_letters_are_not_guessed():
    other = packs(TITLE, b"Fremd\0", block=0x10)
    assert parse_cd_text(lead_in(*packs(TITLE, b"Own\0"), *other)).disc == {"TITLE": "Own"}
    japanese = parse_cd_text(lead_in(*packs(TITLE, b"Own\0", block=0x80)))
    assert (japanese.disc, japanese.unread) == ({}, True)
    sizes = pack(SIZES, 0, 9, b"\x80\1\2")
    coded = parse_cd_text(lead_in(*packs(TITLE, b"Own\0"), sizes))
    assert (coded.disc, coded.unread) == ({}, True)
    plain = pack(SIZES, 0, 9, b"\x00\1\2")
    assert parse_cd_text(lead_in(*packs(TITLE, b"Own\0"), plain)).disc == {"TITLE": "Own"}


def test_what_is_no_cd_text_is_none():
    for data in (b"", b"\0\2\0\0", bytes(40), b"\xff" * 400, lead_in(pack(0x86, 0, 0, b"ID\0"))):
        assert parse_cd_text(data).disc == {}
    assert parse_cd_text(b"") == CdText()


def test_an_answer_that_ends_early_is_no_whole_text():
    whole = lead_in(*packs(TITLE, b"An Album Title\0One\0"))
    assert parse_cd_text(whole[:-18]).unread
    assert not parse_cd_text(whole).unread
