# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc that the desktop has mounted meanwhile is unmounted before its tray opens, or stays in.

Without a drive: a virtual one can't be mounted.
"""

import pytest

from discwright.burn import reload
from discwright.burn.reload import DiscInUseError, open_tray
from discwright.errors import DiscwrightError


class Tray:
    """Stands for a drive whose tray opens, and tells what was done in which order."""

    def __init__(self, done):
        self.done = done

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def eject(self):
        self.done.append("eject")


@pytest.fixture
def done(monkeypatch):
    happened = []
    monkeypatch.setattr(reload, "Drive", lambda *_args, **_options: Tray(happened))
    monkeypatch.setattr(reload, "mounted_at", lambda _node: ("/media/disc",))
    monkeypatch.setattr(reload, "unmount", lambda _node: happened.append("unmount"))
    return happened


def test_a_mounted_disc_is_unmounted_first(done):
    open_tray("/dev/sr0")
    assert done == ["unmount", "eject"]


def test_a_disc_that_somebody_reads_stays_in_the_drive(done, monkeypatch):
    def refuse(_node):
        raise DiscwrightError("It is in use.", remedy="Close the files.")

    monkeypatch.setattr(reload, "unmount", refuse)
    with pytest.raises(DiscInUseError, match="stays closed") as failure:
        open_tray("/dev/sr0")
    assert failure.value.remedy == "Close the files."
    assert done == []


def test_a_disc_that_is_not_mounted_needs_no_unmounting(done, monkeypatch):
    monkeypatch.setattr(reload, "mounted_at", lambda _node: ())
    open_tray("/dev/sr0")
    assert done == ["eject"]
