# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc whose reading is made to fail: an image file; drives are in tests/drive."""

import pytest
from tests.unit.rip.scratched import Scratched

from discwright.errors import ReadError
from discwright.image.sample import make_sample
from discwright.optical.iso_file import IsoFile
from discwright.transfer.outcome import State


@pytest.fixture
def disc(tmp_path, monkeypatch):
    made = Scratched(make_sample(tmp_path / "sample.iso"), tmp_path / "copies")
    made.folder.mkdir()
    read_into = IsoFile.read_into

    def read(file, lba, count, buffer):
        if file.path == made.path:
            made.reads.append(lba)
            if made.cancel_at is not None and lba >= made.cancel_at:
                made.cancel.cancel()
            if made.bad.intersection(range(lba, lba + count)):
                raise ReadError("Scratched.", lba=lba, count=count)
        read_into(file, lba, count, buffer)

    monkeypatch.setattr(IsoFile, "read_into", read)
    return made


@pytest.fixture
def damaged(disc):
    """A disc of which there is an image without its bad sectors."""
    disc.bad = {700, 1600}
    assert disc.copy(retries=0).state is State.COMPLETE_WITH_ERRORS
    return disc
