# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read, and what it is by that: never the same unless every byte that counts is."""

from pathlib import Path

import pytest

from discwright.check.plan import CheckPlan
from discwright.check.subject import Subject, disc_subject
from discwright.check.verdict import Seen, judge
from discwright.image.catalogue import Catalogue, Game, Rom
from discwright.image.checksums import Checksum, Published
from discwright.optical.disc import Candidate, Disc, DiscStatus, Length
from discwright.optical.profile import Profile
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State

SECTOR = 2048
DISC = Disc(
    "/dev/sr0", False, Profile.CD_R, DiscStatus.COMPLETE,
    Length(110, "capacity", "", (Candidate("ISO 9660", 100), Candidate("READ CAPACITY", 110))),
)  # fmt: skip
ON_DISC = disc_subject(DISC)
IMAGE = Subject("/x/a.iso", 100 * SECTOR, (100 * SECTOR,))
SUMS, OTHER, DAT = Path("/x/SHA256SUMS"), Path("/x/other.iso"), Path("/x/discs.dat")


def published(digest, name="debian.iso", algorithm="sha256"):
    return Published(Checksum(algorithm, digest, name), SUMS)


def seen(at, **changes):
    return Seen(max(at, default=0) * SECTOR, {n * SECTOR: {"sha256": d} for n, d in at.items()},
                **changes)  # fmt: skip


def catalogue(*games):
    return Catalogue(DAT, "Discs", games, 7)


def rom(name, sectors, digest):
    return Rom(name, sectors * SECTOR, (("sha256", digest),))


def test_a_disc_ends_where_any_of_the_candidates_say():
    assert ON_DISC.lengths == (100 * SECTOR, 110 * SECTOR)
    assert disc_subject(DISC, (50 * SECTOR, 60 * SECTOR + 1, 999 * SECTOR)).lengths == (
        50 * SECTOR, 100 * SECTOR, 110 * SECTOR,
    )  # fmt: skip


def test_every_checksum_beside_an_image_must_agree():
    plan = CheckPlan((IMAGE,), published=(published("aa"), published("bb")))
    assert judge(plan, [seen({100: "aa"})]).state is State.COMPLETE_WITH_ERRORS
    plan = CheckPlan((IMAGE,), published=(published("aa"), published("aa")))
    assert judge(plan, [seen({100: "aa"})]).state is State.COMPLETE


def test_a_disc_is_one_of_those_that_are_published():
    plan = CheckPlan((ON_DISC,), published=(published("aa"), published("bb")), any_of=True)
    verdict = judge(plan, [seen({100: "xx", 110: "bb"})])
    assert verdict.state is State.COMPLETE
    assert "is debian.iso, as published in SHA256SUMS" in verdict.message
    assert verdict.warnings == ()


def test_padding_behind_the_image_is_told_and_no_fault():
    plan = CheckPlan((ON_DISC,), published=(published("aa"),), any_of=True)
    verdict = judge(plan, [seen({100: "aa", 110: "zz"})])
    assert verdict.state is State.COMPLETE
    assert verdict.length == 100 * SECTOR
    assert verdict.warnings == (
        "The disc goes on for 10 sectors behind that; they are no part of the image.",
    )


def test_a_disc_that_is_none_of_them_is_different():
    plan = CheckPlan((ON_DISC,), published=(published("aa"),), any_of=True)
    verdict = judge(plan, [seen({100: "xx", 110: "yy"})])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert verdict.digests == {"sha256": "yy"}
    assert [right for _one, right in verdict.checks] == [False]


def test_of_a_disc_with_unreadable_sectors_nothing_is_claimed():
    plan = CheckPlan((ON_DISC,), published=(published("aa"),), any_of=True)
    verdict = judge(plan, [Seen(0, {}, (Extent(3, 2),))])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert verdict.message.startswith("2 sectors can't be read. So nothing can be said of /dev/sr0")


@pytest.mark.parametrize(
    ("sectors", "found", "state", "said"),
    [
        (100, Seen(100 * SECTOR), State.COMPLETE, "every byte is the same"),
        (100, Seen(1, differing=(Extent(7, 1),)), State.COMPLETE_WITH_ERRORS, "LBA 7"),
        (100, Seen(1, bad=(Extent(9, 1),)), State.COMPLETE_WITH_ERRORS, "can't be read (LBA 9)"),
        (112, Seen(1), State.COMPLETE_WITH_ERRORS, "2 sectors of the disc can't be read"),
    ],
)
def test_a_disc_is_compared_over_the_length_of_the_image(sectors, found, state, said):
    plan = CheckPlan((ON_DISC,), other=OTHER, other_size=sectors * SECTOR)
    verdict = judge(plan, [found])
    assert verdict.state is state
    assert said in verdict.message
    assert verdict.missing == ((Extent(110, 2),) if sectors == 112 else ())


def test_bytes_that_make_no_sector_are_told():
    plan = CheckPlan((ON_DISC,), other=OTHER, other_size=110 * SECTOR + 3)
    (said,) = judge(plan, [Seen(1)]).warnings
    assert said.startswith("The last 3 bytes of the image")


@pytest.mark.parametrize(
    ("zeros", "said"), [(True, "are only zeros"), (False, "is more than zeros"), (None, "")]
)
def test_two_images_that_differ_in_their_tail_are_told_so(zeros, said):
    plan = CheckPlan((IMAGE,), other=OTHER, other_size=90 * SECTOR)
    verdict = judge(plan, [Seen(90 * SECTOR, rest_is_zeros=zeros)])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert said in verdict.message
    assert ("they are the same" in verdict.message) is (zeros is not None)


def test_an_image_is_named_by_the_catalogue():
    plan = CheckPlan((IMAGE,), catalogue=catalogue(Game("T (Europe)", (rom("t.iso", 100, "aa"),))))
    verdict = judge(plan, [seen({100: "aa"})])
    assert (verdict.state, verdict.title) == (State.COMPLETE, "T (Europe)")


def test_a_disc_with_padding_is_named_by_the_catalogue():
    plan = CheckPlan((ON_DISC,), catalogue=catalogue(Game("T", (rom("t.iso", 100, "aa"),))))
    verdict = judge(plan, [seen({100: "aa", 110: "xx"})])
    assert (verdict.state, verdict.title) == (State.COMPLETE, "T")
    assert verdict.warnings


def test_all_files_of_a_disc_must_be_right_and_each_be_another_one():
    files = (IMAGE, Subject("/x/b.bin", 100 * SECTOR, (100 * SECTOR,)))
    one = Game("T", (rom("1.bin", 100, "aa"), rom("2.bin", 100, "bb")))
    plan = CheckPlan(files, catalogue=catalogue(one), named="/x/t.cue")
    right, doubled, wrong = ("aa", "bb"), ("aa", "aa"), ("aa", "xx")
    for digests, state in (
        (right, State.COMPLETE), (doubled, State.COMPLETE_WITH_ERRORS),
        (wrong, State.COMPLETE_WITH_ERRORS),
    ):  # fmt: skip
        verdict = judge(plan, [seen({100: digest}) for digest in digests])
        assert verdict.state is state, digests


def test_one_file_of_several_is_not_called_the_whole_disc():
    game = Game("T", (rom("1.bin", 100, "aa"), rom("2.bin", 5, "bb")))
    verdict = judge(CheckPlan((IMAGE,), catalogue=catalogue(game)), [seen({100: "aa"})])
    assert verdict.state is State.COMPLETE
    assert "is 1.bin, one of 2 files of “T”" in verdict.message


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (rom("t.iso", 100, "bb"), "“T” has this size, but other content."),
        (rom("A.iso", 103, "aa"), "“T” is longer there, by 3 sectors."),
        (Rom("a.iso", 99 * SECTOR + 7, (("sha256", "aa"),)), "“T” is shorter there, by 2041 bytes"),
    ],
)
def test_a_near_miss_says_how_near_it_is(known, said):
    plan = CheckPlan((IMAGE,), catalogue=catalogue(Game("T", (known,))))
    verdict = judge(plan, [seen({100: "aa"})])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert "none of the 7 discs" in verdict.message
    assert said in verdict.message


def test_what_a_catalogue_does_not_know_is_told_plainly():
    verdict = judge(CheckPlan((IMAGE,), catalogue=catalogue()), [seen({100: "aa"})])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert verdict.digests == {"sha256": "aa"}


def test_a_checksum_without_a_name_is_named_by_its_file():
    plan = CheckPlan((ON_DISC,), published=(published("bb", ""),), any_of=True)
    verdict = judge(plan, [seen({100: "xx", 110: "bb"})])
    assert verdict.state is State.COMPLETE
    assert "is what SHA256SUMS says" in verdict.message


def test_two_images_are_the_same_only_byte_for_byte():
    plan = CheckPlan((IMAGE,), other=OTHER, other_size=IMAGE.size)
    assert judge(plan, [Seen(IMAGE.size)]).state is State.COMPLETE
    verdict = judge(plan, [Seen(IMAGE.size, differing=(Extent(4, 2), Extent(9, 1)))])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert verdict.message.endswith("They differ in 3 sectors.")


def test_a_damaged_disc_is_not_looked_for_in_a_catalogue():
    plan = CheckPlan((ON_DISC,), catalogue=catalogue(Game("T", (rom("t.iso", 110, "aa"),))))
    verdict = judge(plan, [Seen(0, {}, (Extent(3, 1),))])
    assert verdict.state is State.COMPLETE_WITH_ERRORS
    assert "nothing can be said" in verdict.message


def test_a_near_miss_is_looked_for_among_all_files():
    files = (IMAGE, Subject("/x/b.bin", 50 * SECTOR, (50 * SECTOR,)))
    game = Game("T", (rom("1.bin", 100, "aa"), rom("2.bin", 7, "cc"), rom("3.bin", 50, "bb")))
    plan = CheckPlan(files, catalogue=catalogue(game), named="/x/t.cue")
    found = [seen({100: "aa"}), seen({50: "xx"})]
    assert "“T” has this size, but other content." in judge(plan, found).message
