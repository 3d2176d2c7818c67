# SPDX-License-Identifier: GPL-3.0-or-later
"""The unmodified xorriso and cdrskin burn on the virtual drive, and it reads back."""

from pathlib import Path

import pytest

from .bench import Bench, media
from .bench.medium import Profile, Status
from .burners import KINDS, cdrskin, read_back, whole, xorriso


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_xorriso_burns_every_kind_of_disc(bench: Bench, image: Path, kind: Profile) -> None:
    drive = bench.add_drive(media.blank(kind))
    done = xorriso(bench, "blank=as_needed", "-eject", image)
    assert done.returncode == 0, done.stderr
    assert drive.tray_is_open
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    medium = drive.medium
    assert medium
    assert medium.status is (Status.OTHER if kind is Profile.DVD_RAM else Status.COMPLETE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_cdrskin_burns_every_kind_of_disc(bench: Bench, image: Path, kind: Profile) -> None:
    drive = bench.add_drive(media.blank(kind))
    done = cdrskin(bench, "blank=as_needed", "-eject", "padsize=300k", image)
    assert done.returncode == 0, done.stderr
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
