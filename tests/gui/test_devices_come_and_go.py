# SPDX-License-Identifier: GPL-3.0-or-later
"""The left list follows what is plugged in, by itself."""

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from discwright.devices.model import MediumState
from discwright.errors import DiscwrightError
from discwright.gui.entries import device_entry
from discwright.gui.ports import Ports

from .conftest import Open, button, choose, click, settle, texts
from .fakes import Bench, Held, disc, drive, stick


def lines(window: object) -> list[str]:
    """Give the lines of the list, as a screen reader says them."""
    model = window.sidebar.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("device", "line"),
    [
        (drive(), "UBUNTU 24.04 · DVD-ROM · 4.70 GB · ASUS BW-16D1HT"),
        (drive(state=MediumState.BLANK, kind="DVD+R"), "Blank DVD+R · ASUS BW-16D1HT"),
        (drive(state=MediumState.NO_MEDIUM), "No disc · ASUS BW-16D1HT"),
        (
            drive(label="", kind="CD-ROM", audio_tracks=12),
            "Audio CD · 12 tracks · ASUS BW-16D1HT",
        ),
        (drive(label=""), "Untitled DVD-ROM · 4.70 GB · ASUS BW-16D1HT"),
        (
            drive(label="SPOOF\u202egnp.exe"),
            "SPOOF\ufffdgnp.exe · DVD-ROM · 4.70 GB · ASUS BW-16D1HT",
        ),
        (stick(), "SanDisk Ultra Fit · 61.5 GB · BACKUP"),
    ],
    ids=["disc", "blank", "no disc", "audio", "no label", "bidi", "stick"],
)  # fmt: skip
def test_a_line_says_what_is_in_a_drive_or_on_a_stick(device: object, line: str) -> None:
    assert device_entry(device).spoken == line


def test_with_nothing_plugged_in_the_page_says_so_and_offers_an_image_and_a_sample(
    open_window: Open,
) -> None:
    window = open_window()
    said = texts(window.stack)
    assert "No disc drive found" in said
    assert "Open an image as a virtual disc" in said
    assert "Try with a sample disc" in said


def test_a_drive_that_is_plugged_in_appears_and_its_disc_is_shown(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    window = open_window()
    bench.plug(drive())
    qtbot.waitUntil(lambda: window.sidebar.key == "/dev/sr0")
    settle(qtbot, window)
    assert "ISO 9660" in texts(window.stack)


def test_an_unplugged_drive_disappears(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(), stick())
    window = open_window()
    bench.plug()
    qtbot.waitUntil(lambda: lines(window) == [])
    assert "No disc drive found" in texts(window.stack)


def test_an_inserted_disc_is_read_and_a_removed_one_is_gone(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(state=MediumState.NO_MEDIUM),)
    window = open_window()
    bench.plug(drive(diskseq=2))
    qtbot.waitUntil(lambda: window.page.disc is not None)
    bench.plug(drive(state=MediumState.NO_MEDIUM, diskseq=3))
    qtbot.waitUntil(lambda: "Insert a disc" in texts(window.stack))
    assert lines(window)[1] == "No disc · ASUS BW-16D1HT"


def test_a_change_elsewhere_leaves_the_page_in_sight_alone(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.page.disc.target.name.setText("mine.iso")
    bench.plug(drive("/dev/sr1", label="NEW"), drive(), stick())
    qtbot.waitUntil(lambda: len(lines(window)) == 5)
    assert window.sidebar.key == "/dev/sr0"
    assert window.page.disc.target.name.text() == "mine.iso"
    assert bench.looked == ["/dev/sr0"]


def test_a_disc_swapped_for_one_that_looks_alike_is_read_anew(
    qtbot: QtBot, open_window: Open, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discwright.gui.pages.source.SETTLED_S", 0.0)
    bench.devices = (drive(),)
    window = open_window()
    bench.discs["/dev/sr0"] = disc(label="TWIN")
    bench.plug(drive())
    qtbot.waitUntil(lambda: len(bench.looked) == 2)
    settle(qtbot, window)
    assert "TWIN" in texts(window.stack)


def test_the_page_of_a_stick_says_what_it_holds_and_has_no_dead_buttons(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (stick(),)
    window = open_window()
    choose(qtbot, window, "/dev/sdb")
    said = texts(window.stack)
    assert "SanDisk Ultra Fit" in said
    assert "BACKUP" in said
    buttons = [b for b in window.stack.findChildren(QAbstractButton) if b.isVisible()]
    assert [b.text() for b in buttons] == [
        "&Write USB stick…",
        "&Compare with an image…",
        "Er&ase stick…",
    ]
    assert all(b.isEnabled() for b in buttons)


def test_a_drive_unplugged_during_a_rip_stays_in_the_list_until_its_end_was_seen(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.script = Held()
    window = open_window()
    window.rip()
    qtbot.waitUntil(bench.script.began.is_set)
    bench.plug()
    qtbot.waitUntil(lambda: any("Unplugged" in line for line in lines(window)))
    bench.script.go.set()
    qtbot.waitUntil(lambda: "Checksums" in texts(window.stack))
    window.close_current()
    assert lines(window) == []
    assert "No disc drive found" in texts(window.stack)


def test_where_devices_cannot_be_followed_images_still_work(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    def broken(_callback: object) -> object:
        raise DiscwrightError("Drives can't be listed.", cause="no udev")

    window = open_window(replace(bench.ports(), watch=broken))
    assert "Drives can't be listed." in texts(window.stack)
    click(qtbot, button(window, "Try with a sample disc"))
    qtbot.waitUntil(lambda: window.page is not None and window.page.disc is not None)
    assert "DISCWRIGHT_SAMPLE" in texts(window.stack)


def test_without_pyudev_there_are_simply_no_devices(
    open_window: Open, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "discwright.devices.watch", None)
    window = open_window(replace(bench.ports(), watch=Ports().watch))
    assert "No disc drive found" in texts(window.stack)
