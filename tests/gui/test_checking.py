# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking an image or a disc in the window, by the real check where a file can stand for it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from discwright.check.report import CheckReport
from discwright.gui.window import Window
from discwright.jobs.check_work import CheckWork
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Report, State

from .conftest import Open, button, choose, click, settle, texts
from .fakes import Bench, audio_cd, blank_disc, disc, drive

CHECK = "Check against…"


@pytest.fixture
def image(tmp_path: Path, bench: Bench) -> Path:
    """Give an image that is open in the window."""
    path = tmp_path / "an image.iso"
    path.write_bytes(bytes(range(256)) * 800)
    bench.discs[str(path)] = disc(str(path), label="IN_A_FILE", sectors=100, virtual=True)
    return path


def check(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, against: Path) -> None:
    """Press the button and choose the file."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(against), ""))
    click(qtbot, button(window, CHECK))
    settle(qtbot, window)


def ended(qtbot: QtBot, window: Window) -> str:
    """Wait for the result page; give its headline."""
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=10_000)
    return window.page.result.header.headline.full_text


def opened(qtbot: QtBot, window: Window, image: Path) -> Window:
    window.open_paths([str(image)])
    settle(qtbot, window)
    return window


@pytest.mark.parametrize(("right", "word"), [(True, "The same"), (False, "Different")])
def test_an_image_is_checked_against_a_checksum_file(
    qtbot: QtBot, open_window: Open, image: Path, monkeypatch: pytest.MonkeyPatch, right: bool,
    word: str,
) -> None:  # fmt: skip
    digest = hashlib.sha256(image.read_bytes()).hexdigest() if right else "0" * 64
    sums = image.with_name("SHA256SUMS")
    sums.write_text(f"{digest}  {image.name}\n")
    window = opened(qtbot, open_window(), image)
    check(qtbot, window, monkeypatch, sums)
    assert ended(qtbot, window) == word
    assert "SHA256SUMS" in texts(window.stack)
    click(qtbot, button(window, "Back"))
    settle(qtbot, window)
    assert button(window, CHECK).isEnabled()


def test_why_nothing_can_be_checked_is_said_in_the_page(
    qtbot: QtBot, open_window: Open, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, open_window(), image)
    other = image.with_name("notes.txt")
    other.write_text("milk\n")
    check(qtbot, window, monkeypatch, other)
    assert "holds no checksum of an image.iso" in window.page.disc.message.text
    assert button(window, CHECK).isEnabled()
    broken = image.with_name("broken.dat")
    broken.write_text("<datafile>")
    check(qtbot, window, monkeypatch, broken)
    assert "no catalogue" in window.page.disc.message.text


def scripted(report: CheckReport) -> object:
    """Give the port with a work that ends so."""

    class Scripted(CheckWork):
        title = "Check UBUNTU 24.04"
        devices = frozenset({"/dev/sr0"})
        heading = ()

        def __init__(self) -> None:
            super().__init__(None)  # type: ignore[arg-type]

        def run(self, *_args: object) -> Report:
            return report

    return lambda _disc, _against: Scripted()


LOSSES = {
    "Different": CheckReport(
        State.COMPLETE_WITH_ERRORS, "It is different.", target="/dev/sr0",
        bad_sectors=(Extent(7, 1),), differing_sectors=(Extent(333, 2),),
    ),
    "Not proved": CheckReport(
        State.COMPLETE_WITH_ERRORS, "It can't be read.", target="/dev/sr0",
        bad_sectors=(Extent(333, 2),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("word", LOSSES)
def test_a_disc_that_is_not_what_it_should_be_says_where(
    qtbot: QtBot, open_window: Open, bench: Bench, monkeypatch: pytest.MonkeyPatch, word: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    bench.devices = (drive(),)
    window = open_window(replace(bench.ports(), check_work=scripted(LOSSES[word])))
    choose(qtbot, window, "/dev/sr0")
    settle(qtbot, window)
    check(qtbot, window, monkeypatch, tmp_path)
    assert ended(qtbot, window) == word
    listed = [view.toPlainText() for view in window.page.findChildren(QPlainTextEdit)]
    assert any("333–334" in text for text in listed), listed
    assert "No file is known" not in texts(window.stack)


@pytest.mark.parametrize("kind", ["audio", "blank"])
def test_what_cannot_be_checked_has_no_button(
    qtbot: QtBot, open_window: Open, bench: Bench, kind: str
) -> None:
    bench.devices = (drive(),)
    bench.discs["/dev/sr0"] = audio_cd() if kind == "audio" else blank_disc()
    window = open_window()
    assert window.page.disc is not None
    assert CHECK not in texts(window.stack)


def test_nothing_happens_if_no_file_is_chosen(
    qtbot: QtBot, open_window: Open, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, open_window(), image)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: ("", ""))
    click(qtbot, button(window, CHECK))
    settle(qtbot, window)
    assert window.page.disc.message.text == ""
    assert not window.bridge.running
