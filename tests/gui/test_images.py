# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files as virtual discs: opened, dropped, given on the command line, closed."""

from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from .conftest import Open, button, choose, click, settle, texts
from .fakes import Bench, Held, disc, drive


@pytest.fixture
def image(tmp_path: Path, bench: Bench) -> Path:
    """Give an image file."""
    path = tmp_path / "an image.iso"
    path.write_bytes(bytes(2048 * 40))
    bench.discs[str(path)] = disc(str(path), label="IN_A_FILE", sectors=40, virtual=True)
    return path


def drop(on: QWidget, *paths: Path) -> bool:
    """Drag files over a widget and let them go; give whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    # Qt 6.12 wants the place in parts of a pixel where it wanted whole ones before.
    place = QPointF(30, 30) if PySide6.__version_info__ >= (6, 12) else QPoint(30, 30)
    keys = Qt.KeyboardModifier.NoModifier
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(place, copy, data, left, keys)
    QApplication.sendEvent(on, enter)
    if not enter.isAccepted():
        return False
    let_go = QDropEvent(QPointF(place), copy, data, left, keys)
    QApplication.sendEvent(on, let_go)
    return let_go.isAccepted()


def test_a_dropped_image_becomes_a_disc_in_the_list(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    assert drop(window, image)
    settle(qtbot, window)
    assert window.sidebar.key == str(image)
    said = texts(window.stack)
    assert "IN_A_FILE" in said
    assert "An image file, taken as a disc" in said
    assert not window.drop_hint.isVisible()


def test_the_name_field_leaves_dropped_files_to_the_window(open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window()
    assert not window.page.disc.target.name.acceptDrops()


def test_text_that_is_dropped_is_not_taken(open_window: Open) -> None:
    window = open_window()
    assert not drop(window)


@pytest.mark.parametrize("form", ["path", "uri", "relative"])
def test_a_path_or_a_uri_on_the_command_line_is_opened(
    qtbot: QtBot,
    open_window: Open,
    image: Path,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(image.parent)
    given = {"path": str(image), "uri": image.as_uri(), "relative": image.name}[form]
    window = open_window()
    window.open_paths([given])
    settle(qtbot, window)
    assert "IN_A_FILE" in texts(window.stack)


def test_a_drive_on_the_command_line_is_selected_when_it_is_seen(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    window = open_window()
    window.open_paths(["/dev/sr1"])
    bench.plug(drive("/dev/sr0"), drive("/dev/sr1", label="WANTED"))
    qtbot.waitUntil(lambda: window.sidebar.key == "/dev/sr1")


def test_an_image_stays_when_the_drives_change(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    bench.plug(drive())
    qtbot.waitUntil(lambda: len(window.sidebar.keys()) == 2)
    assert window.sidebar.key == str(image)


@pytest.mark.parametrize("how", ["cross", "Delete", "Ctrl+W"])
def test_an_image_can_be_closed(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path, how: str
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    if how == "cross":
        row = window.sidebar.place_of(str(image))
        cross = QPoint(window.sidebar.viewport().width() - 22, row.y())
        qtbot.mouseClick(window.sidebar.viewport(), Qt.MouseButton.LeftButton, pos=cross)
    elif how == "Delete":
        window.sidebar.setFocus()
        qtbot.keyClick(window.sidebar, Qt.Key.Key_Delete)
    else:
        qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.sidebar.keys() == ["/dev/sr0"]
    assert window.sidebar.key == "/dev/sr0"
    assert image.exists()


def test_an_image_that_is_being_copied_is_not_closed(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.script = Held()
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    window.rip()
    qtbot.waitUntil(bench.script.began.is_set)
    qtbot.waitUntil(lambda: not window.menus.actions["close"].isEnabled())
    window.close_current()
    assert window.sidebar.keys() == [str(image)]


def test_the_sample_disc_is_one_click_away(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    click(qtbot, button(window, "Try with a sample disc"))
    qtbot.waitUntil(lambda: window.page is not None and window.page.disc is not None)
    assert "DISCWRIGHT_SAMPLE" in texts(window.stack)
    assert button(window, "Rip disc to ISO").isEnabled()


def test_opening_an_image_twice_keeps_one_line(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.open_paths([str(image)])
    choose(qtbot, window, "/dev/sr0")
    window.open_paths([str(image)])
    assert window.sidebar.keys() == ["/dev/sr0", str(image)]
    assert window.sidebar.key == str(image)
