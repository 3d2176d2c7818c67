# SPDX-License-Identifier: GPL-3.0-or-later
"""What xorriso said in recorded runs, read as events, phases and outcomes.

The transcripts are those of xorriso 1.5.4 with the arguments of this program on the virtual drive,
writing 8 MiB; the file name tells the exit code.
"""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.burn.course import Course
from discwright.burn.transcript import (
    Began,
    Ended,
    Problem,
    Step,
    Written,
    is_chatter,
    read_line,
)
from discwright.optical.sense import Sense
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Silent

FOLDER = Path(__file__).with_name("transcripts")
SIZE = 8 << 20


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
    code = int(re.search(r"exit(\d+)", path.name)[1])
    hearing = Hearing()
    course = Course(Meter(hearing), SIZE)
    for line in path.read_text().splitlines():
        event = read_line(line)
        if event is not None:
            course.take(event)
    return course.end(code), hearing


WELL = {
    "cd_r_sao": ["leading-in", "writing", "closing"],
    "cd_r_tao": ["leading-in", "writing", "closing"],
    "dvd_r_dao": ["leading-in", "writing", "closing"],
    "dvd_r_dummy": ["leading-in", "writing", "closing"],
    "dvd_plus_r": ["leading-in", "writing", "closing"],
    "dvd_plus_rw_unformatted": ["leading-in", "formatting", "writing", "closing"],
    "bd_r": ["leading-in", "writing", "closing"],
    "bd_re_unformatted": ["formatting", "leading-in", "writing", "closing"],
    "blank_cd_rw_fast": ["blanking"],
    "blank_dvd_rw_minimal": ["blanking"],
    "format_bd_re": ["formatting"],
}

ILL = {
    "too_big": (False, False, "", "Image size 4096s exceeds free space on media 1000s"),
    "no_disc": (False, False, "", "No media detected in drive"),
    "closed_disc": (False, False, "", "Closed media with data detected"),
    "write_error": (True, False, "3/0C/00", "SCSI error on write(2000,16)"),
    "calibration": (True, False, "3/73/03", "SCSI error on write(0,16)"),
    "tray_opened": (True, False, "2/3A/02", "SCSI error on write"),
    "unplugged": (True, False, "", "Lost connection to drive"),
    "close_fails": (True, True, "5/72/03", "Failed to close track"),
    "synchronize_fails": (True, True, "5/72/03", "Failed to synchronize drive cache"),
    "blank_fails": (True, False, "3/51/00", "SCSI error condition on command A1h BLANK"),
    "sigterm": (True, False, "", "Trying to shut down busy drives"),
    "sigint": (True, False, "", "Trying to shut down busy drives"),
}


def test_every_recorded_run_is_looked_at():
    assert {path.name.split(".")[0] for path in FOLDER.iterdir()} == {*WELL, *ILL}


@pytest.mark.parametrize("name", WELL)
def test_a_run_that_went_well(name):
    outcome, hearing = replay(name)
    assert outcome.well
    assert outcome.began
    assert outcome.problems == ()
    assert hearing.phases == WELL[name]
    if "writing" in hearing.phases:
        assert outcome.written == SIZE
        assert ("writing", SIZE, SIZE) in hearing.done


@pytest.mark.parametrize("name", ILL)
def test_a_run_that_went_ill(name):
    outcome, _hearing = replay(name)
    began, closing, sense, cause = ILL[name]
    assert not outcome.well
    assert outcome.began is began
    assert outcome.closing is closing
    assert (outcome.sense.code if outcome.sense else "") == sense
    assert outcome.cause.startswith(cause)
    assert outcome.cause.endswith(f"exit code {outcome.code}")


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("xorriso : UPDATE :  133 of 4482 MB written (fifo 99%) [buf  98%]   8.0x.",
         Written(133, 4482, 98)),
        ("xorriso : UPDATE :    7 MB written (fifo  3%) [buf  50%]", Written(7, None, 50)),
        ("xorriso : UPDATE :   12 of  600 MB written", Written(12, 600)),
        ("xorriso : UPDATE : Blanking  ( 12.3% done in 5 seconds )", Began(Step.BLANKING)),
        ("xorriso : UPDATE : Formatting  ( 1.0% done in 2 seconds )", Began(Step.FORMATTING)),
        ("xorriso : UPDATE : Formatting. Working since 3 seconds", Began(Step.FORMATTING)),
        ("xorriso : UPDATE : Closing track/session. Working since 350 seconds",
         Began(Step.CLOSING)),
        ("xorriso : UPDATE : Thank you for being patient. Working since 7 seconds.",
         Began(Step.PATIENCE)),
        ("Beginning to write data track.", Began(Step.WRITING, started=True)),
        ("Beginning to blank medium in mode 'fast'.", Began(Step.BLANKING, started=True)),
        ("Beginning to format medium.", Began(Step.FORMATTING, started=True)),
        ("Blanking done", Ended(Step.BLANKING)),
        ("Formatting done", Ended(Step.FORMATTING)),
        ("Writing to '/dev/sr0' completed successfully.", Ended(Step.WRITING)),
        ("Writing to 'stdio:/tmp/it'\"'\"'s.img' completed successfully.", Ended(Step.WRITING)),
        ("xorriso : SORRY : Something odd", Problem("SORRY", "Something odd")),
        ("libburn : FATAL : SCSI error on write(8000,16): [3 0C 00] Medium error. Write error.",
         Problem("FATAL", "SCSI error on write(8000,16): [3 0C 00] Medium error. Write error.",
                 Sense(3, 0x0C, 0))),
        ("libburn : FAILURE : odd [0 00 00] (No error reported)",
         Problem("FAILURE", "odd [0 00 00] (No error reported)")),
        ("xorriso : NOTE : Re-assessing -outdev '/dev/sr0'", None),
        ("xorriso : UPDATE : something new", None),
        ("Media status : is blank", None),
        ("", None),
    ],
)  # fmt: skip
def test_lines(line, event):
    assert read_line(line) == event
    assert read_line(line + "  \r\n") == event


def test_only_what_comes_every_second_is_kept_out_of_the_log():
    assert is_chatter("xorriso : UPDATE :  133 of 4482 MB written")
    assert is_chatter(" ")
    assert not is_chatter("libburn : FATAL : Lost connection to drive")


@given(st.text())
def test_no_line_is_too_odd(line):
    read_line(line)


def test_nothing_sticks_at_99_percent():
    hearing = Hearing()
    course = Course(Meter(hearing), SIZE)
    course.take(Began(Step.WRITING, started=True))
    for mib in (0, 3, 8, 8):
        course.take(Written(mib, 8))
    course.take(Written(8, 8))
    assert hearing.phases == ["leading-in", "writing", "closing"]
    assert hearing.done[-1] == ("closing", 0, None)


def test_a_short_image_that_was_written_before_its_first_line_has_an_outcome_too():
    course = Course(Meter(Hearing()), 1000 * 2048)
    course.take(Began(Step.WRITING, started=True))
    course.take(Ended(Step.WRITING))
    assert course.end(0).well
    assert not course.end(5).well
    assert not course.end(None).well
