# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict is never nicer than the truth, and never worse than the disc deserves."""

from dataclasses import replace

import pytest

from discwright.burn.course import Outcome
from discwright.burn.readback import ReadBack
from discwright.burn.transcript import Problem
from discwright.burn.verdict import Verdict, reason, remedy
from discwright.optical.differences import Differences
from discwright.optical.profile import Profile
from discwright.optical.sense import Sense
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from unit.burn.media import medium

WELL = Outcome(0, began=True, ended_well=True, written=2048000)
WRITE_ERROR = Outcome(
    5,
    began=True,
    problems=(Problem("FATAL", "SCSI error on write(9,16): [3 0C 00]", Sense(3, 0x0C, 0)),),
)
CLOSE_ERROR = Outcome(
    5,
    began=True,
    problems=(Problem("FAILURE", "Failed to close track (1). [5 72 03]", Sense(5, 0x72, 3)),),
)
NOT_BEGUN = Outcome(5, problems=(Problem("FAILURE", "No media detected in drive"),))
STOPPED = Outcome(1, began=True, stopped=True)
LIAR = replace(WELL, code=5)
WHOLE = ReadBack(Differences(1000))
WRONG = ReadBack(Differences(1000, (Extent(17, 1),)))
BAD = ReadBack(Differences(1000, (), (Extent(500, 500),)), ended_early=True)
MUSIC = replace(WHOLE, shift=0)
SHIFTED = replace(WHOLE, shift=30, uncompared=30, remarks=("30 samples later.",))
MARKED = replace(WHOLE, shift=0, contents=("Track 1 is marked as data.",))
CLOSED, BLANK = MediumStatus.CLOSED, MediumStatus.BLANK


def verdict(outcome, *, kind=Profile.DVD_R, after=CLOSED, back=None, **more):
    return Verdict(
        more.pop("disc", medium(kind)), "disc.iso", 2_048_000, outcome, after=after, back=back,
        **more,
    )  # fmt: skip


STATES = [
    (verdict(WELL, back=WHOLE), State.COMPLETE, "every byte is as in the image"),
    (verdict(WELL, back=WRONG), State.COMPLETE_WITH_ERRORS, "different at LBA 17"),
    (verdict(WELL, back=MUSIC), State.COMPLETE, "every sample is as in the image"),
    (verdict(WELL, back=SHIFTED), State.COMPLETE, "all but its edge"),
    (verdict(WELL, back=MARKED), State.COMPLETE_WITH_ERRORS, "marked as data"),
    (verdict(WELL, back=MUSIC, extent="9 tracks of music"), State.COMPLETE, "9 tracks of music"),
    (verdict(WELL, back=BAD), State.COMPLETE_WITH_ERRORS, "the rest was not looked at"),
    (verdict(WELL, trouble="It's gone."), State.FAILED, "could not be read back. It's gone."),
    (verdict(WELL, verify=False), State.COMPLETE, "not read back"),
    (verdict(WELL, verify=False, after=BLANK), State.FAILED, "still blank"),
    (verdict(WELL, after=BLANK), State.FAILED, "still blank"),
    (verdict(WRITE_ERROR), State.FAILED, "could not write"),
    (verdict(WRITE_ERROR, verify=False), State.FAILED, "is spoilt"),
    (verdict(WRITE_ERROR, after=BLANK), State.FAILED, "still blank and can be used"),
    (verdict(WRITE_ERROR, kind=Profile.DVD_PLUS_RW), State.FAILED, "can be used again"),
    (verdict(WRITE_ERROR, kind=Profile.CD_RW), State.FAILED, "when it has been erased"),
    (verdict(CLOSE_ERROR, back=WHOLE), State.COMPLETE, "every byte"),
    (verdict(CLOSE_ERROR, back=WRONG), State.FAILED, "could not be closed. The disc is different"),
    (verdict(CLOSE_ERROR, trouble="No."), State.FAILED, "could not be closed. No."),
    (verdict(CLOSE_ERROR), State.FAILED, "could not close the disc"),
    (verdict(LIAR), State.FAILED, "failed"),
    (verdict(LIAR, back=WHOLE), State.COMPLETE, "every byte"),
    (verdict(replace(WELL, ended_well=False)), State.FAILED, "spoilt"),
    (verdict(NOT_BEGUN, after=BLANK), State.FAILED, "Nothing was written"),
    (verdict(STOPPED, cancelled=True), State.CANCELLED, "spoilt"),
    (verdict(STOPPED, cancelled=True, kind=Profile.BD_RE), State.CANCELLED, "can be used again"),
    (verdict(WELL, cancelled=True), State.CANCELLED, "nothing proves it yet"),
    (verdict(Outcome(None), cancelled=True, after=None), State.CANCELLED, "as it was"),
    (verdict(replace(STOPPED, starved="The image is gone."), cancelled=True), State.FAILED,
     "The image is gone. This DVD-R is spoilt"),
    (verdict(WELL, simulated=True, after=BLANK), State.COMPLETE, "simulation went well"),
    (verdict(WELL, simulated=True, after=CLOSED), State.FAILED, "although it was told to simulate"),
    (verdict(WRITE_ERROR, simulated=True, after=BLANK), State.FAILED, "as it was"),
    (verdict(WRITE_ERROR, kind=Profile.CD_RW, preparing=True), State.FAILED, "made ready"),
    (verdict(replace(WELL, ended_well=False), kind=Profile.CD_RW, preparing=True,
             trouble="It is too small."), State.FAILED, "too small"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(STATES)))
def test_states_and_sentences(number):
    found, state, words = STATES[number]
    assert found.state is state, found.message
    assert words in found.message
    assert bool(found.remedy) or state in {State.COMPLETE, State.CANCELLED} or found.outcome.starved
    assert (found.cause == "") is found.outcome.well


def test_no_success_without_reading_back_unless_it_was_turned_off():
    for outcome in (WELL, WRITE_ERROR, CLOSE_ERROR, NOT_BEGUN, LIAR):
        assert verdict(outcome).state is not State.COMPLETE


def test_a_false_alarm_at_the_closing_is_a_remark():
    (remark,) = verdict(CLOSE_ERROR, back=WHOLE).remarks
    assert "Failed to close track" in remark
    assert verdict(WELL, back=WHOLE).remarks == ()


def test_an_unclosed_disc_is_a_remark():
    open_disc = verdict(WELL, back=WHOLE, after=MediumStatus.APPENDABLE)
    assert any("not closed" in remark for remark in open_disc.remarks)


def test_tries_are_a_remark():
    found = verdict(WELL, back=replace(WHOLE, recovered=2))
    assert found.remarks == ("2 sectors could be read only after several tries.",)


def test_a_file_is_not_spoilt():
    file = WritableMedium("stdio:/tmp/x", MediumStatus.BLANK)
    found = verdict(WRITE_ERROR, disc=file, after=MediumStatus.OVERWRITABLE)
    assert found.fate == ""


def test_a_drive_that_had_to_be_left_behind_should_be_switched_off():
    assert "Switch the drive off" in verdict(replace(WRITE_ERROR, killed=True)).remedy


@pytest.mark.parametrize(
    ("sense", "cause", "words", "what"),
    [
        (None, "Lost connection to drive", "unplugged", "log"),
        (Sense(2, 0x3A, 2), "", "tray was opened", "tray closed"),
        (Sense(3, 0x73, 3), "", "laser", "another make"),
        (Sense(3, 0x73, 0), "", "close the disc", "another make"),
        (Sense(5, 0x72, 3), "", "close the disc", "log"),
        (Sense(3, 0x0C, 9), "", "too late", "lower speed"),
        (Sense(3, 0x0C, 0), "", "could not write", "lower speed"),
        (Sense(4, 0x09, 1), "", "failure of its own", "log"),
        (Sense(5, 0x30, 5), "", "does not suit", "another make"),
        (Sense(7, 0x27, 0), "", "write-protected", "protection"),
        (None, "Failed to close disc", "close the disc", "log"),
        (None, "Device or resource busy", "another program", "log"),
        (None, "", "failed", "log"),
    ],
)
def test_each_cause_has_words_and_a_remedy(sense, cause, words, what):
    assert words in reason(sense, cause)
    assert what in remedy(sense)


def test_what_is_usual_with_music_is_told_but_is_no_warning():
    good = verdict(WELL, back=SHIFTED)
    assert good.message.endswith("30 samples later.")
    assert good.remarks == ()
    bad = verdict(WELL, back=replace(SHIFTED, differences=WRONG.differences))
    assert bad.remarks == ("30 samples later.",)
