# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a disc with the only drive: where the image goes meanwhile, and asking for the blank."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from discwright.burn.report import BurnReport
from discwright.devices.model import Drive, Medium, MediumState
from discwright.gui.window import Window
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report, State
from discwright.transfer.progress import Listener, Phase, Progress

from .conftest import Open, button, click, settle, texts
from .fake_targets import HeldWriting, medium
from .fakes import Bench, drive
from .test_burning import burner, ended

WISH = "Please put a blank disc into /dev/sr0."


def writer(**changes: object) -> Drive:
    """Give a burner with a disc in it."""
    return replace(drive(), writes=("DVD+R", "DVD+RW"), **changes)


@pytest.fixture
def alone(bench: Bench) -> Bench:
    """Have a single burner, with a disc in it."""
    bench.devices = (writer(),)
    return bench


def set_up(qtbot: QtBot, window: Window) -> None:
    """Press Copy disc."""
    click(qtbot, button(window, "Copy disc…"))
    settle(qtbot, window)


class Asking(HeldWriting):
    """Asks for something, then waits for the test (or for Cancel)."""

    def __init__(self, phase: Phase = Phase.INSERTING, wish: str = WISH) -> None:
        super().__init__()
        self.phase, self.wish = phase, wish

    def __call__(
        self,
        kind: str,
        nodes: Sequence[str],
        each: Callable[[str, Progress], None],
        listener: Listener,
        cancel: CancelToken,
    ) -> Report:
        listener.progress(Progress(self.phase, 0, None, note=self.wish))
        self.began.set()
        with cancel.calling(self.go.set):
            self.go.wait(20)
        if cancel.cancelled:
            return BurnReport(State.CANCELLED, "The copy was cancelled before it was burned.")
        listener.progress(Progress(Phase.WRITING, 0, 100))
        return super().__call__(kind, nodes, each, listener, cancel)


def test_the_only_drive_can_copy_its_disc(
    qtbot: QtBot, open_window: Open, alone: Bench, tmp_path: Path
) -> None:
    window = open_window()
    set_up(qtbot, window)
    window.page.task.folder.use(tmp_path)
    settle(qtbot, window)
    first = "is read into a temporary image of 4.70 GB first"
    qtbot.waitUntil(lambda: first in texts(window.stack))
    said = texts(window.stack)
    assert "The same drive: you change the discs in between" in said
    assert "you put a blank disc in" in said
    click(qtbot, button(window, "Copy"))
    ended(qtbot, window)
    (work,) = alone.targets.begun
    assert work.plan.temporary.parent == tmp_path
    assert work.plan.options.blank == "never"
    assert work.devices == {"/dev/sr0"}
    assert window.settings.value("copy/folder") == str(tmp_path)


def test_a_drive_that_cannot_write_offers_no_copy(open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    assert "Copy disc…" not in texts(open_window().stack)


def test_another_drive_with_a_blank_disc_is_taken_first(
    qtbot: QtBot, open_window: Open, alone: Bench
) -> None:
    alone.devices = (writer(), burner("/dev/sr1", "GH24NSD1", 2))
    alone.targets.media["/dev/sr1"] = medium("/dev/sr1")
    window = open_window()
    set_up(qtbot, window)
    task = window.page.task
    assert task.view.ticks.chosen == ("/dev/sr1",)
    assert not task.folder.isVisible()
    task.view.ticks.boxes["/dev/sr1"].click()
    task.view.ticks.boxes["/dev/sr0"].click()
    settle(qtbot, window)
    assert task.folder.isVisible()
    assert button(window, "Copy").isEnabled()


def test_where_the_image_finds_no_room_another_folder_can_be_named(
    qtbot: QtBot,
    open_window: Open,
    alone: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    small = tmp_path / "small"
    alone.targets.room[str(small)] = 1_000_000_000
    set_up(qtbot, window)
    task = window.page.task
    task.folder.use(small)
    settle(qtbot, window)
    assert "needs 4.70 GB, but only 1.00 GB are free" in task.view.message.text
    assert not button(window, "Copy").isEnabled()
    large = str(tmp_path)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: large)
    click(qtbot, task.folder)
    settle(qtbot, window)
    assert button(window, "Copy").isEnabled()
    assert task.view.message.text == ""


def test_the_blank_is_asked_for_with_what_is_in_the_drive(
    qtbot: QtBot, open_window: Open, alone: Bench
) -> None:
    asking = alone.targets.doing = Asking()
    window = open_window()
    set_up(qtbot, window)
    click(qtbot, button(window, "Copy"))
    qtbot.waitUntil(lambda: window.page.running is not None)
    request = window.page.currentWidget().request
    qtbot.waitUntil(request.isVisible)
    assert "Insert a blank disc" in texts(request)
    assert WISH in texts(request)
    alone.plug(writer(medium=Medium(MediumState.NO_MEDIUM), diskseq=2))
    qtbot.waitUntil(lambda: "In the drive: No disc" in texts(request))
    assert len(alone.looked) == 1
    asking.go.set()
    qtbot.waitUntil(lambda: window.page.result is not None or not request.isVisible())
    ended(qtbot, window)
    assert window.page.result.outcome.state is State.COMPLETE


def test_a_copy_can_be_cancelled_while_it_waits_for_the_blank(
    qtbot: QtBot, open_window: Open, alone: Bench
) -> None:
    asking = alone.targets.doing = Asking()
    window = open_window()
    set_up(qtbot, window)
    click(qtbot, button(window, "Copy"))
    qtbot.waitUntil(asking.began.is_set)
    click(qtbot, button(window, "Cancel"))
    ended(qtbot, window)
    assert window.page.result.outcome.state is State.CANCELLED


def test_a_slim_drive_is_asked_to_be_closed(qtbot: QtBot, open_window: Open, alone: Bench) -> None:
    wish = "Please close the tray of /dev/sr0."
    asking = alone.targets.doing = Asking(Phase.CLOSING_TRAY, wish)
    window = open_window()
    set_up(qtbot, window)
    click(qtbot, button(window, "Copy"))
    qtbot.waitUntil(lambda: wish in texts(window.stack))
    assert "Close the tray" in texts(window.stack)
    assert "Insert a blank disc" not in texts(window.stack)
    assert wish in texts(window.panel)
    asking.go.set()
    ended(qtbot, window)
