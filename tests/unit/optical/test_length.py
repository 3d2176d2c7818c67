# SPDX-License-Identifier: GPL-3.0-or-later
"""The length rules, as a table: what was answered, what reads, what is copied, by which rule."""

import pytest

from discwright.optical.length import LengthFacts, choose_length, sectors_to_probe
from discwright.optical.profile import Profile
from discwright.optical.sense import Fault

P = Profile
ILLEGAL, BAD, RANGE = Fault.ILLEGAL_MODE, Fault.BAD_SECTOR, Fault.OUT_OF_RANGE

TABLE = [
    # name, facts, test readings, sectors, rule
    ("an image file is as long as it is",
     LengthFacts(P.UNKNOWN, file=500, iso9660=350), {}, 500, "file-size"),
    ("a pressed CD ends at its lead-out",
     LengthFacts(P.CD_ROM, capacity=1000, lead_out=1000, iso9660=850), {}, 1000, "lead-out"),
    ("a CD without a TOC ends where the drive says",
     LengthFacts(P.CD_ROM, capacity=1000), {}, 1000, "capacity"),
    ("a CD with nothing but track information",
     LengthFacts(P.CD_ROM, track_end=1000), {}, 1000, "capacity"),
    ("a CD of which nothing is known",
     LengthFacts(P.CD_ROM), {}, 0, "capacity"),
    ("a CD-R written disc at once keeps its last sectors",
     LengthFacts(P.CD_R, capacity=1000, lead_out=1000, iso9660=1000),
     {999: None, 998: None, 997: None}, 1000, "lead-out"),
    ("a CD-R written track at once loses its two run-outs",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=1000),
     {1001: ILLEGAL, 1000: ILLEGAL, 999: None}, 1000, "run-out"),
    ("a CD-RW with one run-out",
     LengthFacts(P.CD_RW, capacity=1001, lead_out=1001, iso9660=990),
     {1000: BAD, 999: None, 998: None}, 1000, "run-out"),
    ("some drives answer run-outs with 'out of range'",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002),
     {1001: RANGE, 1000: RANGE, 999: None}, 1000, "run-out"),
    ("without a file system an unreadable end may as well be damaged data",
     LengthFacts(P.CD_R, capacity=1000, lead_out=1000), {999: BAD, 998: None, 997: None}, 1000,
     "lead-out"),
    ("data damaged right before the run-outs is damage, and they are run-outs still",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=1000),
     {1001: ILLEGAL, 1000: ILLEGAL, 999: BAD}, 1000, "run-out"),
    ("a Macintosh volume that needs the last sectors: they are damaged",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=900, hfs=1001),
     {1001: BAD, 1000: BAD, 999: None}, 1002, "lead-out"),
    ("three unreadable sectors at the end are damage, not run-outs",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=900),
     {1001: BAD, 1000: BAD, 999: BAD}, 1002, "lead-out"),
    ("three sectors of another kind at the end are more than run-outs",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=900),
     {1001: ILLEGAL, 1000: ILLEGAL, 999: ILLEGAL}, 1002, "lead-out"),
    ("unreadable last sectors that the file system needs are damage",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=1002),
     {1001: BAD, 1000: BAD, 999: None}, 1002, "lead-out"),
    ("a pressed CD has no run-outs: unreadable ends are damage",
     LengthFacts(P.CD_ROM, capacity=1002, lead_out=1002, iso9660=1000),
     {1001: BAD, 1000: BAD, 999: None}, 1002, "lead-out"),
    ("a CD-R that ends in music is not tested",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002, ends_in_data=False), {}, 1002, "lead-out"),
    ("a scrambled end is no run-out",
     LengthFacts(P.CD_R, capacity=1002, lead_out=1002),
     {1001: Fault.SCRAMBLED, 1000: Fault.SCRAMBLED, 999: None}, 1002, "lead-out"),
    ("a DVD where drive and structure agree",
     LengthFacts(P.DVD_ROM, capacity=2000, structure=2000, iso9660=1990), {}, 2000, "capacity"),
    ("a DVD without a structure",
     LengthFacts(P.DVD_R, capacity=2000, iso9660=1990), {}, 2000, "capacity"),
    ("a DVD whose drive doesn't know the capacity",
     LengthFacts(P.DVD_ROM, structure=2000), {}, 2000, "structure"),
    ("a drive that reports one layer only, and the second reads",
     LengthFacts(P.DVD_ROM, capacity=2000, structure=3900), {3899: None}, 3900, "probed"),
    ("a structure that promises more than reads",
     LengthFacts(P.DVD_ROM, capacity=2000, structure=3900), {3899: RANGE}, 2000, "probed"),
    ("a capacity beyond the structure that reads is taken",
     LengthFacts(P.DVD_ROM, capacity=2002, structure=2000), {2001: None}, 2002, "probed"),
    ("a disc whose last sector is damaged is not cut for that",
     LengthFacts(P.DVD_ROM, capacity=3900, structure=2000),
     {3899: BAD, 2000: None, 2950: None}, 3900, "probed"),
    ("a structure whose second half can't be read at all",
     LengthFacts(P.DVD_ROM, capacity=2000, structure=3900),
     {3899: BAD, 2000: BAD, 2950: BAD}, 2000, "probed"),
    ("a disc with only a track",
     LengthFacts(P.DVD_R, track_end=700), {}, 700, "track"),
    ("a disc with only a file system",
     LengthFacts(P.BD_R_SEQUENTIAL, udf=700), {}, 700, "track"),
    ("a disc of which nothing is known",
     LengthFacts(P.UNKNOWN), {}, 0, "track"),
    ("a Blu-ray as the drive says",
     LengthFacts(P.BD_ROM, capacity=5000, udf=4990), {}, 5000, "capacity"),
    ("a DVD+RW ends with its file system, to a whole block of 16",
     LengthFacts(P.DVD_PLUS_RW, capacity=9000, iso9660=1001), {1007: None}, 1008, "file-systems"),
    ("a DVD+RW whose block isn't readable to its end",
     LengthFacts(P.DVD_PLUS_RW, capacity=9000, iso9660=1001), {1007: BAD}, 1001, "file-systems"),
    ("a BD-RE takes the longer file system, to a whole block of 32",
     LengthFacts(P.BD_RE, capacity=9000, iso9660=1000, udf=1020), {1023: None}, 1024,
     "file-systems"),
    ("a rewritable disc that is full to the last sector",
     LengthFacts(P.BD_RE, capacity=1020, udf=1020), {}, 1020, "file-systems"),
    ("a file system that claims more than the medium is cut there",
     LengthFacts(P.DVD_RAM, capacity=1000, udf=1200), {}, 1000, "file-systems"),
    ("a rewritable disc whose capacity is not known",
     LengthFacts(P.DVD_RAM, udf=1200), {}, 1200, "file-systems"),
    ("a rewritable disc without a file system is copied whole",
     LengthFacts(P.DVD_RAM, capacity=9000), {}, 9000, "whole-medium"),
    ("a rewritable disc with nothing but a track",
     LengthFacts(P.DVD_PLUS_RW, track_end=800), {}, 800, "whole-medium"),
    ("a partition that was appended behind the file system is no unused rest",
     LengthFacts(P.DVD_PLUS_RW, capacity=9000, iso9660=1000, partitions=1500), {1503: None}, 1504,
     "file-systems"),
    ("a partition table that was made for a larger medium",
     LengthFacts(P.DVD_PLUS_RW, capacity=9000, iso9660=1008, partitions=9001), {1007: None}, 1008,
     "file-systems"),
    ("a Macintosh volume that reaches beyond the ISO 9660 beside it",
     LengthFacts(P.DVD_PLUS_RW, capacity=9000, iso9660=1008, hfs=1200), {1199: None}, 1200,
     "file-systems"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "probes", "sectors", "rule"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_the_length_is_chosen_by_rule(facts, probes, sectors, rule):
    chosen = choose_length(facts, probes)
    assert (chosen.sectors, chosen.rule) == (sectors, rule)
    assert chosen.reason


def test_every_answer_is_recorded_with_who_gave_it():
    facts = LengthFacts(
        P.DVD_ROM, capacity=1, lead_out=2, track_end=3, structure=4, iso9660=5, udf=6, hfs=7,
        partitions=8,
    )  # fmt: skip
    assert [(c.source, c.sectors) for c in choose_length(facts, {}).candidates] == [
        ("READ CAPACITY", 1), ("TOC lead-out", 2), ("READ TRACK INFORMATION", 3),
        ("READ DISC STRUCTURE", 4), ("ISO 9660", 5), ("UDF", 6), ("HFS", 7), ("partition table", 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "sectors"),
    [
        (LengthFacts(P.CD_R, capacity=1002, lead_out=1002), (1001, 1000, 999)),
        (LengthFacts(P.CD_R, capacity=1002), (1001, 1000, 999)),
        (LengthFacts(P.CD_R, lead_out=1), (0,)),
        (LengthFacts(P.CD_R), ()),
        (LengthFacts(P.CD_ROM, capacity=1000, lead_out=1000), ()),
        (LengthFacts(P.CD_R, lead_out=1002, ends_in_data=False), ()),
        (LengthFacts(P.DVD_ROM, capacity=1000, structure=1000), ()),
        (LengthFacts(P.DVD_ROM, capacity=1000, structure=1600), (1599, 1000, 1300)),
        (LengthFacts(P.DVD_PLUS_RW, capacity=9000, udf=1001), (1007,)),
        (LengthFacts(P.DVD_PLUS_RW, capacity=9000), ()),
    ],
)
def test_only_sectors_that_decide_are_tested_and_never_one_below_zero(facts, sectors):
    assert sectors_to_probe(facts) == sectors


def test_runouts_are_counted_apart_from_the_length():
    facts = LengthFacts(P.CD_R, capacity=1002, lead_out=1002, iso9660=1000)
    assert choose_length(facts, {1001: ILLEGAL, 1000: ILLEGAL, 999: None}).runout == 2


@pytest.mark.parametrize(("extra", "warned"), [(300, False), (301, True)])
def test_much_more_disc_than_file_system_is_noted(extra, warned):
    facts = LengthFacts(P.DVD_R, capacity=1000 + extra, iso9660=1000)
    assert bool(choose_length(facts, {}).warnings) is warned


def test_padding_behind_an_image_file_is_nothing_to_warn_of():
    assert not choose_length(LengthFacts(P.UNKNOWN, file=5000, iso9660=1000), {}).warnings
