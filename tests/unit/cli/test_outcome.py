# SPDX-License-Identifier: GPL-3.0-or-later
"""How the end of a rip is printed."""

from pathlib import Path

import pytest

from discwright.cli.outcome import print_outcome
from discwright.cli.streams import Streams
from discwright.rip.report import RipReport
from discwright.stick.report import WriteReport
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State

LOSS = RipReport(
    State.COMPLETE_WITH_ERRORS,
    "Three sectors could not be read.",
    "Clean the disc.",
    target=Path("/x/a.iso"),
    digests={"sha256": "ab"},
    bad_sectors=(Extent(16, 1), Extent(100, 2)),
    files_affected=("/photo\x1b[2J.jpg",),
    warnings=("Said before.", "New."),
)


def test_a_loss_is_listed_and_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    code = print_outcome(LOSS, Streams(as_json=False), said=["Said before."])
    out, err = capsys.readouterr()
    assert code == 3
    assert out.splitlines() == [
        "SHA256 (/x/a.iso) = ab",
        "Unreadable sectors: 16, 100–101",
        "Damaged file: /photo\ufffd[2J.jpg",
    ]
    assert err.splitlines() == ["Three sectors could not be read.", "Clean the disc.", "Note: New."]


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        ("/x/a.iso", "/x/a.iso"), ("/x/a.img.xz", "/x/a.img"), ("/dev/sr0", "/dev/sr0"),
        ("/x/album.cue", "/dev/sdb"), ("", "/dev/sdb"),
    ],
)  # fmt: skip
def test_the_checksum_is_that_of_the_image_not_of_the_whole_stick(
    source: str, whose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = WriteReport(
        State.COMPLETE, "Written.", source=source, target="/dev/sdb", digests={"sha256": "ab"}
    )
    print_outcome(report, Streams(as_json=False))
    assert capsys.readouterr().out == f"SHA256 ({whose}) = ab\n"


def test_a_long_loss_is_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    report = RipReport(
        State.COMPLETE_WITH_ERRORS, "Lost.", bad_sectors=tuple(Extent(3 * n, 1) for n in range(500))
    )
    print_outcome(report, Streams(as_json=False))
    out = capsys.readouterr().out
    assert out.splitlines()[0].count(",") == 99
    assert "400 more" in out


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.COMPLETE, 0), (State.FAILED, 1), (State.COMPLETE_WITH_ERRORS, 3),
        (State.REFUSED, 4), (State.CANCELLED, 130),
    ],
)  # fmt: skip
def test_the_exit_code_is_that_of_the_state(
    state: State, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert print_outcome(RipReport(state, "So.", cause="errno 5"), Streams(as_json=False)) == code
    assert capsys.readouterr().err == "So.\nCause: errno 5\n"
