# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wrong step may cost: never what was read before, and never a false “read”."""

import threading

from discwright.optical.iso_file import IsoFile
from discwright.rip.mapfile import read_map
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile
from discwright.transfer.reader import SECTOR


def says_only_what_is_there(disc, part, map_file):
    """Each sector that the map calls finished is in the file."""
    whole, there = disc.path.read_bytes(), part.read_bytes()
    rescue, _current = read_map(map_file)
    for lba in range(rescue.length):
        if rescue.at(lba) == "+":
            here = slice(lba * SECTOR, (lba + 1) * SECTOR)
            assert there[here] == whole[here], lba


def test_what_a_drive_gives_after_a_cancel_is_not_called_read(disc, monkeypatch):
    """The drive hangs in a request when the copy is cancelled, and ends it during the last save."""
    let_go, given = threading.Event(), threading.Event()
    read_into, keep = IsoFile.read_into, PartFile.keep

    def hanging(file, lba, count, buffer):
        read_into(file, lba, count, buffer)
        if file.path == disc.path and lba >= 1500:
            disc.cancel.cancel()
            let_go.wait(30)
            given.set()

    def keep_slowly(part):
        keep(part)
        let_go.set()
        given.wait(30)
        for thread in threading.enumerate():
            if thread.name == "pump-fill":
                thread.join(30)

    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    monkeypatch.setattr(IsoFile, "read_into", hanging)
    monkeypatch.setattr(PartFile, "keep", keep_slowly)
    report = disc.copy(resume=True)
    assert report.state is State.CANCELLED
    says_only_what_is_there(disc, report.kept, report.map)
