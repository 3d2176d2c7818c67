# SPDX-License-Identifier: GPL-3.0-or-later
"""What cdrdao is told, and what it said in recorded runs.

The transcripts are those of cdrdao 1.2.4 with the arguments of this program on the virtual drive;
the file name tells the exit code.
"""

import re
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.burn.cdrdao import describe, write_arguments, write_call
from discwright.burn.cdrdao_transcript import CdrdaoWords
from discwright.burn.course import Course
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.programs import Program
from discwright.burn.transcript import Began, Ended, Problem, Step, Written
from discwright.burn.verdict import reason, remedy
from discwright.errors import TargetError
from discwright.image.layout import Marks
from discwright.optical.profile import Profile
from discwright.optical.sense import Sense
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Silent
from unit.burn.media import AROUND, medium
from unit.burn.tracks import ALBUM, MIXED, MODE_2, image, recording, track

FOLDER = Path(__file__).with_name("transcripts_cdrdao")
SIZE = 3_056_800
NAMES = sorted(path.name.split(".")[0] for path in FOLDER.iterdir())


class Hearing(Silent):
    def __init__(self):
        self.phases = []
        self.done = []

    def progress(self, progress):
        if not self.phases or self.phases[-1] != progress.phase.value:
            self.phases.append(progress.phase.value)
        self.done.append((progress.phase.value, progress.done, progress.total))


def replay(name):
    (path,) = FOLDER.glob(f"{name}.exit*.txt")
    hearing, words = Hearing(), CdrdaoWords()
    course = Course(Meter(hearing), SIZE, Program.CDRDAO)
    for line in path.read_text().splitlines():
        event = words.read_line(line)
        if event is not None:
            course.take(event)
    return course.end(int(re.search(r"exit(\d+)", path.name)[1])), hearing


def test_there_is_a_recorded_run_of_each_case():
    assert len(NAMES) == 17


@pytest.mark.parametrize("name", ["mixed", "mode2", "simulation", "overburn", "synchronize_fails"])
def test_a_run_that_goes_well_has_its_phases(name):
    outcome, hearing = replay(name)
    assert outcome.well
    assert outcome.written == SIZE
    assert hearing.phases == ["leading-in", "writing", "closing"]
    assert all(done <= SIZE for _phase, done, _total in hearing.done)


SAID = {
    "write_error": ("could not write", Sense(3, 0x0C, 0), True),
    "late_data": ("came too late", Sense(3, 0x0C, 9), True),
    "calibration": ("adjust its laser", None, False),
    "tray_opened": ("tray was opened", Sense(2, 0x3A, 2), True),
    "unplugged": ("unplugged", None, True),
    "no_disc": ("did not become ready", None, False),
    "overburn_refused": ("not so many minutes", None, False),
    "too_big": ("burning failed", None, False),
    "closed_disc": ("burning failed", None, False),
    "words_missing": ("burning failed", None, False),
    "short_track": ("burning failed", None, False),
    "sigterm": ("burning failed", None, True),
}


@pytest.mark.parametrize("name", SAID)
def test_a_run_that_fails_says_why_and_whether_the_disc_was_touched(name):
    outcome, _hearing = replay(name)
    words, sense, began = SAID[name]
    assert not outcome.well
    assert words in reason(outcome.sense, outcome.cause)
    assert outcome.sense == sense
    assert outcome.began is began
    assert "cdrdao: exit code 1" in outcome.cause


def test_a_laser_that_cant_be_adjusted_has_a_remedy():
    outcome, _hearing = replay("calibration")
    assert "lower speed" in remedy(outcome.sense, outcome.cause)


def test_the_sense_data_of_an_error_is_told_with_it():
    outcome, _hearing = replay("write_error")
    assert outcome.cause.startswith("Write data failed. [3 0C 00]")


LINES = [
    ("Writing track 01 (mode AUDIO/AUDIO )...", Began(Step.WRITING, started=True)),
    ("Writing track 02 (mode AUDIO/AUDIO )...", None),
    ("Writing CD-TEXT lead-in...", Began(Step.WRITING, started=True)),
    ("Wrote 12 of 350 MB (Buffers 100%  97%).", Written(12, 350, 97)),
    ("Wrote 12 of 350 MB (Buffer 100%).", Written(12, 350, 100)),
    ("Wrote 12 of 350 MB.", Written(12, 350, None)),
    ("Wrote 1350 blocks. Buffer fill min 100%/max 100%.", Began(Step.CLOSING)),
    ("Flushing cache...", Began(Step.CLOSING)),
    ("Writing finished successfully.", Ended(Step.WRITING)),
    ("Simulation finished successfully.", Ended(Step.WRITING)),
    ("ERROR: Writing failed.", Problem("FAILURE", "Writing failed.")),
    ("WARNING: Some drives may fail to record this toc.", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "event"), LINES)
def test_a_line_is_one_event_or_none(line, event):
    assert CdrdaoWords().read_line(line) == event


def test_sense_data_that_breaks_off_disturbs_nothing():
    words = CdrdaoWords()
    assert words.read_line("Raw sense data: 0xf0 0x00 0x03") is None
    assert words.read_line("ERROR: Write data failed.") == Problem("FAILURE", "Write data failed.")


@given(st.lists(st.text(max_size=60), max_size=20))
def test_no_line_whatsoever_breaks_the_reading(lines):
    words = CdrdaoWords()
    for line in lines:
        words.read_line(line)
        words.is_chatter(line)


def test_only_progress_and_empty_lines_are_kept_out_of_the_log():
    assert CdrdaoWords.is_chatter("Wrote 12 of 350 MB (Buffer 100%).")
    assert not CdrdaoWords.is_chatter("Wrote 1350 blocks. Buffer fill min 100%/max 100%.")


# -- what it is told ------------------------------------------------------------------------


def test_the_description_of_an_album():
    disc = recording(
        track(1, marks=Marks(copy=True, emphasis=True, isrc="USABC1234567")),
        track(2, pregap=150, indices=(75, 300, 200), marks=Marks(four_channels=True)),
        catalog="1234567890123",
    )
    assert describe(disc).split("\n\n") == [
        'CATALOG "1234567890123"\nCD_DA',
        (
            'TRACK AUDIO\nCOPY\nPRE_EMPHASIS\nTWO_CHANNEL_AUDIO\nISRC "USABC1234567"\n'
            'FILE "-" 0 00:13:25'
        ),
        (
            "TRACK AUDIO\nNO COPY\nNO PRE_EMPHASIS\nFOUR_CHANNEL_AUDIO\n"
            'FILE "-" 0 00:15:25\nSTART 00:02:00\nINDEX 00:01:00\nINDEX 00:04:00\n'
        ),
    ]


def test_the_description_of_data_beside_music():
    text = describe(MIXED)
    assert text.startswith('CD_ROM\n\nTRACK MODE1\nNO COPY\nDATAFILE "-" 2048000\n')


def test_the_description_of_mode_2():
    assert describe(MODE_2).startswith("CD_ROM_XA\n\nTRACK MODE2_FORM_MIX\n")
    assert describe(recording(track(1, "CDI/2352"))).startswith("CD_I\n")


HOSTILE = (
    'x" } TRACK AUDIO FILE "/etc/passwd" 0',
    "line\nTRACK AUDIO\n",
    'back\\slash \\" quote',
    "{ 0, 1 } // comment",
    "\0\x1b[31m\u202e",
    "日本" + "é" * 500,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_the_image_becomes_a_statement(text):
    disc = recording(track(1, words={"TITLE": text}), words={"PERFORMER": text})
    said = describe(disc)
    assert said.isascii()
    assert said.count('FILE "-"') == 1
    assert re.findall(r"^TRACK .*", said, re.MULTILINE) == ["TRACK AUDIO"]
    for line in said.splitlines():
        assert not re.search(r"TITLE|PERFORMER", line) or re.fullmatch(
            r'    (TITLE|PERFORMER) "(?:[A-Za-z0-9 .,\'()-]|\\[0-7]{3})*"', line
        )


@pytest.mark.skipif(shutil.which("cdrdao") is None, reason="cdrdao is not installed")
@pytest.mark.parametrize("text", [*HOSTILE, "Größe"])
def test_the_real_cdrdao_takes_every_description(tmp_path, text):
    disc = recording(
        track(1, "MODE1/2048"), track(2, pregap=150, words={"TITLE": text, "MESSAGE": text}),
        words={"TITLE": text},
    )  # fmt: skip
    path = tmp_path / "disc.toc"
    path.write_text(describe(disc), encoding="ascii")
    done = subprocess.run(["cdrdao", "show-toc", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert "WARNING" not in done.stderr
    assert done.stdout.count("TRACK ") == 2


def test_words_that_no_cd_can_hold_are_left_out():
    long = recording(*(track(n, words={"TITLE": "x" * 150}) for n in range(1, 31)))
    assert not long.has_words
    assert "CD_TEXT" not in describe(long)


# -- how it is called -----------------------------------------------------------------------


def planned(disc=ALBUM, target=None, **options):
    found = plan_burn(image(disc), target or medium(Profile.CD_R), BurnOptions(**options), AROUND)
    assert isinstance(found, BurnPlan)
    return found


def test_the_command_line_names_drive_driver_and_speed():
    plan = planned(speed=16)
    words = write_arguments(plan, Path("/tmp/x/disc.toc"), words=False)
    assert words[:2] == ["cdrdao", "write"]
    assert words[-1] == "/tmp/x/disc.toc"
    assert words[words.index("--device") + 1] == "/dev/sr0"
    assert words[words.index("--driver") + 1] == "generic-mmc"
    assert words[words.index("--speed") + 1] == str(round(plan.speed_kb / 176.4))
    assert not {"--overburn", "--simulate", "--force", "--eject"} & set(words)


def test_wishes_become_options():
    small = medium(Profile.CD_R, free_sectors=2000, speeds_kb=())
    words = write_arguments(planned(target=small, overburn=True), Path("x"), words=True)
    assert "--overburn" in words
    assert "generic-mmc:0x10" in words
    assert "--speed" not in words
    assert "--simulate" in write_arguments(planned(simulate=True), Path("x"), words=False)


def test_the_description_lies_in_a_folder_of_its_own_and_goes_with_it():
    with write_call(planned(), ALBUM) as call:
        path = Path(call.arguments[-1])
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.read_text().startswith("CD_DA")
        assert call.surroundings == {"HOME": str(path.parent)}
    assert not path.parent.exists()


def test_without_a_place_for_it_there_is_an_error_with_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(TargetError, match="temporary"), write_call(planned(), ALBUM):
        pass


def test_a_disc_of_words_is_told_to_the_driver():
    disc = replace(ALBUM, layout=replace(ALBUM.layout, words={"TITLE": "x"}))
    with write_call(planned(disc), disc) as call:
        assert "generic-mmc:0x10" in call.arguments
