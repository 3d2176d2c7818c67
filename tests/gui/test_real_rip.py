# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way through the real rooms: from the sample disc to an image that is proven."""

import subprocess
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from discwright.gui.ports import Ports
from discwright.transfer.outcome import State

from .conftest import Open, button, click, settle, texts


def test_the_sample_disc_is_ripped_in_two_clicks_and_sha256sum_agrees(
    qtbot: QtBot, open_window: Open, real: Ports, own_home: Path
) -> None:
    window = open_window(real)
    click(qtbot, button(window, "Try with a sample disc"))
    qtbot.waitUntil(
        lambda: window.page is not None and window.page.disc is not None, timeout=20_000
    )
    assert "DISCWRIGHT_SAMPLE" in texts(window.stack)
    settle(qtbot, window)
    click(qtbot, button(window, "Rip disc to ISO"))
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=30_000)
    outcome = window.page.result.outcome
    assert outcome.state is State.COMPLETE, outcome
    assert outcome.target.parent == own_home / "Documents"
    checked = subprocess.run(
        ["sha256sum", "-c", f"{outcome.target.name}.sha256"],
        cwd=outcome.target.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked
    assert outcome.target.read_bytes() == Path(window.sidebar.key).read_bytes()
    assert list(window.page.running.cells.shown_in(50)) == [1] * 50


@pytest.mark.parametrize("content", [b"", b"abc", bytes(5000)], ids=["empty", "3 bytes", "zeros"])
def test_a_file_that_is_no_disc_is_told_in_the_page(
    qtbot: QtBot, open_window: Open, real: Ports, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "thing.iso"
    path.write_bytes(content)
    window = open_window(real)
    window.open_paths([str(path)])
    settle(qtbot, window)
    said = texts(window.stack)
    assert "thing.iso" in said
    assert "Rip disc to ISO" not in said
    assert "went wrong inside" not in said


def test_a_file_that_is_not_there_is_told_in_the_page(
    qtbot: QtBot, open_window: Open, real: Ports, tmp_path: Path
) -> None:
    window = open_window(real)
    window.open_paths([str(tmp_path / "gone.iso")])
    settle(qtbot, window)
    assert "gone.iso can't be opened" in texts(window.stack)
