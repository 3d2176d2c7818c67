# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks in the window: what is offered, what is told before, what is asked, the end."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from discwright.errors import SourceError
from discwright.gui.window import Window
from discwright.gui.writing import Material
from discwright.image.boot import BootEntry, BootReport
from discwright.image.contents import Contents, DiscFile, Run
from discwright.image.volumes import FileSystem
from discwright.jobs.installer_work import InstallerWork
from discwright.jobs.joint import joined
from discwright.stick.installer_source import InstallerSource
from discwright.stick.ranges import ByteRange
from discwright.stick.report import WriteReport
from discwright.stick.source import Table
from discwright.transfer.outcome import State
from discwright.transfer.progress import Phase, Progress

from .conftest import Open, button, choose, click, settle, texts
from .fake_targets import HeldWriting, facts, good, source, well
from .fakes import Bench, disc, drive, stick
from .test_disc_page import answer
from .test_images import drop

BLADE = stick("/dev/sdc", model="Cruzer Blade", labels=(), size=16_000_000_000, diskseq=8)
ON_DISCS_ONLY = BootReport(el_torito=(BootEntry("BIOS", True, 100, 4),))


@pytest.fixture
def image(tmp_path: Path, bench: Bench) -> Path:
    """Give an image file, and have two sticks."""
    path = tmp_path / "an image.iso"
    path.write_bytes(bytes(2048 * 40))
    bench.discs[str(path)] = disc(str(path), label="IN_A_FILE", sectors=40, virtual=True)
    bench.devices = (stick(), BLADE)
    bench.targets.sticks["/dev/sdc"] = facts(
        "/dev/sdc", model="Cruzer Blade", contents=(), may_open=True
    )
    return path


def set_up(qtbot: QtBot, window: Window, image: Path, *nodes: str) -> None:
    """Select the first stick and drop the image there."""
    choose(qtbot, window, nodes[0] if nodes else "/dev/sdb")
    settle(qtbot, window)
    window.page.write(image, *(nodes or ("/dev/sdb",)))
    settle(qtbot, window)


def begin(qtbot: QtBot, window: Window, answered: str = "Overwrite") -> list[tuple[str, str]]:
    """Press Write and answer the question."""
    asked = answer(answered)
    click(qtbot, button(window, "Write…"))
    qtbot.waitUntil(lambda: bool(asked), timeout=5000)
    settle(qtbot, window)
    return asked


def ended(qtbot: QtBot, window: Window) -> None:
    """Wait for the result page."""
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=10_000)


def test_a_stick_is_written_after_one_question_that_names_it(
    qtbot: QtBot,
    open_window: Open,
    bench: Bench,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    choose(qtbot, window, "/dev/sdb")
    settle(qtbot, window)
    assert "BACKUP (exfat, 61.5 GB)" in texts(window.stack)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(image), ""))
    click(qtbot, button(window, "Write USB stick…"))
    settle(qtbot, window)
    qtbot.waitUntil(lambda: "Computers with BIOS and with UEFI start" in texts(window.stack))
    said = texts(window.stack)
    assert "All that is on the stick will be lost: BACKUP" in said
    # The password is explained before anybody asks for it.
    assert "administrator's password" in said
    ((question, default),) = begin(qtbot, window)
    assert "SanDisk Ultra Fit" in question
    assert "61.5 GB" in question
    assert default == "Cancel"
    ended(qtbot, window)
    (work,) = bench.targets.begun
    assert [plan.stick.node for plan in work.plans] == ["/dev/sdb"]
    said = texts(window.stack)
    assert "Complete" in said
    assert "read back and compared" in said
    assert "will be lost" not in said
    click(qtbot, button(window, "Write another"))
    settle(qtbot, window)
    assert "an image.iso" in texts(window.stack)


def test_cancel_is_the_answer_of_who_presses_enter(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    set_up(qtbot, window, image)
    begin(qtbot, window, "Cancel")
    assert bench.targets.begun == []
    assert button(window, "Write…").isEnabled()


def test_no_password_is_announced_where_none_is_needed(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    set_up(qtbot, window, image, "/dev/sdc")
    assert "password" not in texts(window.stack)


def test_an_image_dropped_on_a_stick_is_set_up_for_it(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    choose(qtbot, window, "/dev/sdc")
    assert drop(window, image)
    settle(qtbot, window)
    boxes = window.page.task.view.ticks.boxes
    assert not boxes["/dev/sdb"].isChecked()
    assert boxes["/dev/sdc"].isChecked()


def test_several_sticks_have_a_line_each_and_a_verdict_each(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    held = bench.targets.doing = HeldWriting()
    window = open_window()
    set_up(qtbot, window, image, "/dev/sdb", "/dev/sdc")
    ((question, _default),) = begin(qtbot, window)
    assert "2 sticks" in question
    qtbot.waitUntil(held.began.is_set)
    view = window.page.currentWidget()
    qtbot.waitUntil(lambda: view.lines["/dev/sdc"].bar.value() > 500)
    assert "1.95 GB of 3.89 GB" in view.lines["/dev/sdb"].status.full_text
    # The other stick's page doesn't offer to write it meanwhile.
    choose(qtbot, window, "/dev/sdc")
    qtbot.waitUntil(lambda: "In use" in texts(window.stack))
    click(qtbot, button(window, "Show the job"))
    bench.targets.doing = held
    held.go.set()
    ended(qtbot, window)
    assert "Complete · SanDisk Ultra Fit (/dev/sdc)" in texts(window.stack)
    choose(qtbot, window, "/dev/sdc")
    settle(qtbot, window)
    assert button(window, "Write USB stick…").isEnabled()


def test_a_stick_that_does_not_answer_is_told_on_the_page_and_below(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    stalled, went_on, go = threading.Event(), threading.Event(), threading.Event()
    text = "Ultra Fit has not answered for 30 s."

    def doing(kind, nodes, each, listener, cancel):
        writing = Progress(Phase.WRITING, 1_900_000_000, 3_891_200_000)
        for progress, so in ((replace(writing, stall=text), stalled), (writing, went_on)):
            each(nodes[0], progress)
            listener.progress(progress)
            so.wait(20)
        go.wait(20)
        return well(kind, nodes, each, listener, cancel)

    bench.targets.doing = doing
    window = open_window()
    set_up(qtbot, window, image)
    begin(qtbot, window)
    qtbot.waitUntil(lambda: text in window.page.currentWidget().stall.text)
    qtbot.waitUntil(lambda: text in texts(window.panel))
    stalled.set()
    qtbot.waitUntil(lambda: not window.page.currentWidget().stall.text)
    qtbot.waitUntil(lambda: text not in texts(window.panel))
    went_on.set()
    go.set()
    ended(qtbot, window)


def failing(kind, nodes, _each, _listener, _cancel):
    """Fail on the second stick."""
    bad = WriteReport(
        State.FAILED, "It did not give back what was written.", "Use another stick.",
        target=nodes[1], name="Cruzer Blade", differing=(ByteRange(1_048_576, 4096),),
        suspect_capacity=True, touched=True, warnings=("It seems to hold less than it says.",),
    )  # fmt: skip
    return joined([good(kind, nodes[0]), bad])


def test_a_stick_that_fails_says_where_beside_one_that_went_well(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.targets.doing = failing
    window = open_window()
    set_up(qtbot, window, image, "/dev/sdb", "/dev/sdc")
    begin(qtbot, window)
    ended(qtbot, window)
    said = texts(window.stack)
    for part in (
        "1 of 2 complete",
        "Complete · SanDisk Ultra Fit",
        "Failed · Cruzer Blade (/dev/sdc)",
        "Use another stick.",
        "It seems to hold less than it says.",
        "Bytes that came back with other content",
    ):
        assert part in said
    (listing,) = window.page.result.outcome.parts[1].lists
    assert listing.lines == ("1\u202f048\u202f576 to 1\u202f052\u202f671 (4.10 kB)",)


def test_an_image_for_discs_is_written_only_if_the_user_insists(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.targets.materials[str(image)] = Material(
        source(image, boot=ON_DISCS_ONLY, table=Table.NONE)
    )
    window = open_window()
    set_up(qtbot, window, image)
    view = window.page.task.view
    assert "it has no partition table" in view.message.text
    assert "--anyway" not in view.message.text
    assert not button(window, "Write…").isEnabled()
    view.consent.box.setChecked(True)
    assert button(window, "Write…").isEnabled()
    assert "No PC will start from this stick." in view.message.text
    view.consent.box.setChecked(False)
    assert not button(window, "Write…").isEnabled()


def test_a_stick_that_may_be_a_backup_disk_needs_a_second_yes(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.targets.sticks["/dev/sdb"] = facts(identity=facts().identity.__class__(10**12, 7, "4C53"))
    window = open_window()
    set_up(qtbot, window, image)
    view = window.page.task.view
    assert "unusually large" in view.message.text
    assert "--large" not in view.message.text
    view.consent.box.setChecked(True)
    assert button(window, "Write…").isEnabled()


def test_a_yes_to_one_large_stick_is_none_to_another(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    identity = facts().identity.__class__
    bench.targets.sticks["/dev/sdb"] = facts(identity=identity(10**12, 7, "4C53"))
    bench.targets.sticks["/dev/sdc"] = facts(
        "/dev/sdc", model="Cruzer Blade", identity=identity(10**12, 8, "4C54")
    )
    window = open_window()
    set_up(qtbot, window, image, "/dev/sdb", "/dev/sdc")
    view = window.page.task.view
    assert "Ultra Fit" in view.message.text
    view.consent.box.setChecked(True)
    assert "Cruzer Blade" in view.message.text
    assert not view.consent.box.isChecked()
    assert not button(window, "Write…").isEnabled()
    view.consent.box.setChecked(True)
    assert button(window, "Write…").isEnabled()


def test_a_checksum_is_understood_or_refused_as_it_is_typed(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    set_up(qtbot, window, image)
    options, view = window.page.task.options, window.page.task.view
    options.unfold.setChecked(True)
    options.expect.setText("nonsense")
    assert "is not a checksum" in view.message.text
    assert not view.go.isEnabled()
    options.expect.setText("sha256:" + "ab" * 32)
    assert view.go.isEnabled()
    begin(qtbot, window)
    ended(qtbot, window)
    (expected,) = bench.targets.begun[0].plans[0].expected
    assert expected.digest == "ab" * 32


def test_a_packed_image_is_opened_and_offers_sticks_only(
    qtbot: QtBot, open_window: Open, bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "raspios.img.xz"
    path.write_bytes(b"x")
    bench.discs[str(path)] = SourceError("It is compressed.", remedy="Unpack it.")
    packed = source(path, method="xz", size=None, boot=None)
    bench.targets.packed[str(path)] = packed
    bench.targets.materials[str(path)] = Material(packed)
    window = open_window()
    window.open_paths([str(path)])
    settle(qtbot, window)
    said = texts(window.stack)
    assert "Packed image" in said
    assert "Rip disc to ISO" not in said
    assert not button(window, "Write USB stick…").isEnabled()
    bench.plug(stick())
    qtbot.waitUntil(button(window, "Write USB stick…").isEnabled)
    click(qtbot, button(window, "Write USB stick…"))
    settle(qtbot, window)
    qtbot.waitUntil(lambda: "unpacked on the way (xz)" in texts(window.stack))
    assert "known only when it is unpacked" in window.page.task.view.message.text


def test_an_image_that_cannot_be_read_says_why(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    bench.targets.materials[str(image)] = SourceError("It is cut off.", remedy="Get it again.")
    window = open_window()
    set_up(qtbot, window, image)
    assert window.page.task.view.message.text == "It is cut off. Get it again."
    assert not button(window, "Write…").isEnabled()


def test_a_stick_that_is_pulled_out_goes_from_the_choice(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    window.open_paths([str(image)])
    settle(qtbot, window)
    click(qtbot, button(window, "Write USB stick…"))
    settle(qtbot, window)
    assert set(window.page.task.view.ticks.boxes) == {"/dev/sdb", "/dev/sdc"}
    bench.plug(BLADE)
    qtbot.waitUntil(lambda: "Ultra Fit" not in texts(window.page))
    settle(qtbot, window)
    assert window.page.task.view.ticks.chosen == ("/dev/sdc",)


def test_a_write_protected_stick_has_no_button_to_press(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (stick(read_only=True),)
    window = open_window()
    choose(qtbot, window, "/dev/sdb")
    assert not button(window, "Write USB stick…").isEnabled()
    assert "write-protected" in texts(window.stack)


@pytest.mark.parametrize("answered", ["Cancel", "Erase"])
def test_a_stick_is_given_back_after_one_question(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path, answered: str
) -> None:
    window = open_window()
    choose(qtbot, window, "/dev/sdb")
    settle(qtbot, window)
    asked = answer(answered)
    click(qtbot, button(window, "Erase stick…"))
    settle(qtbot, window)
    ((question, default),) = asked
    assert "SanDisk Ultra Fit" in question
    assert default == "Cancel"
    assert len(bench.targets.begun) == (answered == "Erase")
    if answered == "Erase":
        ended(qtbot, window)
        click(qtbot, button(window, "Back"))
        settle(qtbot, window)
        assert button(window, "Write USB stick…").isEnabled()


def test_quitting_during_a_write_says_what_becomes_of_the_stick(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    held = bench.targets.doing = HeldWriting()
    window = open_window()
    set_up(qtbot, window, image)
    begin(qtbot, window)
    qtbot.waitUntil(held.began.is_set)
    said: list[str] = []
    asked = answer("Keep running", lambda box: said.append(box.informativeText()))
    window.close()
    assert asked
    assert "can't be used before it is written anew" in said[0]
    assert window.isVisible()
    held.go.set()
    ended(qtbot, window)


def test_a_disc_goes_straight_to_a_stick(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(), stick())
    window = open_window()
    click(qtbot, button(window, "Write USB stick…"))
    settle(qtbot, window)
    assert "UBUNTU 24.04" in texts(window.stack)
    begin(qtbot, window)
    ended(qtbot, window)
    (work,) = bench.targets.begun
    assert work.kind == "copy"
    assert work.devices == {"/dev/sr0", "/dev/sdb"}


def test_what_has_come_onto_a_stick_meanwhile_is_told_before_anything_is_asked(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    window = open_window()
    set_up(qtbot, window, image)
    bench.targets.sticks["/dev/sdb"] = facts(contents=("THESIS (ext4, 61.5 GB)",))
    asked = answer("Overwrite")
    click(qtbot, button(window, "Write…"))
    settle(qtbot, window)
    assert asked == []
    assert bench.targets.begun == []
    assert "THESIS" in window.page.task.view.message.text
    click(qtbot, button(window, "Write…"))
    qtbot.waitUntil(lambda: bool(asked))
    ended(qtbot, window)


def windows(path: Path) -> InstallerSource:
    """Give what is in an installer of Windows."""
    files = ("bootmgr", "bootmgr.efi", "efi/boot/bootx64.efi", "sources/install.wim")
    return InstallerSource(
        str(path),
        Contents(
            FileSystem.UDF,
            tuple(
                DiscFile(tuple(name.split("/")), 1_000_000, (Run((n + 1) << 20, 1_000_000),))
                for n, name in enumerate(files)
            ),
            (("efi",), ("efi", "boot"), ("sources",)),
        ),
        "CCCOMA_X64FRE",
    )


@pytest.mark.parametrize("listed", [True, False])
def test_an_installer_of_windows_is_copied_file_by_file_or_refused_with_the_reason(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path, listed: bool
) -> None:
    boot = BootReport(el_torito=(BootEntry("BIOS", True, 100, 4),), windows_installer=True)
    bench.targets.materials[str(image)] = Material(
        source(image, boot=boot, table=Table.NONE), windows(image) if listed else None
    )
    window = open_window()
    set_up(qtbot, window, image)
    view = window.page.task.view
    assert view.go.isEnabled() is listed
    if not listed:
        assert "Windows installer" in view.message.text
        assert view.consent.isHidden()
        return
    qtbot.waitUntil(lambda: "files are copied, read back and compared" in texts(window.stack))
    assert "Computers with UEFI (x64) start from this stick." in view.message.text
    assert "password" not in texts(window.stack)
    begin(qtbot, window)
    ended(qtbot, window)
    (work,) = bench.targets.begun
    assert isinstance(work, InstallerWork)


def test_a_checksum_that_no_copying_of_files_could_meet_is_refused(
    qtbot: QtBot, open_window: Open, bench: Bench, image: Path
) -> None:
    boot = BootReport(el_torito=(BootEntry("BIOS", True, 100, 4),), windows_installer=True)
    bench.targets.materials[str(image)] = Material(
        source(image, boot=boot, table=Table.NONE), windows(image)
    )
    window = open_window()
    set_up(qtbot, window, image)
    options, view = window.page.task.options, window.page.task.view
    options.unfold.setChecked(True)
    options.expect.setText("sha256:" + "ab" * 32)
    assert "no checksum of the image is met" in view.message.text
    assert not view.go.isEnabled()
