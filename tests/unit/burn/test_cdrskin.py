# SPDX-License-Identifier: GPL-3.0-or-later
"""What cdrskin is told of music, and what it said in recorded runs.

The transcripts are those of cdrskin 1.5.4 on the virtual drive, writing 4000 sectors of music in
two tracks; the file name tells the exit code.
"""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.burn.cdrskin import CdrskinWords, cue_sheet, write_arguments, write_call
from discwright.burn.course import Course
from discwright.burn.feed import Feed
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.programs import Installed, Program
from discwright.burn.surroundings import Surroundings
from discwright.burn.transcript import Began, Ended, Step, Written
from discwright.burn.verdict import reason
from discwright.errors import TargetError
from discwright.image.layout import Marks
from discwright.optical.profile import Profile
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Silent
from unit.burn.media import medium
from unit.burn.tracks import ALBUM, image, recording, track

FOLDER = Path(__file__).with_name("transcripts_cdrskin")
SIZE = 4000 * 2352
NAMES = sorted(path.name.split(".")[0] for path in FOLDER.iterdir())


class Hearing(Silent):
    def __init__(self):
        self.phases = []
        self.done = []

    def progress(self, progress):
        if not self.phases or self.phases[-1] != progress.phase.value:
            self.phases.append(progress.phase.value)
        self.done.append(progress.done)


def replay(name):
    (path,) = FOLDER.glob(f"{name}.exit*.txt")
    hearing, words = Hearing(), CdrskinWords()
    course = Course(Meter(hearing), SIZE, Program.CDRSKIN)
    for line in path.read_text().splitlines():
        event = words.read_line(line)
        if event is not None:
            course.take(event)
    return course.end(int(re.search(r"exit(\d+)", path.name)[1])), hearing


def test_there_is_a_recorded_run_of_each_case():
    assert len(NAMES) == 8


@pytest.mark.parametrize("name", ["music", "simulation"])
def test_a_run_that_goes_well_has_its_phases_and_never_goes_back(name):
    outcome, hearing = replay(name)
    assert outcome.well
    assert hearing.phases == ["leading-in", "writing", "closing"]
    written = hearing.done[: len(hearing.done) - hearing.done[::-1].index(max(hearing.done))]
    assert written == sorted(written)
    assert max(written) > SIZE * 0.8


SAID = {
    "write_error": "could not write",
    "calibration": "adjust its laser",
    "tray_opened": "tray was opened",
    "unplugged": "unplugged",
    "synchronize_fails": "could not close",
    "sigterm": "burning failed",
}


@pytest.mark.parametrize("name", SAID)
def test_a_run_that_fails_says_why(name):
    outcome, _hearing = replay(name)
    assert not outcome.well
    assert outcome.began
    assert SAID[name] in reason(outcome.sense, outcome.cause)
    assert outcome.closing is (name == "synchronize_fails")
    assert "cdrskin: exit code" in outcome.cause


def test_progress_goes_on_over_the_tracks():
    words = CdrskinWords()
    told = [words.read_line(line) for line in (
        "Track 01: audio    3 MB", "Track 02: audio    5 MB",
        "Starting new track at sector: 0",
        "Track 01:    3 of    3 MB written (fifo  98%) [buf  50%]  83.2x.",
        "Track 01: Total bytes read/written: 3528000/3528000 (1500 sectors).",
        "Track 02:    1 of    5 MB written [buf   0%]  290.1x.",
        "Track 02: Total bytes read/written: 5880000/5880000 (2500 sectors).",
        "cdrskin: burning done",
    )]  # fmt: skip
    assert told == [
        None, None, Began(Step.WRITING, started=True), Written(3, None, 50), Written(3),
        Written(4, None, 0), Began(Step.CLOSING), Ended(Step.WRITING),
    ]  # fmt: skip


@given(st.lists(st.text(max_size=60), max_size=20))
def test_no_line_whatsoever_breaks_the_reading(lines):
    words = CdrskinWords()
    for line in lines:
        words.read_line(line)
        words.is_chatter(line)


def test_the_cue_sheet_of_an_album():
    disc = recording(
        track(1, marks=Marks(copy=True, emphasis=True), words={"TITLE": 'a "b"\n'}),
        track(2, pregap=150, indices=(75,), marks=Marks(isrc="USABC1234567", four_channels=True)),
        catalog="1234567890123",
    )
    assert cue_sheet(disc, Path("/var/tmp/x/music.bin")).splitlines() == [
        "CATALOG 1234567890123", 'TITLE ""', 'PERFORMER ""',
        'FILE "/var/tmp/x/music.bin" BINARY',
        "TRACK 01 AUDIO", "FLAGS DCP PRE", "TITLE \"a 'b'\"", 'PERFORMER ""',
        "INDEX 01 00:00:00",
        "TRACK 02 AUDIO", "FLAGS 4CH", 'TITLE ""', 'PERFORMER ""', "ISRC USABC1234567",
        "INDEX 00 00:13:25", "INDEX 01 00:15:25", "INDEX 02 00:16:25",
    ]  # fmt: skip


def planned(**options):
    around = Surroundings(Installed("1.5.4", "", "1.5.4"))
    found = plan_burn(image(ALBUM), medium(Profile.CD_R), BurnOptions(**options), around)
    assert isinstance(found, BurnPlan), found
    return found


def feed():
    return Feed(ALBUM.size, len, lambda *_words: None)


def test_the_command_line_names_drive_speed_and_sheet():
    plan = planned(speed=16, simulate=True)
    words = write_arguments(plan, Path("/x/disc.cue"), words=True)
    assert words[:3] == ["cdrskin", "--no_rc", "-v"]
    assert words[-1] == "cuefile=/x/disc.cue"
    assert {"dev=/dev/sr0", "-sao", "-dummy", "-text"} < set(words)
    assert any(word.startswith("speed=") for word in words)


def test_the_music_is_copied_for_it_and_the_copy_goes_again(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with write_call(planned(), ALBUM, feed(), CancelToken()) as call:
        (folder,) = tmp_path.iterdir()
        assert (folder / "music.bin").stat().st_size == ALBUM.size
        assert call.arguments[-1] == f"cuefile={folder / 'disc.cue'}"
    assert list(tmp_path.iterdir()) == []


def test_without_room_for_the_copy_there_is_an_error_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    with (
        pytest.raises(TargetError, match="temporary") as raised,
        write_call(planned(), ALBUM, feed(), CancelToken()),
    ):
        pass
    assert "apt install cdrdao" in raised.value.remedy


def test_a_cancel_while_it_is_copied_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled), write_call(planned(), ALBUM, feed(), cancel):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_plan_tells_of_the_copy():
    plan = planned()
    assert plan.method.program is Program.CDRSKIN
    assert "temporary file of 5.06 MB" in plan.sentences[0]
    assert plan.program == "1.5.4"
