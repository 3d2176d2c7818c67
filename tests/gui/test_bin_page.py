# SPDX-License-Identifier: GPL-3.0-or-later
"""CDs that no ISO can hold: one click copies them to BIN/CUE; losses are told by track."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from discwright.gui.pages.result import ResultView
from discwright.optical.profile import Profile
from discwright.rip.bin_findings import Kind, Loss
from discwright.rip.plan import ImageFormat
from discwright.rip.report import RipReport
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State

from .conftest import Open, button, click, settle, texts
from .fakes import Bench, Held, audio_cd, disc, drive

CD = drive(label="", kind="CD-ROM", audio_tracks=12)


def data_cd():
    return disc(label="OLD_FILES", sectors=300_000, profile=Profile.CD_ROM, speeds_kb=())


def result_in(window) -> bool:
    return isinstance(window.page.currentWidget(), ResultView)


def test_an_audio_cd_is_copied_with_one_click(
    qtbot: QtBot, open_window: Open, bench: Bench, own_home: Path
) -> None:
    bench.devices, bench.discs = (CD,), {"/dev/sr0": audio_cd()}
    bench.script = Held()
    window = open_window()
    settle(qtbot, window)
    page = window.page.disc
    assert "an ISO image can't hold music" in page.message.text
    assert "BIN/CUE" in page.message.text
    assert "564 MB" in page.target.room.text()  # whole sectors, not their 2048 bytes
    assert "564 MB (240" in texts(window.stack)
    assert not page.options.image.isVisibleTo(page)
    click(qtbot, button(window, "Rip disc to BIN/CUE"))
    qtbot.waitUntil(bench.script.began.is_set)
    (plan,) = bench.plans
    assert plan.options.format is ImageFormat.BIN
    assert plan.target == own_home / "Documents" / "audio-cd.bin"
    assert plan.sheet == own_home / "Documents" / "audio-cd.cue"


def test_a_data_cd_is_copied_to_bin_if_that_is_chosen(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices, bench.discs = (drive(kind="CD-ROM"),), {"/dev/sr0": data_cd()}
    window = open_window()
    settle(qtbot, window)
    page = window.page.disc
    assert page.rip.text().replace("&", "") == "Rip disc to ISO"
    click(qtbot, page.options.unfold)
    page.options.image.setCurrentIndex(1)
    assert page.rip.text().replace("&", "") == "Rip disc to BIN/CUE"
    assert page.target.name.text() == "OLD_FILES.bin"
    assert "BIN/CUE" in page.options.unfold.accessibleDescription()
    page.options.image.setCurrentIndex(0)
    assert page.target.name.text() == "OLD_FILES.iso"
    page.target.name.setText("mine.cue")  # a name says it as well
    assert page.rip.text().replace("&", "") == "Rip disc to BIN/CUE"
    settle(qtbot, window)
    window.rip()
    qtbot.waitUntil(lambda: result_in(window))
    assert bench.plans[0].target.name == "mine.bin"


def test_a_dvd_offers_no_bin(open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window()
    page = window.page.disc
    assert page.options.image.count() == 1
    page.target.name.setText("film.bin")
    assert page.rip.text().replace("&", "") == "Rip disc to ISO"


def test_an_existing_sheet_is_replaced_only_after_a_question(
    qtbot: QtBot, open_window: Open, bench: Bench, own_home: Path
) -> None:
    from .test_disc_page import answer  # noqa: PLC0415 - its questions

    bench.devices, bench.discs = (CD,), {"/dev/sr0": audio_cd()}
    (own_home / "Documents" / "audio-cd.cue").write_text("precious")
    window = open_window()
    settle(qtbot, window)
    asked = answer("Cancel")
    click(qtbot, button(window, "Rip disc to BIN/CUE"))
    qtbot.waitUntil(lambda: bool(asked))
    assert bench.plans == []
    asked = answer("Replace")
    click(qtbot, button(window, "Rip disc to BIN/CUE"))
    qtbot.waitUntil(lambda: len(bench.plans) == 1)
    assert bench.plans[0].options.overwrite


@pytest.mark.parametrize("kind", list(Kind))
def test_losses_are_listed_by_track_and_time(
    qtbot: QtBot, open_window: Open, bench: Bench, kind: Kind
) -> None:
    bench.devices, bench.discs = (CD,), {"/dev/sr0": audio_cd()}

    def lossy(plan, _listener, _cancel):
        return RipReport(
            State.COMPLETE_WITH_ERRORS, "Not without loss.", "Clean it.", target=plan.target,
            sheet=plan.sheet, bytes=9, bad_sectors=(Extent(20_075, 2),),
            losses=(Loss(kind, 2, "00:01:00", Extent(20_075, 2)),),
        )  # fmt: skip

    bench.script = lossy
    window = open_window()
    settle(qtbot, window)
    window.rip()
    qtbot.waitUntil(lambda: result_in(window))
    result = window.page.result
    lists = [view.toPlainText() for view in result.findChildren(QPlainTextEdit)]
    assert any("Track 2, 00:01:00 (LBA 20075–20076)" in one for one in lists)
    assert "could not be read" not in texts(result)  # not said of what was read, but wrong
    assert "No file is known" not in texts(result)
    assert not result.more.isVisibleTo(result)  # it can't be gone on with


def test_what_an_image_file_holds_is_no_matter_of_bin(open_window: Open, bench: Bench) -> None:
    bench.devices = (CD,)
    bench.discs = {"/dev/sr0": replace(audio_cd(), virtual=True)}
    page = open_window().page.disc
    assert not page.rip.isVisibleTo(page)
    assert "BIN/CUE" not in page.message.text
