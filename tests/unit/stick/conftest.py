# SPDX-License-Identifier: GPL-3.0-or-later
"""An image, and sticks that are put away after the test."""

import pytest

from .disk import Disk
from .writing import make_image


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    path = tmp_path_factory.mktemp("image") / "image.iso"
    make_image(path)
    return path


@pytest.fixture
def new_disk(tmp_path):
    made = []

    def make(name="sdb", **options):
        made.append(Disk(tmp_path / name, **options))
        return made[-1]

    yield make
    for disk in made:
        assert not disk.open, "the stick was left open"
        disk.dispose()
