# SPDX-License-Identifier: GPL-3.0-or-later
"""Each known cause of a spoilt disc is refused or said before; the rest is planned rightly."""

from dataclasses import replace

import pytest

from discwright.burn.forecast import forecast
from discwright.burn.method import Preparation, WriteMode, method_of
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.programs import Installed
from discwright.burn.surroundings import Surroundings
from discwright.image.boot import BootReport
from discwright.image.wholeness import Wholeness
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.optical.writing_answers import Loading, WriteFeatures
from discwright.transfer.outcome import Refusal
from unit.burn.media import ALL, AROUND, KINDS, ROOM, image, medium

CLOSED = {"status": MediumStatus.CLOSED, "free_sectors": 0, "used": True}
APPENDABLE = {"status": MediumStatus.APPENDABLE, "used": True}


def plan(image_=None, medium_=None, around=AROUND, **options):
    return plan_burn(image_ or image(), medium_ or medium(), BurnOptions(**options), around)


def refusal(*args, **options):
    answer = plan(*args, **options)
    assert isinstance(answer, Refusal), answer
    assert answer.message
    return answer


def planned(*args, **options):
    answer = plan(*args, **options)
    assert isinstance(answer, BurnPlan), answer
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_blank_medium_can_be_burned(kind):
    found = planned(medium_=medium(kind))
    assert found.method.preparation is Preparation.NONE
    assert "disc.iso" in found.sentences[0]
    assert kind.title in found.sentences[0]
    assert found.sectors == 1000
    assert found.size == 1000 * 2048
    assert found.node == "/dev/sr0"
    assert not found.destroys


MODES = {
    Profile.CD_R: WriteMode.SAO,
    Profile.CD_RW: WriteMode.SAO,
    Profile.DVD_R: WriteMode.DAO,
    Profile.DVD_RW_SEQUENTIAL: WriteMode.DAO,
    Profile.DVD_R_DL_SEQUENTIAL: WriteMode.DAO,
    Profile.DVD_PLUS_R: WriteMode.SEQUENTIAL,
    Profile.DVD_PLUS_R_DL: WriteMode.SEQUENTIAL,
    Profile.BD_R_SEQUENTIAL: WriteMode.SEQUENTIAL,
    Profile.DVD_RAM: WriteMode.OVERWRITE,
    Profile.DVD_RW_RESTRICTED_OVERWRITE: WriteMode.OVERWRITE,
    Profile.DVD_PLUS_RW: WriteMode.OVERWRITE,
    Profile.BD_RE: WriteMode.OVERWRITE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_write_mode_suits_the_medium(kind):
    assert planned(medium_=medium(kind)).method.mode is MODES[kind]


@pytest.mark.parametrize(
    ("kind", "mode"), [(Profile.CD_R, WriteMode.TAO), (Profile.DVD_R, WriteMode.INCREMENTAL)]
)
def test_a_drive_that_knows_no_writing_at_once_writes_a_track(kind, mode):
    bare = replace(ALL, cd_sao=False, dvd_dao=False)
    assert planned(medium_=medium(kind, features=bare)).method.mode is mode


@pytest.mark.parametrize(
    ("kind", "sectors", "padding"),
    [
        (Profile.DVD_R, 1600, 0),
        (Profile.DVD_R, 1601, 15),  # at once: a size that is no multiple of 32 KiB fails at 99 %
        (Profile.DVD_R, 1615, 1),
        (Profile.DVD_PLUS_R, 1601, 15),
        (Profile.DVD_RW_RESTRICTED_OVERWRITE, 1601, 15),
        (Profile.BD_R_SEQUENTIAL, 1601, 31),
        (Profile.BD_RE, 1632, 0),
        (Profile.CD_R, 1601, 0),
        (Profile.CD_R, 10, 290),  # no CD track is shorter than 4 seconds
    ],
)
def test_padding_only_where_the_medium_needs_it(kind, sectors, padding):
    found = planned(image(sectors), medium(kind))
    assert found.method.padding == padding
    assert found.track_sectors == sectors + padding
    assert any("zeros" in text for text in found.sentences) is bool(padding)


def test_a_track_at_once_is_padded_for_its_unreadable_end():
    bare = replace(ALL, cd_sao=False)
    found = planned(medium_=medium(Profile.CD_R, features=bare))
    assert found.method.padding == 150
    assert any("TAO" in text for text in found.sentences)


TOO_BIG = {
    Profile.CD_R: "Insert a larger CD, such as one of 80 minutes, or a DVD.",
    Profile.DVD_R: "Insert a DVD DL: it fits there.",
    Profile.BD_R_SEQUENTIAL: "Insert a BD DL: it fits there.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_that_fits_to_the_last_block_is_taken_and_one_block_more_is_not(kind):
    block = 32 if kind.family.value == "Blu-ray" else 16 if kind not in {
        Profile.CD_R, Profile.CD_RW} else 1  # fmt: skip
    room = ROOM[kind] // block * block
    assert planned(image(room), medium(kind))
    answer = refusal(image(room + 1), medium(kind))
    assert answer.kind == "too-big"
    assert "too much" in answer.message


def test_what_is_too_big_is_told_by_how_much_and_where_it_fits():
    answer = refusal(image(2_297_888 + 16), medium(Profile.DVD_R))
    assert "32.8 kB too much" in answer.message
    assert answer.remedy == TOO_BIG[Profile.DVD_R]
    assert refusal(image(70_000_000)).remedy.startswith("No disc is large enough")
    small_cd = medium(Profile.CD_R, free_sectors=94_500)
    assert refusal(image(340_000), small_cd).remedy == TOO_BIG[Profile.CD_R]


IMAGE_FAULTS = {
    "cut off": (
        {"wholeness": Wholeness(True, 2000, 1000, True, message="The image is cut off.")},
        "truncated",
    ),
    "ends within a sector": ({"odd_bytes": 7}, "truncated"),
    "empty": ({"sectors": 0}, "empty"),
    "no image at all": ({"problem": Refusal("compressed", "x.iso.xz is compressed")}, "compressed"),
    "on the very disc": ({"device": "11:0"}, "same-disc"),
    "the disc itself": ({"source": "/dev/sr0"}, "same-disc"),
}


@pytest.mark.parametrize("fault", IMAGE_FAULTS)
def test_an_image_that_would_give_a_coaster_is_refused(fault):
    changes, kind = IMAGE_FAULTS[fault]
    assert refusal(image(**changes)).kind == kind


def test_a_virtual_disc_is_not_burned_onto_itself():
    own = medium(Profile.NONE, node="stdio:/home/me/disc.iso", used=True)
    assert refusal(medium_=own, blank=Blank.FAST).kind == "same-disc"


MEDIUM_FAULTS = {
    "no disc": (medium(Profile.NONE, status=MediumStatus.NONE), "no-medium"),
    "not recognised": (medium(Profile.NONE), "wrong-kind"),
    "pressed": (medium(Profile.DVD_ROM, status=MediumStatus.CLOSED), "wrong-kind"),
    "a kind that nobody writes": (medium(Profile.HD_DVD_R), "wrong-kind"),
    "closed DVD-R": (medium(Profile.DVD_R, **CLOSED), "closed"),
    "closed CD-R": (medium(Profile.CD_R, **CLOSED), "closed"),
    "odd BD-R": (
        medium(Profile.BD_R_SEQUENTIAL, status=MediumStatus.OVERWRITABLE), "closed",
    ),
    "appendable DVD+R": (medium(Profile.DVD_PLUS_R, **APPENDABLE), "appendable"),
    "state not known": (medium(Profile.DVD_R, status=MediumStatus.UNKNOWN), "unknown-state"),
    "drive only reads it": (
        medium(Profile.BD_R_SEQUENTIAL, writes=(Profile.CD_R, Profile.DVD_R)), "drive-cannot-write",
    ),
    "drive writes others": (medium(writes=(Profile.HD_DVD_R,)), "drive-cannot-write"),
}  # fmt: skip


@pytest.mark.parametrize("fault", MEDIUM_FAULTS)
def test_a_medium_that_cant_be_written_is_refused_with_a_remedy(fault):
    wrong, kind = MEDIUM_FAULTS[fault]
    answer = refusal(medium_=wrong)
    assert answer.kind == kind
    assert answer.remedy


def test_a_drive_that_says_not_what_it_writes_is_taken_at_its_medium():
    assert planned(medium_=medium(writes=()))


DRIVE_FAULTS = {
    "xorriso is missing": (replace(AROUND, installed=Installed()), "no-program", "xorriso"),
    "no permission": (
        replace(AROUND, problem=Refusal("no-permission", "You have no permission.")),
        "no-permission",
        "permission",
    ),
    "packet writing": (replace(AROUND, packet_device="pktcdvd0"), "busy", "pktcdvd0"),
    "another program": (replace(AROUND, holders=("vlc (process 77)",)), "busy", "vlc"),
}


@pytest.mark.parametrize("fault", DRIVE_FAULTS)
def test_a_drive_that_cant_be_had_is_refused_with_the_reason(fault):
    around, kind, word = DRIVE_FAULTS[fault]
    answer = refusal(around=around)
    assert answer.kind == kind
    assert word in answer.message


PREPARATIONS = [
    (medium(Profile.CD_RW, **CLOSED), Blank.AUTO, Preparation.BLANK_FAST),
    (medium(Profile.CD_RW, **CLOSED), Blank.FULL, Preparation.BLANK_FULL),
    (medium(Profile.CD_RW, **APPENDABLE), Blank.FAST, Preparation.BLANK_FAST),
    (medium(Profile.CD_RW), Blank.FULL, Preparation.NONE),
    (medium(Profile.DVD_RW_SEQUENTIAL, **CLOSED), Blank.AUTO, Preparation.BLANK_MINIMAL),
    (medium(Profile.DVD_RW_SEQUENTIAL, **CLOSED), Blank.FULL, Preparation.BLANK_FULL),
    (medium(Profile.DVD_RW_RESTRICTED_OVERWRITE, used=True), Blank.AUTO, Preparation.NONE),
    (medium(Profile.DVD_PLUS_RW, used=True), Blank.FAST, Preparation.NONE),
    (medium(Profile.DVD_PLUS_RW, formatted=False), Blank.AUTO, Preparation.NONE),
    (medium(Profile.DVD_PLUS_RW), Blank.FULL, Preparation.FORMAT_FULL),
    (medium(Profile.BD_RE, formatted=False), Blank.AUTO, Preparation.FORMAT),
    (medium(Profile.DVD_RAM, formatted=False), Blank.AUTO, Preparation.FORMAT),
    (medium(Profile.BD_R_SEQUENTIAL, formatted=False), Blank.AUTO, Preparation.NONE),
]


@pytest.mark.parametrize(("disc", "blank", "preparation"), PREPARATIONS)
def test_rewritable_discs_are_made_ready_the_way_they_need(disc, blank, preparation):
    found = planned(medium_=disc, blank=blank)
    assert found.method.preparation is preparation
    assert found.destroys is disc.used
    assert any("lost" in text for text in found.sentences) is disc.used
    assert preparation.erases is (preparation is not Preparation.NONE)
    told = any(text.startswith("First") for text in found.sentences)
    assert told is (preparation is not Preparation.NONE)


def test_erasing_and_formatting_are_told_apart():
    assert Preparation.BLANK_FAST.blanks
    assert not Preparation.FORMAT.blanks


@pytest.mark.parametrize(
    ("disc", "kind"),
    [
        (medium(Profile.CD_RW, **CLOSED), "not-blank"),
        (medium(Profile.DVD_RW_SEQUENTIAL, **APPENDABLE), "not-blank"),
        (medium(Profile.DVD_PLUS_RW, used=True), "not-blank"),
        (medium(Profile.BD_RE, formatted=False), "unformatted"),
    ],
)
def test_who_wants_nothing_erased_gets_nothing_erased(disc, kind):
    assert refusal(medium_=disc, blank=Blank.NEVER).kind == kind


@pytest.mark.parametrize("disc", [medium(Profile.CD_RW), medium(Profile.DVD_PLUS_RW), medium()])
def test_a_blank_disc_needs_no_erasing(disc):
    assert planned(medium_=disc, blank=Blank.NEVER)


def test_spare_sectors_on_a_bd_r_only_on_demand_and_with_their_price():
    disc = medium(Profile.BD_R_SEQUENTIAL, formatted=False)
    found = planned(medium_=disc, spare=True)
    assert found.method.preparation is Preparation.FORMAT_SPARE
    assert "half the speed" in found.sentences[0]
    formatted = replace(disc, formatted=True)
    assert planned(medium_=formatted, spare=True).method.preparation is Preparation.NONE
    assert any("half the" in text for text in planned(medium_=formatted).warnings)
    assert not planned(medium_=formatted, streaming=True).warnings


def test_a_disc_that_tells_its_room_only_when_erased_is_not_refused_before():
    disc = medium(Profile.CD_RW, **CLOSED, capacity_sectors=0)
    assert planned(image(10_000_000), disc)
    known = medium(Profile.CD_RW, **CLOSED)
    assert refusal(image(10_000_000), known).kind == "too-big"


def test_a_minimally_blanked_dvd_rw_takes_one_session_of_known_size():
    disc = medium(Profile.DVD_RW_SEQUENTIAL, features=replace(ALL, incremental=False))
    assert disc.minimally_blanked
    found = planned(medium_=disc)
    assert found.method.mode is WriteMode.DAO
    assert any("one session" in text for text in found.warnings)


SPEEDS = [
    ((), {}, None, None),
    ((), {"speed": 4}, None, 5540),
    ((5540,), {}, None, 5540),
    ((2770, 5540, 11080), {}, None, 5540),
    ((2770, 5540, 11080, 22160), {}, None, 5540),
    ((2770, 5540, 11080, 22160), {"speed": 8}, None, 11080),
    ((2770, 5600, 11080), {"speed": 4}, None, 5600),
    ((2770, 5540, 11080), {"speed": 1}, None, 2770),
    ((2770, 5540, 11080), {"speed": 100}, None, 11080),
    ((2770, 5540, 11080), {}, 11080, 11080),
    ((2770, 5540, 11080), {"speed": 2}, 11080, 2770),
]


@pytest.mark.parametrize(("offered", "options", "remembered", "chosen"), SPEEDS)
def test_the_speed_is_a_middle_one_a_remembered_one_or_the_users(
    offered, options, remembered, chosen
):
    around = replace(AROUND, remembered_kb=remembered)
    found = planned(medium_=medium(speeds_kb=offered), around=around, **options)
    assert found.speed_kb == chosen
    assert any(", at " in text for text in found.sentences) is (chosen is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_only_media_that_the_standard_knows_can_be_simulated(kind):
    answer = plan(medium_=medium(kind), simulate=True)
    if kind in {
        Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW_SEQUENTIAL,
        Profile.DVD_R_DL_SEQUENTIAL,
    }:  # fmt: skip
        assert isinstance(answer, BurnPlan)
        assert any("simulat" in text for text in answer.sentences)
        assert not answer.destroys
    else:
        assert isinstance(answer, Refusal)
        assert answer.kind == "simulate"


def test_a_simulation_erases_nothing():
    assert refusal(medium_=medium(Profile.CD_RW, **CLOSED), simulate=True).kind == "simulate"


def test_a_drive_without_test_writing_cant_simulate():
    bare = medium(features=replace(ALL, test_write=False))
    assert refusal(medium_=bare, simulate=True).kind == "simulate"


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"hashes": ("sha257",)}, "hash"),
        ({"speed": 0}, "speed"),
        ({"speed": 1e9}, "speed"),
        ({"copies": 0}, "copies"),
        ({"retries": -1}, "retries"),
    ],
)
def test_senseless_wishes_are_refused(options, kind):
    assert refusal(**options).kind == kind


def test_a_new_file_serves_as_a_disc_and_one_with_content_only_on_demand():
    blank = WritableMedium(
        "stdio:/tmp/x.img", MediumStatus.BLANK, free_sectors=5000, capacity_sectors=5000
    )
    found = planned(medium_=blank, around=Surroundings(Installed("1.5.4")))
    assert (found.method.mode, found.method.padding) == (WriteMode.FILE, 0)
    assert found.sentences[0] == "disc.iso (2.05 MB) is written to stdio:/tmp/x.img."
    assert planned(medium_=blank, simulate=True)
    used = replace(blank, status=MediumStatus.OVERWRITABLE, used=True)
    assert refusal(medium_=used).kind == "not-blank"
    emptied = planned(medium_=used, blank=Blank.FAST)
    assert emptied.method.preparation is Preparation.TRUNCATE
    assert "lost" in emptied.sentences[0]
    assert refusal(image(6000), blank).remedy == "Choose a folder on another disk."


def test_what_should_be_known_before_is_said():
    def said(image_=None, medium_=None):
        return " ".join(planned(image_, medium_).warnings)

    assert said() == ""
    assert "No file system" in said(image(file_systems=()))
    assert "USB sticks" in said(image(boot=BootReport(isohybrid_mbr=True)))
    padding = Wholeness(known=True, needed=1010, missing=10, message="Padding is missing.")
    assert "Padding is missing." in said(image(wholeness=padding))
    assert "twice the time" in said(medium_=medium(Profile.BD_RE))
    assert "odd" in said(image(remarks=("Something is odd.",)))
    bare = replace(ALL, underrun_free=False)
    assert "comes late" in said(medium_=medium(Profile.CD_R, features=bare))


def test_what_follows_the_writing_is_said():
    assert "tray opens and closes" in planned().sentences[-1]
    slim = medium(loading=Loading.POP_UP)
    assert "until you have closed it" in planned(medium_=slim).sentences[-1]
    assert "nothing proves" in planned(verify=False).sentences[-1]
    assert "3 discs in all" in planned(copies=3).sentences[-1]
    assert "simulation" in planned(simulate=True, copies=3).sentences[-1]


def test_a_preparation_that_only_erasing_knows_has_words_too():
    disc = medium(Profile.CD_RW, **CLOSED)
    method = method_of(disc, 1000, BurnOptions())
    assert forecast(image(), disc, BurnOptions(), method, None)[0].endswith("is lost.")


def test_a_plain_feature_set_says_nothing_of_its_abilities():
    assert WriteFeatures() == WriteFeatures(incremental=False)
