# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning in the window: what is offered, what is told before, what is asked, how it ends."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from discwright.burn.method import Preparation
from discwright.burn.report import BurnReport
from discwright.devices.model import Drive, MediumState
from discwright.gui.window import Window
from discwright.jobs.joint import joined
from discwright.optical.differences import Pattern
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Refusal, State

from .conftest import Open, button, choose, click, settle, texts
from .fake_targets import HeldWriting, burn_image, good, medium, rewritable
from .fakes import Bench, blank_disc, disc, drive
from .test_disc_page import answer
from .test_images import drop


def burner(node: str = "/dev/sr0", model: str = "BW-16D1HT", diskseq: int = 1) -> Drive:
    """Give a drive with a blank DVD+R in it."""
    return drive(
        node, state=MediumState.BLANK, kind="DVD+R", label="", model=model, diskseq=diskseq
    )


@pytest.fixture
def image(tmp_path: Path, bench: Bench) -> Path:
    """Give an image file."""
    path = tmp_path / "an image.iso"
    path.write_bytes(bytes(2048 * 40))
    bench.discs[str(path)] = disc(str(path), label="IN_A_FILE", sectors=40, virtual=True)
    return path


@pytest.fixture
def blank(bench: Bench) -> Bench:
    """Have a drive with a blank disc."""
    bench.devices = (burner(),)
    bench.discs["/dev/sr0"] = blank_disc()
    bench.targets.media["/dev/sr0"] = medium()
    return bench


def old_disc(bench: Bench) -> None:
    """Have a drive with a rewritable disc that has something on it."""
    bench.devices = (drive(kind="DVD+RW", label="OLD_BACKUP"),)
    bench.discs["/dev/sr0"] = disc(label="OLD_BACKUP", profile=Profile.DVD_PLUS_RW)
    bench.targets.media["/dev/sr0"] = rewritable()


def choosing(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    """Have the file dialog give this file."""
    name = "" if path is None else str(path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (name, ""))


def set_up(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, image: Path) -> None:
    """Press Burn image to disc and choose the image."""
    choosing(monkeypatch, image)
    click(qtbot, button(window, "Burn image to disc…"))
    settle(qtbot, window)


def begin(qtbot: QtBot, window: Window) -> None:
    """Press Burn."""
    click(qtbot, button(window, "Burn"))
    settle(qtbot, window)


def ended(qtbot: QtBot, window: Window) -> None:
    """Wait for the result page."""
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=10_000)


def test_a_blank_disc_is_burned_in_three_clicks_without_a_question(
    qtbot: QtBot,
    open_window: Open,
    blank: Bench,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    said = texts(window.stack)
    assert "Blank DVD+R" in said
    assert "4.70 GB" in said
    assert "MCC-004" in said
    assert "Rip disc to ISO" not in said
    set_up(qtbot, window, monkeypatch, image)
    said = texts(window.stack)
    assert "is written to the DVD+R in /dev/sr0, at 8x" in said
    assert "read back and compared" in said
    begin(qtbot, window)
    ended(qtbot, window)
    (work,) = blank.targets.begun
    assert work.plans[0].image.source == str(image)
    assert work.plans[0].options.verify
    said = texts(window.stack)
    assert "Complete" in said
    assert "every byte as it should be" in said
    assert "the disc is closed" in said
    assert button(window, "Burn another").isVisible()


def test_thinking_better_of_it_in_the_file_dialog_changes_nothing(
    qtbot: QtBot, open_window: Open, blank: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    choosing(monkeypatch, None)
    click(qtbot, button(window, "Burn image to disc…"))
    assert window.page.task is None
    assert button(window, "Burn image to disc…").isVisible()


def test_an_image_dropped_on_a_blank_disc_is_set_up_for_burning(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    window = open_window()
    assert drop(window, image)
    settle(qtbot, window)
    assert "an image.iso" in texts(window.stack)
    assert button(window, "Burn").isEnabled()
    assert window.sidebar.keys() == ["/dev/sr0"]


def test_an_image_that_is_too_big_is_refused_before_anything_begins(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.targets.images[str(image)] = burn_image(image, sectors=3_000_000)
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    assert "1.44 GB too much" in window.page.task.view.message.text
    assert not button(window, "Burn").isEnabled()
    assert "What will happen" not in texts(window.stack)


def test_the_speeds_are_those_of_the_disc_and_what_is_chosen_is_planned(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    options = window.page.task.options
    options.unfold.setChecked(True)
    offered = [options.speed.itemText(n) for n in range(options.speed.count())]
    assert offered == ["A middle one", "16×", "12×", "8×", "4×"]
    assert options.blank.isHidden()
    options.speed.setCurrentIndex(4)
    options.verify.setChecked(False)
    qtbot.waitUntil(lambda: "at 4x" in texts(window.stack))
    assert "nothing proves that it is right" in texts(window.stack)
    begin(qtbot, window)
    ended(qtbot, window)
    assert blank.targets.begun[0].plans[0].speed_kb == 5540


@pytest.mark.parametrize("answered", ["Cancel", "Overwrite"])
def test_what_is_on_a_rewritable_disc_is_named_in_one_question_with_cancel_as_default(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path, answered: str
) -> None:
    old_disc(bench)
    window = open_window()
    assert button(window, "Rip disc to ISO").isEnabled()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    asked = answer(answered)
    begin(qtbot, window)
    ((question, default),) = asked
    assert "OLD_BACKUP" in question
    assert "/dev/sr0" in question
    assert default == "Cancel"
    assert len(bench.targets.begun) == (answered == "Overwrite")


def test_a_disc_that_was_exchanged_meanwhile_is_looked_at_again_before_the_start(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    blank.targets.media["/dev/sr0"] = medium(status=MediumStatus.CLOSED, used=True, free_sectors=0)
    begin(qtbot, window)
    assert blank.targets.begun == []
    assert "can't be written again" in window.page.task.view.message.text


def test_several_burners_can_be_ticked_and_each_shows_where_it_is(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.devices = (burner(), burner("/dev/sr1", "GH24NSD1", 2))
    blank.targets.media["/dev/sr1"] = medium("/dev/sr1")
    blank.targets.doing = HeldWriting()
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    boxes = window.page.task.view.ticks.boxes
    assert {node: box.isChecked() for node, box in boxes.items()} == {
        "/dev/sr0": True,
        "/dev/sr1": False,
    }
    boxes["/dev/sr1"].click()
    begin(qtbot, window)
    qtbot.waitUntil(blank.targets.doing.began.is_set)
    view = window.page.currentWidget()
    qtbot.waitUntil(lambda: view.lines["/dev/sr1"].bar.value() > 0)
    assert view.lines["/dev/sr0"].bar.value() == 500
    assert "2.85 GB of 3.89 GB" in view.lines["/dev/sr1"].status.full_text
    assert "Writing" in view.lines["/dev/sr1"].status.full_text
    blank.targets.doing.go.set()
    ended(qtbot, window)
    assert texts(window.stack).count("Complete · ASUS BW-16D1HT") == 2


def test_a_drive_that_is_burned_from_another_page_is_left_alone(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.targets.doing = HeldWriting()
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    click(qtbot, button(window, "Burn image to disc…"))
    settle(qtbot, window)
    begin(qtbot, window)
    qtbot.waitUntil(blank.targets.doing.began.is_set)
    looked = len(blank.looked)
    # What udev tells while the disc is written must not make anybody read it.
    blank.plug(drive(label="HALF_BURNED", diskseq=9))
    qtbot.waitUntil(lambda: "HALF_BURNED" in str(window.shelf.get("/dev/sr0")))
    choose(qtbot, window, "/dev/sr0")
    settle(qtbot, window)
    assert "In use" in texts(window.stack)
    assert len(blank.looked) == looked
    click(qtbot, button(window, "Show the job"))
    assert window.sidebar.key == str(image)
    choose(qtbot, window, "/dev/sr0")
    blank.targets.doing.go.set()
    qtbot.waitUntil(lambda: len(blank.looked) == looked + 1)


def test_an_opened_image_offers_to_burn_when_a_blank_disc_is_in(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.devices = ()
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    assert not button(window, "Burn image to disc…").isEnabled()
    assert "insert a blank or rewritable disc" in texts(window.stack)
    blank.plug(burner())
    qtbot.waitUntil(button(window, "Burn image to disc…").isEnabled)
    assert "Blank DVD+R is ready in ASUS BW-16D1HT" in texts(window.stack)
    window.sidebar.setFocus()
    window._enter_page()
    assert QApplication.focusWidget() is button(window, "Burn image to disc…")
    assert window.menus.actions["burn"].isEnabled()


def test_a_blank_disc_that_is_inserted_later_appears_by_itself(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    blank.plug(drive(state=MediumState.NO_MEDIUM, diskseq=2))
    qtbot.waitUntil(lambda: "Insert a blank" in texts(window.stack))
    assert not button(window, "Burn").isEnabled()
    blank.plug(burner(diskseq=3))
    qtbot.waitUntil(lambda: button(window, "Burn").isEnabled(), timeout=10_000)


def test_a_drive_that_cannot_be_had_says_why(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.targets.media["/dev/sr0"] = Refusal("no-permission", "You may not.", "Ask for it.")
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    assert window.page.task.view.message.text == "You may not. Ask for it."


def spoilt(_kind, nodes, _each, _listener, _cancel):
    """Burn a disc that doesn't read back well."""
    return BurnReport(
        State.FAILED, "40 sectors did not come back as they were written.", "Use another disc.",
        "3/11/00", target=nodes[0], kind="DVD+R", differing_sectors=(Extent(1000, 20),),
        unreadable_sectors=(Extent(1020, 20),), pattern=Pattern.RANGE, verified=False,
        medium_after=MediumStatus.CLOSED,
    )  # fmt: skip


def test_the_end_of_a_spoilt_disc_says_where_and_what_to_do(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.targets.doing = spoilt
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    begin(qtbot, window)
    ended(qtbot, window)
    said = texts(window.stack)
    for part in ("Failed", "Use another disc.", "in one place", "the disc is closed"):
        assert part in said
    assert "read back and compared" not in said
    (listing, _other) = window.page.result.outcome.lists
    assert listing.lines == ("1000–1019",)
    assert "Open folder" not in said
    click(qtbot, button(window, "Try again"))
    settle(qtbot, window)
    assert button(window, "Burn").isEnabled()


def test_of_two_discs_each_has_its_verdict(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    blank.devices = (burner(), burner("/dev/sr1", "GH24NSD1", 2))
    blank.targets.media["/dev/sr1"] = medium("/dev/sr1")
    blank.targets.doing = lambda kind, nodes, *rest: joined(
        [good(kind, nodes[0]), spoilt(kind, nodes[1:], *rest)]
    )
    window = open_window()
    window.page.burn(image, "/dev/sr0", "/dev/sr1")
    settle(qtbot, window)
    begin(qtbot, window)
    ended(qtbot, window)
    said = texts(window.stack)
    assert "1 of 2 complete" in said
    assert "Complete · ASUS BW-16D1HT (/dev/sr0)" in said
    assert "Failed · /dev/sr1" in said


@pytest.mark.parametrize("full", [False, True])
def test_a_rewritable_disc_is_erased_after_one_question(
    qtbot: QtBot, open_window: Open, bench: Bench, full: bool
) -> None:
    old_disc(bench)
    window = open_window()
    asked = answer("Erase", lambda box: box.checkBox().setChecked(full))
    click(qtbot, button(window, "Erase disc…"))
    ended(qtbot, window)
    ((question, default),) = asked
    assert "OLD_BACKUP" in question
    assert default == "Cancel"
    (work,) = bench.targets.begun
    assert work.kind == "erase"
    assert work.plan.preparation is (Preparation.ZEROS if full else Preparation.ZEROS_FIRST)


def test_a_disc_that_is_written_once_has_no_erase_button(open_window: Open, blank: Bench) -> None:
    window = open_window()
    shown = [b.text() for b in window.stack.findChildren(QAbstractButton) if b.isVisible()]
    assert not any("Er" in text and "ase" in text for text in shown)
    assert not window.menus.actions["erase"].isEnabled()


def two_drives(bench: Bench) -> None:
    """Have a disc in one drive and a blank one in another."""
    bench.devices = (drive(), burner("/dev/sr1", "GH24NSD1", 2))
    bench.targets.media["/dev/sr1"] = medium("/dev/sr1")


def test_a_disc_is_copied_to_the_blank_one_in_another_drive(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    two_drives(bench)
    window = open_window()
    click(qtbot, button(window, "Copy disc…"))
    settle(qtbot, window)
    view = window.page.task.view
    assert not view.other.isVisible()
    assert view.ticks.chosen == ("/dev/sr1",)
    qtbot.waitUntil(lambda: "is written to the DVD+R in /dev/sr1" in texts(window.stack))
    click(qtbot, button(window, "Copy"))
    ended(qtbot, window)
    (work,) = bench.targets.begun
    assert work.kind == "copy"
    assert work.plan.disc.source == "/dev/sr0"
    assert work.devices == {"/dev/sr0", "/dev/sr1"}


def test_a_copy_is_offered_only_while_there_is_another_disc_to_write(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    assert "Copy disc…" not in texts(window.stack)
    two_drives(bench)
    bench.plug(*bench.devices)
    qtbot.waitUntil(lambda: "Copy disc…" in texts(window.stack))
    bench.plug(drive())
    qtbot.waitUntil(lambda: "Copy disc…" not in texts(window.stack))


def test_a_drive_that_is_being_burned_is_not_asked_for_another_task(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    held = blank.targets.doing = HeldWriting()
    window = open_window()
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    waiting = window.page.task
    # The same drive is then used from the page of the image.
    window.open_paths([str(image)])
    settle(qtbot, window)
    click(qtbot, button(window, "Burn image to disc…"))
    settle(qtbot, window)
    begin(qtbot, window)
    qtbot.waitUntil(held.began.is_set)
    asked = len(blank.targets.asked)
    blank.plug(burner(diskseq=5))
    qtbot.waitUntil(lambda: window.shelf.devices[0].diskseq == 5)
    settle(qtbot, window)
    assert not waiting.view.go.isEnabled()
    assert len(blank.targets.asked) == asked
    held.go.set()
    qtbot.waitUntil(waiting.view.go.isEnabled, timeout=10_000)
    assert len(blank.targets.asked) == asked + 1


def test_the_page_of_a_drive_says_at_once_that_another_page_uses_it(
    qtbot: QtBot, open_window: Open, blank: Bench, image: Path
) -> None:
    held = blank.targets.doing = HeldWriting()
    window = open_window()
    assert button(window, "Burn image to disc…").isVisible()
    window.open_paths([str(image)])
    settle(qtbot, window)
    click(qtbot, button(window, "Burn image to disc…"))
    settle(qtbot, window)
    begin(qtbot, window)
    qtbot.waitUntil(held.began.is_set)
    choose(qtbot, window, "/dev/sr0")
    qtbot.waitUntil(lambda: "In use: Burn an image.iso" in texts(window.stack))
    window.eject()
    assert blank.ejected == []
    held.go.set()
    qtbot.waitUntil(lambda: "Burn image to disc…" in texts(window.stack))
