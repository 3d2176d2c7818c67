# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a disc is called, what is written is safe, and JSON stays JSON."""

import json
import math
from pathlib import Path

import pytest

from discwright.cli.outcome import digest_line
from discwright.cli.streams import Streams, plain
from discwright.optical.profile import Profile
from discwright.transfer.outcome import State

NASTY = "a\udcff\ud800b\u202e\x1b\x00é\n\U0001f4bf"


def test_json_lines_are_ascii_and_hold_no_surrogates(capsysbinary: object) -> None:
    Streams(as_json=True).event({"event": "x", NASTY: [NASTY, {"a": (NASTY,)}]})
    out = capsysbinary.readouterr().out
    assert out.isascii()
    assert out.count(b"\n") == 1
    text = json.loads(out)["a\ufffd\ufffdb\u202e\x1b\x00é\n\U0001f4bf"][0]
    text.encode("utf-8")
    assert "\U0001f4bf" in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None), (math.inf, None), (1.5, 1.5), (True, True), (None, None),
        (State.COMPLETE, "complete"), (Profile.CD_R, 9), (Path("/a"), "/a"), ({1: 2}, {"1": 2}),
    ],
)  # fmt: skip
def test_values_become_plain_json(value: object, expected: object) -> None:
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


def test_messages_are_made_safe_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    Streams(as_json=False).message(NASTY)
    assert capsys.readouterr().err == "a\ufffd\ufffdb\ufffd\ufffd\ufffdé \U0001f4bf\n"


def test_with_json_nothing_else_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    streams = Streams(as_json=True)
    streams.message("m")
    streams.result("r")
    assert capsys.readouterr() == ("", "")


def test_without_json_there_are_no_events(capsys: pytest.CaptureFixture[str]) -> None:
    streams = Streams(as_json=False)
    streams.event({"event": "x"})
    streams.result("r")
    streams.message("m")
    assert capsys.readouterr() == ("r\n", "m\n")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("x.iso", "SHA256 (x.iso) = ab"),
        ("a\nb.iso", "\\SHA256 (a\\nb.iso) = ab"),
        ("a\\b.iso", "\\SHA256 (a\\\\b.iso) = ab"),
    ],
)
def test_digest_lines_are_those_of_coreutils(name: str, line: str) -> None:
    assert digest_line("sha256", name, "ab") == line


def test_blake2b_is_written_as_b2sum_does() -> None:
    assert digest_line("blake2b", "x", "ab") == "BLAKE2b (x) = ab"
