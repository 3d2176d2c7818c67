# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else uses a drive: those who only pass by are waited for, others are named."""

import errno

import pytest

from discwright.burn import surroundings
from discwright.burn.surroundings import look_around
from discwright.devices.holders import Holder


@pytest.fixture
def drive(monkeypatch):
    """A drive that can be opened; gives the answers of ``holders`` one after the other."""
    answers = []
    monkeypatch.setattr(surroundings, "PASSING_S", 0.3)
    monkeypatch.setattr(surroundings, "_LOOK_S", 0.01)
    monkeypatch.setattr(surroundings, "_refuse_access", lambda _node: None)
    monkeypatch.setattr(surroundings, "mounted_at", lambda _node: ("/media/disc",))
    monkeypatch.setattr(
        surroundings, "holders", lambda _node: answers.pop(0) if len(answers) > 1 else answers[0]
    )
    return answers


def test_udev_that_looks_at_a_new_disc_is_waited_for(drive):
    drive += [(Holder(7, "cdrom_id"),), (Holder(7, "cdrom_id"),), ()]
    around = look_around("/dev/sr0")
    assert around.holders == ()
    assert around.mounts == ("/media/disc",)


def test_a_player_that_stays_is_named(drive):
    drive += [(Holder(77, "vlc"), Holder(1, "python", own=True))]
    assert look_around("/dev/sr0").holders == ("vlc (process 77)",)


def test_a_drive_that_somebody_has_is_not_even_opened(drive, monkeypatch):
    drive += [(Holder(77, "xorriso", writing=True),)]
    monkeypatch.setattr(surroundings, "_refuse_access", lambda _node: pytest.fail("opened"))
    problem = look_around("/dev/sr0").problem
    assert problem is not None
    assert problem.kind == "busy"


def test_a_drive_that_may_not_be_opened_says_why(monkeypatch, tmp_path):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(surroundings.os, "open", refuse)
    problem = look_around(str(tmp_path / "sr0")).problem
    assert problem is not None
    assert (problem.kind, "permission" in problem.message) == ("no-permission", True)


def test_a_file_taken_as_a_disc_has_no_surroundings():
    assert look_around("stdio:/tmp/x.img").mounts == ()
