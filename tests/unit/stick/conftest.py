# SPDX-License-Identifier: GPL-3.0-or-later
"""An image, and sticks that are put away after the test."""

import pytest

from .disk import Disk
from .writing import MAPPED, block_map, make_image


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    path = tmp_path_factory.mktemp("image") / "image.iso"
    make_image(path)
    return path


@pytest.fixture
def sparse(image, tmp_path):
    """An image with holes, and its map."""
    data = bytearray(image.read_bytes()[: 2622 * 4096])
    data += bytes(2622 * 4096 - len(data))
    used = set()
    for first, last in MAPPED:
        used |= set(range(first, last + 1))
    for block in set(range(2622)) - used:
        data[block * 4096 : (block + 1) * 4096] = bytes(4096)
    path = tmp_path / "sparse.img"
    path.write_bytes(data)
    block_map(path, MAPPED, bytes(data))
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
