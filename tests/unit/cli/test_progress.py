# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees while a job runs: a line that fits the terminal, or few plain lines."""

import io
import json
from dataclasses import replace

import pytest

from discwright.cli import progress as progress_module
from discwright.cli.progress import (
    BarDisplay,
    EventDisplay,
    LineDisplay,
    bar_line,
    columns,
    phase_name,
)
from discwright.cli.streams import Streams
from discwright.transfer.progress import Phase, Progress

READING = Progress(Phase.READING, 420, 1000, 21_300_000.0, 63.0)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Screen(Streams):
    """Keeps what is written."""

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__(as_json=as_json)
        self.text = io.StringIO()

    def _write(self, _stream: object, text: str) -> None:
        self.text.write(text)

    @property
    def lines(self) -> list[str]:
        return self.text.getvalue().splitlines()


def test_the_line_says_phase_percentage_rate_and_remaining_time() -> None:
    line = bar_line(READING, 80)
    for part in ("Reading", "42 %", "21.3 MB/s", "1 min 03 s left"):
        assert part in line
    assert "bad" not in line


def test_the_bar_is_as_full_as_the_job_is_done() -> None:
    line = bar_line(replace(READING, done=500), 80)
    assert abs(line.count("█") - line.count("░")) <= 1
    assert line.count("█") > 10


def test_bad_sectors_are_the_last_thing_to_go_on_a_narrow_terminal() -> None:
    line = bar_line(replace(READING, bad_sectors=3), 30)
    assert "3 bad sectors" in line
    assert "left" not in line


@pytest.mark.parametrize("width", [0, 1, 5, 12, 20, 33, 47, 60, 79, 200])
@pytest.mark.parametrize("bad", [0, 123456])
@pytest.mark.parametrize("total", [None, 0, 1000])
def test_the_line_never_is_wider_than_the_terminal(width: int, bad: int, total: int | None) -> None:
    assert columns(bar_line(replace(READING, bad_sectors=bad, total=total), width)) <= width


def test_every_phase_has_a_name() -> None:
    names = [phase_name(phase) for phase in Phase]
    assert all(names)
    assert len(set(names)) == len(names)


def test_wide_characters_count_twice() -> None:
    assert columns("読み取り") == 8
    assert columns("e\u0301") == 1


def test_an_unknown_total_shows_no_percentage() -> None:
    line = bar_line(Progress(Phase.PREPARING, 0, None), 80)
    assert line == "Preparing…"


def test_the_line_is_redrawn_in_place_and_wiped_at_the_end() -> None:
    screen, clock = Screen(), Clock()
    bar = BarDisplay(screen, clock, lambda: 60)
    bar.show(replace(READING, bad_sectors=7))
    clock.now += 1
    bar.show(Progress(Phase.FINISHING, 0, None))
    bar.end()
    first, second, wipe, rest = screen.text.getvalue().split("\r")[1:]
    assert columns(second) == columns(first) < 60
    assert second.rstrip() == "Finishing…"
    assert wipe.strip() == ""
    assert rest == ""


def test_a_bar_that_never_was_leaves_no_trace() -> None:
    screen = Screen()
    BarDisplay(screen).end()
    assert screen.text.getvalue() == ""


def test_on_a_terminal_without_such_characters_the_bar_is_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        progress_module.sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    )
    assert "##--" in bar_line(replace(READING, done=500), 80).replace("#" * 8, "##")


def test_a_pipe_gets_a_line_for_each_phase_and_each_ten_per_cent() -> None:
    screen = Screen()
    lines = LineDisplay(screen)
    lines.show(Progress(Phase.PREPARING, 0, None))
    for done in range(1001):
        lines.show(replace(READING, done=done))
    lines.show(Progress(Phase.FLUSHING, 0, None))
    assert len(screen.lines) == 1 + 11 + 1
    assert screen.lines[0] == "Preparing"
    assert screen.lines[1] == "Reading"
    assert screen.lines[2] == "Reading: 10 %, 21.3 MB/s, 1 min 03 s left"
    assert screen.lines[11] == "Reading: 100 %, 21.3 MB/s"
    assert screen.lines[12] == "Flushing"


def test_a_pipe_is_told_of_bad_sectors() -> None:
    screen = Screen()
    LineDisplay(screen).show(replace(READING, bad_sectors=1))
    assert "1 bad sector," in screen.lines[1]


def test_at_most_twenty_events_in_a_second_of_a_phase() -> None:
    screen, clock = Screen(as_json=True), Clock()
    events = EventDisplay(screen, clock)
    for done in range(1000):
        events.show(Progress(Phase.READING, done, 10_000))
        clock.now += 0.001
    assert 15 <= len(screen.lines) <= 21


def test_the_end_of_a_phase_is_always_told_once() -> None:
    screen = Screen(as_json=True)
    events = EventDisplay(screen, Clock())
    for done in (0, 1, 999, 1000, 1000, 1000):
        events.show(Progress(Phase.READING, done, 1000))
    events.show(Progress(Phase.FLUSHING, 0, None))
    events.show(Progress(Phase.VERIFYING, 1000, 1000))
    told = [(event["phase"], event["done"]) for event in map(json.loads, screen.lines)]
    assert told == [("reading", 0), ("reading", 1000), ("flushing", 0), ("verifying", 1000)]


STALLED = replace(READING, stall="The stick has not answered for 30 s.")


@pytest.mark.parametrize("kind", [BarDisplay, LineDisplay])
def test_what_does_not_answer_is_told_once_in_a_line_of_its_own(kind: type) -> None:
    screen = Screen()
    shows = kind(screen)
    for progress in (READING, STALLED, replace(STALLED, done=421), READING):
        shows.show(progress)
    shows.end()
    assert [line for line in screen.lines if "not answered" in line] == [STALLED.stall]


def test_what_does_not_answer_is_in_the_events() -> None:
    screen = Screen(as_json=True)
    shows = EventDisplay(screen, Clock())
    for progress in (READING, STALLED, READING):
        shows.show(progress)
    assert [json.loads(line).get("stall", "") for line in screen.lines] == ["", STALLED.stall, ""]
