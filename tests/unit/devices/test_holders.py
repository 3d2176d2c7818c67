# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a device open, who writes to it, and that a disc that is being burned is left alone."""

import os
import subprocess
import sys

import pytest

from discwright.devices import opening
from discwright.devices.holders import Holder, holders
from discwright.errors import SourceError

KEEP = "import sys; kept = open(sys.argv[1], sys.argv[2]); print('open', flush=True); input()"


@pytest.mark.parametrize(("mode", "writing"), [("rb", False), ("r+b", True)])
def test_a_program_that_could_write_is_told_from_one_that_reads(tmp_path, mode, writing):
    node = tmp_path / "sr0"
    node.touch()
    words = [sys.executable, "-c", KEEP, node, mode]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"open\n"
        (holder,) = holders(str(node))
        child.communicate(b"\n")
    assert (holder.pid, holder.own, holder.writing) == (child.pid, False, writing)


def test_a_drive_that_is_just_burning_is_not_asked_about_its_disc(monkeypatch):
    burner = Holder(77, "xorriso", writing=True)
    monkeypatch.setattr(opening, "PASSING_S", 0)
    monkeypatch.setattr(opening, "holders", lambda _node: (burner,))
    monkeypatch.setattr(opening, "examine", lambda *_: pytest.fail("it was asked"))
    with pytest.raises(SourceError, match=r"/dev/sr0 is in use by xorriso \(process 77\)"):
        opening.look_at("/dev/sr0")


@pytest.mark.parametrize(
    "holder", [Holder(77, "vlc"), Holder(os.getpid(), "python", own=True, writing=True)]
)
def test_a_player_or_this_program_itself_keeps_nobody_from_looking(monkeypatch, holder):
    monkeypatch.setattr(opening, "holders", lambda _node: (holder,))
    monkeypatch.setattr(opening, "examine", lambda *_: "a disc")
    assert opening.look_at("/dev/sr0") == "a disc"
