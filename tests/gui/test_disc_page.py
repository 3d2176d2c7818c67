# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of a disc says, and what becomes of the click on its button."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from discwright.devices.model import MediumState
from discwright.errors import SourceError
from discwright.gui.pages.result import ResultView
from discwright.gui.pages.running import RunningView

from .conftest import Open, button, choose, click, settle, texts
from .fakes import (
    Bench,
    Held,
    audio_cd,
    css_disc,
    disc,
    drive,
    plenty,
    stick,
)


def answer(
    text: str, see: Callable[[QMessageBox], object] = lambda _box: None
) -> list[tuple[str, str]]:
    """Press a button of the next question; give question and default button once it was asked.

    ``see`` may look at the question, or tick something, before.
    """
    asked: list[tuple[str, str]] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, press)
            return
        asked.append((box.text(), box.defaultButton().text().replace("&", "")))
        see(box)
        next(b for b in box.buttons() if b.text().replace("&", "") == text).click()

    QTimer.singleShot(20, press)
    return asked


def test_the_first_disc_is_selected_by_itself_and_its_page_says_what_it_is(
    open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive("/dev/sr0", state=MediumState.NO_MEDIUM), drive("/dev/sr1"), stick())
    window = open_window()
    assert window.sidebar.key == "/dev/sr1"
    said = texts(window.stack)
    for part in (
        "UBUNTU 24.04",
        "DVD-ROM",
        "4.70 GB",
        "ISO 9660, Joliet, Rock Ridge",
        "2\u202f295\u202f104 sectors",
        "the file systems agree",
        "A computer starts from this disc",
        "ASUS BW-16D1HT, firmware 3.10",
        "Needs 4.70 GB; 212 GB are free there.",
        "Rip disc to ISO",
    ):
        assert part in said


def test_two_clicks_lead_from_the_list_to_a_rip_with_a_sensible_target(
    qtbot: QtBot, open_window: Open, bench: Bench, own_home: Path
) -> None:
    bench.devices = (drive("/dev/sr0", label="FIRST"), drive("/dev/sr1"))
    bench.script = Held()
    window = open_window()
    choose(qtbot, window, "/dev/sr1")
    settle(qtbot, window)
    click(qtbot, button(window, "Rip disc to ISO"))
    qtbot.waitUntil(bench.script.began.is_set)
    (plan,) = bench.plans
    assert plan.disc.source == "/dev/sr1"
    assert plan.target == own_home / "Documents" / "UBUNTU_24.04.iso"
    assert plan.options.hashes == ("sha256",)
    assert isinstance(window.page.currentWidget(), RunningView)


def test_the_folder_and_the_options_last_used_are_offered_again(
    qtbot: QtBot, open_window: Open, bench: Bench, tmp_path: Path
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.page.disc.target.use_folder(tmp_path)
    window.page.disc.options.unfold.click()
    click(qtbot, window.page.disc.options.hashes["md5"])
    window.rip()
    qtbot.waitUntil(lambda: isinstance(window.page.currentWidget(), ResultView))
    assert bench.plans[0].options.hashes == ("sha256", "md5")
    window.close()

    again = open_window()
    assert again.page.disc.target.path == tmp_path / "UBUNTU_24.04.iso"
    assert again.page.disc.options.chosen().hashes == ("sha256", "md5")


@pytest.mark.parametrize(
    ("medium", "found", "sentence"),
    [
        (drive(), replace(disc(), sessions=2), "written in 2 sessions"),
        (
            drive(label="", kind="CD-ROM", audio_tracks=12),
            replace(audio_cd(), sessions=2),
            "This is an audio CD",
        ),
    ],
    ids=["sessions of a DVD", "sessions that the drive can't place"],
)
def test_a_disc_that_can_become_no_image_says_so_and_offers_no_button(
    open_window: Open, bench: Bench, medium: object, found: object, sentence: str
) -> None:
    bench.devices = (medium,)
    bench.discs["/dev/sr0"] = found
    window = open_window()
    assert sentence in window.page.disc.message.text
    assert not window.page.disc.rip.isVisible()
    assert not window.menus.actions["rip"].isEnabled()


def test_a_copy_protected_disc_warns_before_the_start(open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(label="THE_MOVIE"),)
    bench.discs["/dev/sr0"] = css_disc()
    window = open_window()
    assert "copy-protected with CSS" in window.page.disc.message.text
    assert window.page.disc.rip.isVisible()


def test_a_warning_that_was_not_in_sight_is_shown_instead_of_starting(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.discs["/dev/sr0"] = css_disc()
    window = open_window()
    window.page.disc.warn(())
    click(qtbot, window.page.disc.rip)
    settle(qtbot, window)
    assert not bench.plans
    assert "CSS" in window.page.disc.message.text
    click(qtbot, window.page.disc.rip)
    qtbot.waitUntil(lambda: len(bench.plans) == 1)


def test_too_little_room_is_said_before_and_at_the_click_and_nothing_starts(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.destination = lambda target: replace(plenty(target), free_bytes=1_000_000)
    window = open_window()
    assert "only 1.00 MB are free there" in window.page.disc.message.text
    click(qtbot, window.page.disc.rip)
    settle(qtbot, window)
    assert not bench.plans
    assert "Make room" in window.page.disc.message.text
    assert window.page.disc.rip.isEnabled()


def test_another_folder_is_looked_at_anew(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    bench.destination = lambda target: replace(
        plenty(target), free_bytes=1_000_000 if "Documents" in str(target) else 10**12
    )
    window = open_window()
    assert window.page.disc.message.text
    window.page.disc.target.use_folder(Path("/big"))
    qtbot.waitUntil(lambda: not window.page.disc.message.text)


@pytest.mark.parametrize("replaces", [False, True])
def test_an_existing_file_is_replaced_only_after_one_question_that_names_it(
    qtbot: QtBot, open_window: Open, bench: Bench, own_home: Path, replaces: bool
) -> None:
    (own_home / "Documents" / "UBUNTU_24.04.iso").write_bytes(b"precious")
    bench.devices = (drive(),)
    window = open_window()
    assert not window.page.disc.message.text
    asked = answer("Replace" if replaces else "Cancel")
    click(qtbot, window.page.disc.rip)
    qtbot.waitUntil(lambda: bool(asked))
    settle(qtbot, window)
    assert asked == [("Replace UBUNTU_24.04.iso?", "Cancel")]
    assert [plan.options.overwrite for plan in bench.plans] == ([True] if replaces else [])


def test_a_drive_that_cannot_be_opened_says_why_and_can_be_tried_again(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.discs["/dev/sr0"] = SourceError(
        "You may not open /dev/sr0.",
        remedy="Add yourself to the group cdrom.",
        cause="open(2): EACCES (13)",
    )
    window = open_window()
    said = texts(window.stack)
    assert "You may not open /dev/sr0." in said
    assert "Add yourself to the group cdrom." in said
    assert "EACCES" not in said
    click(qtbot, button(window, "Show details"))
    assert "EACCES" in texts(window.stack)
    bench.discs.clear()
    click(qtbot, button(window, "Try again"))
    settle(qtbot, window)
    assert "ISO 9660" in texts(window.stack)


def test_while_a_disc_is_read_the_page_says_so_and_a_late_answer_is_dropped(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    bench.gate = late = threading.Event()
    bench.discs["/dev/sr0"] = disc(label="OLD")
    window.reread()
    qtbot.waitUntil(lambda: len(bench.looked) == 2)
    assert "Reading the disc…" in texts(window.stack)
    bench.gate = None
    bench.discs["/dev/sr0"] = disc(label="NEW")
    bench.plug(drive(label="NEW", diskseq=2))
    qtbot.waitUntil(lambda: window.page.disc is not None)
    late.set()
    settle(qtbot, window)
    assert window.page.disc.header.headline.full_text == "NEW"


def test_f5_reads_the_disc_again(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window()
    bench.discs["/dev/sr0"] = disc(label="ANOTHER")
    qtbot.keyClick(window, Qt.Key.Key_F5)
    settle(qtbot, window)
    assert len(bench.looked) == 2
    assert "ANOTHER" in texts(window.stack)


def test_a_drive_that_udev_calls_empty_is_left_alone_until_asked(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(state=MediumState.NO_MEDIUM),)
    window = open_window()
    assert bench.looked == []
    assert "No disc" in texts(window.stack)
    click(qtbot, button(window, "Look again"))
    settle(qtbot, window)
    assert bench.looked == ["/dev/sr0"]


def test_markup_in_a_label_is_shown_as_it_is(open_window: Open, bench: Bench) -> None:
    label = "<b>FAT</b> & <img src=x>"
    bench.devices = (drive(label=label),)
    bench.discs["/dev/sr0"] = disc(label=label)
    window = open_window()
    assert label in texts(window.stack)
    for label_widget in window.findChildren(type(window.page.disc.header.headline)):
        assert label_widget.textFormat() is Qt.TextFormat.PlainText


def test_the_disc_is_ejected_on_request(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window()
    click(qtbot, window.page.disc.eject)
    settle(qtbot, window)
    assert bench.ejected == ["/dev/sr0"]


def test_an_error_of_the_program_itself_is_told_in_the_page(
    open_window: Open, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _where: told.append(error))
    bench.devices = (drive(),)
    ports = replace(bench.ports(), look=lambda _source, _cancel: 1 / 0)
    window = open_window(ports)
    assert "Something went wrong inside Discwright." in texts(window.stack)
    assert isinstance(told[0], ZeroDivisionError)
