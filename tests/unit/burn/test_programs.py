# SPDX-License-Identifier: GPL-3.0-or-later
"""Which program writes what onto which disc; all else is refused with what to do."""

from dataclasses import replace

import pytest

from discwright.burn.forecast import warnings
from discwright.burn.image import refuse_tracks
from discwright.burn.method import WriteMode
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.programs import LAST_LBA, Installed, Program, choose_program
from discwright.image.layout import Piece
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.outcome import Refusal
from unit.burn import media
from unit.burn.media import ALL, AROUND, KINDS, medium
from unit.burn.tracks import ALBUM, MIXED, MODE_2, PLAIN, image, recording, track

BOTH, XORRISO_ONLY = Installed("1.5.4", "1.2.4"), Installed("1.5.4")
CD = medium(Profile.CD_R)
SMALL = medium(Profile.CD_R, free_sectors=900, capacity_sectors=900)
DVD = medium(Profile.DVD_R)
FILE = WritableMedium("stdio:/tmp/x", MediumStatus.BLANK, free_sectors=10**6)
OVERBURN = BurnOptions(overburn=True)

CHOICES = [
    (PLAIN, CD, BurnOptions(), Program.XORRISO),
    (PLAIN, CD, OVERBURN, Program.XORRISO),
    (PLAIN, SMALL, OVERBURN, Program.CDRDAO),
    (PLAIN, SMALL, BurnOptions(), Program.XORRISO),
    (PLAIN, DVD, OVERBURN, Program.XORRISO),
    (PLAIN, FILE, BurnOptions(), Program.XORRISO),
    (ALBUM, CD, BurnOptions(), Program.CDRDAO),
    (MIXED, CD, BurnOptions(), Program.CDRDAO),
    (MODE_2, CD, BurnOptions(), Program.CDRDAO),
]


@pytest.mark.parametrize(("disc", "target", "options", "program"), CHOICES)
def test_each_image_has_its_program(disc, target, options, program):
    assert choose_program(image(disc), target, options, BOTH) is program


def test_an_image_of_mode_2_sectors_goes_as_it_is_to_a_cd_and_as_data_to_others():
    film = image(MODE_2, plain=True)
    assert choose_program(film, CD, BurnOptions(), BOTH) is Program.CDRDAO
    assert choose_program(film, DVD, BurnOptions(), BOTH) is Program.XORRISO
    assert choose_program(film, FILE, BurnOptions(), XORRISO_ONLY) is Program.XORRISO


SKIN = Installed("1.5.4", "", "1.5.4")


def test_without_cdrdao_music_alone_goes_through_cdrskin():
    assert choose_program(image(ALBUM), CD, BurnOptions(), SKIN) is Program.CDRSKIN
    assert choose_program(image(ALBUM), CD, OVERBURN, SKIN) is Program.CDRSKIN
    assert SKIN.version(Program.CDRSKIN) == "1.5.4"


HIDDEN = recording(track(1, pregap=300), track(2))

REFUSALS = [
    (MIXED, CD, BurnOptions(), SKIN, "no-program", "Music", "apt install cdrdao"),
    (MODE_2, CD, BurnOptions(), SKIN, "no-program", "such tracks", "apt install cdrdao"),
    (ALBUM, SMALL, OVERBURN, SKIN, "no-program", "more than a CD", "apt install cdrdao"),
    (HIDDEN, CD, BurnOptions(), SKIN, "no-program", "Music", "apt install cdrdao"),
    (ALBUM, CD, BurnOptions(), XORRISO_ONLY, "no-program", "Music", "apt install cdrdao"),
    (MODE_2, CD, BurnOptions(), XORRISO_ONLY, "no-program", "such tracks", "apt install cdrdao"),
    (PLAIN, SMALL, OVERBURN, XORRISO_ONLY, "no-program", "more than a CD", "apt install cdrdao"),
    (ALBUM, CD, BurnOptions(), Installed("", "1.2.4"), "no-program", "xorriso", "xorriso"),
    (ALBUM, DVD, BurnOptions(), BOTH, "needs-cd", "music", "CD-R or CD-RW"),
    (MIXED, medium(Profile.BD_RE), BurnOptions(), BOTH, "needs-cd", "music", "CD-R or CD-RW"),
    (MODE_2, DVD, BurnOptions(), BOTH, "needs-cd", "tracks", "CD-R or CD-RW"),
    (ALBUM, FILE, BurnOptions(), BOTH, "needs-cd", "music", "use a drive"),
]


@pytest.mark.parametrize(
    ("disc", "target", "options", "installed", "kind", "words", "way"), REFUSALS
)
def test_what_no_program_can_write_is_refused_with_a_way_out(
    disc, target, options, installed, kind, words, way
):
    answer = choose_program(image(disc), target, options, installed)
    assert isinstance(answer, Refusal)
    assert answer.kind == kind
    assert words in answer.message
    assert way in answer.remedy


def test_a_disc_in_another_drive_has_no_tracks_to_be_written_one_by_one():
    disc = replace(image(ALBUM), recording=None)
    answer = choose_program(disc, CD, BurnOptions(), BOTH)
    assert isinstance(answer, Refusal)
    plain = replace(image(PLAIN), recording=None)
    assert choose_program(plain, SMALL, OVERBURN, BOTH) is Program.XORRISO


def planned(disc=ALBUM, target=CD, **options):
    found = plan_burn(image(disc), target, BurnOptions(**options), AROUND)
    assert isinstance(found, BurnPlan), found
    return found


def refused(disc=ALBUM, target=CD, **options):
    found = plan_burn(image(disc), target, BurnOptions(**options), AROUND)
    assert isinstance(found, Refusal), found
    return found


def test_a_plan_for_tracks_names_them_and_writes_all_at_once():
    plan = planned()
    assert "2 tracks of music, 0:29" in plan.sentences[0]
    assert (plan.method.mode, plan.method.padding) == (WriteMode.SAO, 0)
    assert plan.recording is ALBUM
    assert (plan.size, plan.write_size) == (2150 * 2352, 2150 * 2352)
    assert plan.program == "1.2.4"
    assert plan.warnings == ()


def test_a_plan_for_data_still_says_that_no_file_system_was_found():
    assert any("No file system" in text for text in planned(MIXED).warnings)


def test_a_plain_image_is_planned_for_xorriso():
    plan = planned(PLAIN)
    assert (plan.recording, plan.program) == (None, "1.5.4")
    assert plan.write_size == plan.size == 1000 * 2048


def test_a_drive_without_session_at_once_is_refused_unless_it_must_erase_before():
    bare = replace(ALL, cd_sao=False)
    answer = refused(target=medium(Profile.CD_R, features=bare))
    assert answer.kind == "drive-cannot-write"
    used = medium(
        Profile.CD_RW, features=bare, status=MediumStatus.CLOSED, used=True, free_sectors=0
    )
    assert planned(target=used).method.mode is WriteMode.SAO


def test_music_that_does_not_fit_is_told_in_minutes():
    answer = refused(target=SMALL)
    assert answer.kind == "too-big"
    assert "0:29" in answer.message
    assert "0:12" in answer.message
    assert "larger CD" in answer.remedy
    assert "DVD" not in answer.remedy


@pytest.mark.parametrize("disc", [ALBUM, PLAIN])
def test_overburning_is_planned_only_on_demand_and_with_its_danger(disc):
    assert refused(disc, SMALL).kind == "too-big"
    plan = planned(disc, SMALL, overburn=True)
    assert plan.method.program is Program.CDRDAO
    assert plan.method.overburnt == disc.sectors - 900
    assert any("the disc is lost" in text for text in plan.warnings)


def test_what_fits_is_not_overburnt_even_if_that_is_allowed():
    plan = planned(overburn=True)
    assert plan.method.overburnt == 0
    assert not any("lost" in text for text in plan.warnings)


def test_music_that_cdrskin_would_burn_is_refused_in_minutes_too():
    around = replace(AROUND, installed=SKIN)
    answer = plan_burn(image(ALBUM), SMALL, BurnOptions(), around)
    assert isinstance(answer, Refusal)
    assert answer.kind == "too-big"
    assert "0:29" in answer.message


def test_no_disc_is_overburned_past_the_last_minute_that_a_cd_can_tell():
    long = recording(track(1, sectors=LAST_LBA + 1))
    answer = refused(long, overburn=True)
    assert answer.kind == "overburn"
    assert "No CD is that large" in answer.message + answer.remedy


@pytest.mark.parametrize("kind", [one for one in KINDS if one.family.value != "CD"])
def test_overburning_other_discs_is_refused_with_the_true_reason(kind):
    target = medium(kind)
    big = media.image(media.ROOM[kind] + 32)
    answer = plan_burn(big, target, OVERBURN, AROUND)
    assert isinstance(answer, Refusal)
    assert answer.kind == "overburn"
    assert kind.title in answer.remedy


def test_a_copy_of_a_disc_is_not_overburned():
    big = media.image(media.ROOM[Profile.CD_R] + 1, virtual=False)
    answer = plan_burn(big, CD, OVERBURN, AROUND)
    assert isinstance(answer, Refusal)
    assert "image" in answer.remedy


def test_room_that_only_erasing_tells_is_asked_for_later():
    used = medium(
        Profile.CD_RW, status=MediumStatus.CLOSED, used=True, free_sectors=0, capacity_sectors=0
    )
    assert planned(target=used).method.overburnt == 0


TRACKS = {
    "none": ((), "no track"),
    "numbered from 2": ((track(2),), "numbered"),
    "with a hole": ((track(1), track(3)), "numbered"),
    "in two sessions": ((track(1), track(2, session=2)), "several sessions"),
    "too short": ((track(1), track(2, sectors=299)), "Track 2 is shorter"),
    "short but for its pause": ((track(1), track(2, sectors=200, pregap=150)), "four seconds"),
    "pictures in the subchannel": ((track(1, "CDG", obstacle="It holds pictures."),), "pictures"),
}


@pytest.mark.parametrize("what", TRACKS)
def test_tracks_that_no_cd_can_hold_are_refused(what):
    tracks, words = TRACKS[what]
    answer = refuse_tracks(recording(*tracks))
    assert answer is not None
    assert words in answer.message


def test_ninety_nine_tracks_are_taken():
    assert refuse_tracks(recording(*(track(n) for n in range(1, 100)))) is None


def test_giant_pauses_are_too_big_and_nothing_else():
    giant = track(1, pieces=(Piece(None, 0, 10**15 // 2352 * 2352),))
    assert refused(recording(giant)).kind == "too-big"
    assert refused(recording(giant), overburn=True).kind == "overburn"


def test_music_alone_needs_no_file_system():
    plan = planned()
    assert warnings(plan.image, plan.medium, plan.options, plan.method) == ()


def test_a_plan_without_the_program_is_refused():
    around = replace(AROUND, installed=XORRISO_ONLY)
    answer = plan_burn(image(ALBUM), CD, BurnOptions(), around)
    assert isinstance(answer, Refusal)
    assert answer.kind == "no-program"


def test_words_that_no_cd_holds_are_told_to_be_left_out():
    long = recording(*(track(n, words={"TITLE": "x" * 150}) for n in range(1, 31)))
    assert any("CD-TEXT" in text for text in planned(long).warnings)
    some = recording(track(1, words={"TITLE": "x" * 150}))
    assert not any("CD-TEXT" in text for text in planned(some).warnings)


@pytest.mark.parametrize(("pause", "warned"), [(0, True), (149, True), (150, False)])
def test_data_that_meets_music_without_a_pause_is_warned_of(pause, warned):
    disc = recording(track(1, "MODE1/2352"), track(2, pregap=pause))
    assert any("no pause" in text for text in planned(disc).warnings) is warned


def test_a_drive_that_does_not_say_how_much_fits_is_refused():
    answer = refused(target=medium(Profile.CD_R, free_sectors=0, capacity_sectors=0))
    assert answer.kind == "unknown-room"
