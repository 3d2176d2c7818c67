# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image in the window: a file stands for the stick."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from discwright.devices import target_survey
from discwright.gui import writing
from discwright.gui.window import Window
from discwright.jobs.compare_work import CompareWork
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, Report, State
from discwright.transfer.progress import Listener, Phase, Progress

from .conftest import Open, button, choose, click, settle, texts
from .fakes import Bench, stick

COMPARE = "Compare with an image…"
CONTENT = bytes(range(256)) * 8192
STICK = 4 << 20

Compare = Callable[..., Window]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Give an image of 2 MiB."""
    path = tmp_path / "an image.img"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that stands for a stick to which the image was written."""
    path = tmp_path / "stick"
    path.write_bytes(CONTENT + b"\xee" * (STICK - len(CONTENT)))
    return path


@pytest.fixture
def compare(
    qtbot: QtBot,
    open_window: Open,
    bench: Bench,
    image: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Compare:
    """Give a function that presses the button and chooses the image."""

    surveyed = target_survey.survey_target

    def go(
        chosen: Path | None = image,
        change: Callable[[object], object] = lambda work: work,
        **about: object,
    ) -> Window:
        bench.devices = (replace(stick(), size=STICK, **about),)

        def survey(node: str) -> object:
            return replace(surveyed(node), read_only=bool(about.get("read_only")))

        def work(_node: str, path: Path) -> object:
            return change(writing.compare_work(str(file), path, allow_file=True))

        monkeypatch.setattr(target_survey, "survey_target", survey)
        window = open_window(replace(bench.ports(), compare_work=work))
        choose(qtbot, window, "/dev/sdb")
        settle(qtbot, window)
        names = ("" if chosen is None else str(chosen), "")
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: names)
        click(qtbot, button(window, COMPARE))
        settle(qtbot, window)
        return window

    return go


def ended(qtbot: QtBot, window: Window) -> None:
    """Wait for the result page."""
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=10_000)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_stick_that_holds_the_image_is_said_to_be_the_same(
    qtbot: QtBot, compare: Compare, file: Path, read_only: bool
) -> None:
    before = file.read_bytes()
    window = compare(read_only=read_only)
    ended(qtbot, window)
    assert window.page.result.outcome.state is State.COMPLETE
    assert window.page.result.header.headline.full_text == "The same"
    assert "every byte is the same" in texts(window.stack)
    assert file.read_bytes() == before
    click(qtbot, button(window, "Back"))
    settle(qtbot, window)
    assert button(window, COMPARE).isEnabled()


def test_where_they_differ_is_listed(qtbot: QtBot, compare: Compare, file: Path) -> None:
    changed = bytearray(file.read_bytes())
    changed[1_048_576] ^= 1
    file.write_bytes(changed)
    window = compare()
    ended(qtbot, window)
    assert window.page.result.outcome.state is State.COMPLETE_WITH_ERRORS
    assert window.page.result.header.headline.full_text == "Different"
    said = texts(window.stack)
    assert "the first time at byte 1048576" in said
    assert "Bytes that differ or could not be read" in said
    listed = [view.toPlainText() for view in window.page.findChildren(QPlainTextEdit)]
    assert any("1\u202f048\u202f576" in text for text in listed), listed
    assert file.read_bytes() == changed


def test_what_is_done_meanwhile_is_named_and_can_be_cancelled(
    qtbot: QtBot, compare: Compare
) -> None:
    go = threading.Event()

    def held(work: CompareWork) -> CompareWork:
        real = work.run

        def run(listener: Listener, cancel: CancelToken) -> Report:
            listener.progress(Progress(Phase.VERIFYING, 1_000_000, 2_000_000, 20e6, 9.0))
            with cancel.calling(go.set):
                go.wait(20)
            return real(listener, cancel)

        work.run = run
        return work

    window = compare(change=held)
    qtbot.waitUntil(lambda: "Comparing · 1.00 MB of 2.00 MB" in texts(window.stack))
    said = texts(window.stack)
    assert "with an image.img" in said
    assert "Nothing is written." in said
    assert window.page.busy
    window.page.running.cancel()
    ended(qtbot, window)
    assert window.page.result.outcome.state is State.CANCELLED


def test_an_image_that_is_too_large_is_refused_in_the_page(
    compare: Compare, tmp_path: Path
) -> None:
    large = tmp_path / "large.img"
    large.write_bytes(bytes(STICK + 512))
    window = compare(large)
    assert "it isn't on it" in window.page.view.message.text
    assert button(window, COMPARE).isEnabled()
    assert not window.bridge.running


def test_a_stick_that_may_not_be_touched_is_refused_in_the_page(compare: Compare) -> None:
    refusal = Refusal("system", "The computer runs from this disk.", "Choose another device.")
    window = compare(change=lambda _work: refusal)
    assert window.page.view.message.text == f"{refusal.message} {refusal.remedy}"
    assert not window.bridge.running


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.img", b"", "is empty"),
        ("cd.cue", b'FILE "cd.bin" BINARY\n  TRACK 01 MODE1/2048\n    INDEX 01 00:00:00\n',
         "never on a stick"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_image_of_a_stick_is_refused_in_the_page(
    compare: Compare, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    chosen = tmp_path / name
    chosen.write_bytes(content)
    window = compare(chosen)
    assert said in window.page.view.message.text
    assert not window.bridge.running


def test_nothing_is_compared_if_no_image_is_chosen(compare: Compare) -> None:
    window = compare(None)
    assert window.page.view.message.text == ""
    assert not window.bridge.running
