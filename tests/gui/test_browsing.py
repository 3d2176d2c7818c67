# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into a disc in the window, and taking files out, by the real rooms."""

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout
from pytestqt.qtbot import QtBot

from discwright.errors import SourceError
from discwright.extract.source import DiscContents
from discwright.gui.file_model import DATE, NAME, SIZE, FileModel, nodes_of
from discwright.gui.pages.browse import BrowseView
from discwright.gui.ports import Ports
from discwright.gui.window import Window
from discwright.image.contents import Contents, DiscFile
from discwright.image.tree import Attributes
from discwright.transfer.outcome import State

from .conftest import Open, button, click, settle, texts
from .fakes import Bench, audio_cd, disc, drive
from .test_disc_page import answer


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    (folder / "photos" / "1999").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "photos" / "1999" / "beach.jpg").write_bytes(os.urandom(70_000))
    (folder / "photos" / "old.jpg").write_bytes(os.urandom(5000))
    (folder / "letter.txt").write_text("Dear reader\n")
    return folder


@pytest.fixture
def image(content: Path, tmp_path: Path) -> Path:
    path = tmp_path / "disc.iso"
    subprocess.run(["xorrisofs", "-quiet", "-R", "-V", "MY_DISC", "-o", path, content], check=True)
    return path


def browse(qtbot: QtBot, window: Window, image: Path) -> BrowseView:
    window.open_paths([str(image)])
    qtbot.waitUntil(
        lambda: window.page is not None and window.page.disc is not None, timeout=20_000
    )
    settle(qtbot, window)
    click(qtbot, button(window, "Browse files"))
    settle(qtbot, window)
    return window.page.browsing.view


def shown_in(model: FileModel, parent: QModelIndex | None = None) -> list[str]:
    parent = parent or QModelIndex()
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_everything_comes_out_in_three_clicks(
    qtbot: QtBot, open_window: Open, real: Ports, image: Path, content: Path, own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    window = open_window(real)
    view = browse(qtbot, window, image)
    assert shown_in(view.model) == ["empty", "photos", "letter.txt"]
    assert "3 files" in view.header.below.full_text
    click(qtbot, button(window, "Extract everything"))
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=20_000)
    outcome = window.page.result.outcome
    assert outcome.state is State.COMPLETE, outcome
    assert outcome.target == own_home / "Documents" / "MY_DISC"
    assert files(outcome.target) == files(content)
    assert (outcome.target / "empty").is_dir()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    click(qtbot, button(window, "Open folder"))
    assert opened == [str(outcome.target)]
    click(qtbot, button(window, "Back"))
    qtbot.waitUntil(lambda: window.page.disc is not None, timeout=20_000)


def test_a_folder_is_chosen_and_taken_with_the_keyboard_alone(
    qtbot: QtBot, open_window: Open, real: Ports, image: Path, own_home: Path
) -> None:
    window = open_window(real)
    view = browse(qtbot, window, image)
    assert QApplication.focusWidget() is view.tree
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down):  # photos, open, 1999
        qtbot.keyClick(view.tree, key)
    assert view.chosen == ("photos/1999",)
    assert "Selected: 1 file, 70.0 kB" in texts(view)
    qtbot.keyClick(window, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=20_000)
    assert set(files(own_home / "Documents" / "MY_DISC")) == {"photos/1999/beach.jpg"}


def test_a_search_finds_files_in_all_folders(
    qtbot: QtBot, open_window: Open, real: Ports, image: Path
) -> None:
    view = browse(qtbot, open_window(real), image)
    qtbot.keyClicks(view.search, "JPG")
    qtbot.waitUntil(lambda: view.model.searching)
    assert shown_in(view.model) == ["photos/1999/beach.jpg", "photos/old.jpg"]
    assert "2 names hold this." in texts(view)
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    view.tree.selectionModel().select(view.model.index(0, 0), rows)
    assert view.chosen == ("photos/1999/beach.jpg",)
    view.search.clear()
    qtbot.waitUntil(lambda: not view.model.searching)
    assert shown_in(view.model) == ["empty", "photos", "letter.txt"]


@pytest.mark.parametrize(
    ("says", "becomes"), [("Leave them as they are", "mine"), ("Replace", "Dear reader\n")]
)
def test_files_that_are_there_are_asked_about(
    qtbot: QtBot, open_window: Open, real: Ports, image: Path, own_home: Path, says: str,
    becomes: str,
) -> None:  # fmt: skip
    folder = own_home / "Documents" / "MY_DISC"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    window = open_window(real)
    browse(qtbot, window, image)
    asked = answer(says)
    click(qtbot, button(window, "Extract everything"))
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=20_000)
    assert asked == [("Put the files into MY_DISC all the same?", "Cancel")]
    assert (folder / "letter.txt").read_text() == becomes
    assert (folder / "photos" / "old.jpg").exists()


def test_what_is_left_out_is_said_before_and_listed_after(
    qtbot: QtBot, open_window: Open, real: Ports, content: Path, tmp_path: Path
) -> None:
    (content / "evil").symlink_to("/etc/passwd")
    path = tmp_path / "links.iso"
    subprocess.run(["xorrisofs", "-quiet", "-R", "-o", path, content], check=True)
    window = open_window(real)
    view = browse(qtbot, window, path)
    click(qtbot, button(window, "Extract everything"))
    settle(qtbot, window)
    assert window.page.browsing.view is view
    assert "leads out of the folder" in view.message.text
    click(qtbot, button(window, "Extract everything"))
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=20_000)
    (left,) = window.page.result.outcome.lists
    assert left.title == "Left out"
    assert left.lines[0].startswith("evil – ")


def test_a_drive_that_fails_is_said_in_the_page(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)

    def fail(_disc: object, _cancel: object) -> DiscContents:
        raise SourceError("The disc was taken out.", remedy="Put it back.")

    window = open_window(replace(bench.ports(), list_files=fail))
    click(qtbot, button(window, "Browse files"))
    settle(qtbot, window)
    view = window.page.browsing.view
    assert "The disc was taken out." in texts(view)
    assert not view.extract.isEnabled()


def test_an_audio_cd_offers_no_files(open_window: Open, bench: Bench) -> None:
    bench.devices, bench.discs["/dev/sr0"] = (drive(),), audio_cd()
    assert "Browse files" not in texts(open_window().stack)


def many(count: int) -> DiscContents:
    """Give a disc with so many files in one folder, and as many in others."""
    files = [
        DiscFile(
            ("all", f"file {n:06}") if n % 2 else (f"folder {n % 1000:03}", f"{n}.bin"),
            n * 7919 % 100_003, (), Attributes(modified=n * 86_400.0),
        )
        for n in range(count)
    ]  # fmt: skip
    folders = [("all",), *((f"folder {n:03}",) for n in range(0, 1000, 2))]
    return DiscContents(disc(), Contents(None, tuple(files), tuple(folders)))


def test_sixty_thousand_files_are_shown_and_sorted_at_once(qtbot: QtBot) -> None:
    nodes = nodes_of(many(60_000))
    view = BrowseView("Many", Path("/tmp"), "many")
    frame = QDialog()
    qtbot.addWidget(frame)
    QVBoxLayout(frame).addWidget(view)
    frame.resize(900, 700)
    began = time.process_time()
    view.show_files(nodes, "")
    frame.show()
    view.tree.expand(view.model.index(0, NAME))
    QApplication.processEvents()
    for column in (SIZE, DATE, NAME):
        view.tree.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        QApplication.processEvents()
    view.search.setText("8.bin")
    view._search()
    QApplication.processEvents()
    assert time.process_time() - began < 3
    assert view.model.rowCount() == 5000
    assert view.model.index(0, 0).data().endswith("8.bin")
    assert "The first 5000 are shown." in texts(view)


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = FileModel(nodes_of(many(60)))
    _tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    first = model.index(0, 0)
    child = model.index(3, 0, first)
    assert child.parent() == first
    model.sort(SIZE, Qt.SortOrder.DescendingOrder)
    sizes = [
        model.node(model.index(row, 0, model.index(0, 0))).bytes
        for row in range(model.rowCount(model.index(0, 0)))
    ]
    assert sizes == sorted(sizes, reverse=True)
    model.search("file 0000")
    assert model.searching
    model.sort(NAME)
    model.search("")
    assert model.rowCount() == 501


def test_a_hostile_name_is_shown_as_text_and_taken_by_its_own_name(qtbot: QtBot) -> None:
    name = "<b>x</b>\u202egpj.exe\n"
    found = DiscContents(disc(), Contents(None, (DiscFile((name,), 3, ()),)))
    view = BrowseView("Evil", Path("/tmp"), "evil")
    qtbot.addWidget(view)
    view.show_files(nodes_of(found), "")
    index = view.model.index(0, NAME)
    assert "\u202e" not in index.data()
    assert "<" not in index.data(Qt.ItemDataRole.ToolTipRole).replace("&lt;", "")
    view.tree.selectAll()
    assert view.chosen == (name,)
