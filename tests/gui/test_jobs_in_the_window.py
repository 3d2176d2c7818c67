# SPDX-License-Identifier: GPL-3.0-or-later
"""Running jobs, their ends, and closing the window on them."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from discwright.gui.bridge import Running
from discwright.gui.sector_cells import Cell
from discwright.gui.window import Window
from discwright.jobs.history import Entry as PastJob
from discwright.rip.plan import RipPlan
from discwright.rip.report import RipReport
from discwright.transfer.cancel import CancelToken
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from discwright.transfer.progress import Listener, Mark, Phase, Progress

from .conftest import Open, button, choose, click, settle, texts
from .fakes import Bench, Held, complete, drive
from .test_disc_page import answer


def start(qtbot: QtBot, window: Window) -> Running:
    """Press Rip and give the job."""
    before = len(window.bridge.running)
    click(qtbot, button(window, "Rip disc to ISO"))
    qtbot.waitUntil(lambda: len(window.bridge.running) == before + 1)
    return list(window.bridge.running.values())[-1]


def finish(qtbot: QtBot, running: Running) -> None:
    """Wait for the end."""
    qtbot.waitUntil(lambda: running.done, timeout=10_000)


def test_a_running_job_shows_phase_rate_remaining_time_map_and_curve(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.script = Held()
    window = open_window()
    running = start(qtbot, window)
    qtbot.waitUntil(lambda: running.progress is not None)
    row = window.panel.rows[running.job.id]
    qtbot.waitUntil(lambda: "Reading the disc" in row.status.full_text)
    for part in ("2.35 GB of 4.70 GB", "11.2 MB/s", "3 min 32 s left"):
        assert part in row.status.full_text
    assert row.bar.value() == 500
    shown = window.page.currentWidget()
    places = shown.map.cells.shown_in(200)
    assert places[:99] == [Cell.READ] * 99
    assert places[101:] == [Cell.TO_DO] * 99
    assert "50 %" in shown.map.accessibleDescription()
    assert "11.2 MB/s" in shown.curve.accessibleDescription()
    assert (
        window.sidebar.model()
        .index(1, 0)
        .data(Qt.ItemDataRole.AccessibleTextRole)
        .endswith("Ripping 50 %")
    )


def test_cancel_asks_nothing_and_the_job_ends_cancelled(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.script = Held()
    window = open_window()
    running = start(qtbot, window)
    qtbot.waitUntil(bench.script.began.is_set)
    click(qtbot, button(window, "Cancel"))
    finish(qtbot, running)
    assert running.report.state is State.CANCELLED
    qtbot.waitUntil(lambda: "Cancelled" in texts(window.stack))
    click(qtbot, button(window, "Try again"))
    settle(qtbot, window)
    assert button(window, "Rip disc to ISO").isVisible()


REPORTS = {
    State.COMPLETE: (
        RipReport(
            State.COMPLETE, "The disc was copied completely.", target=Path("/x/a.iso"),
            bytes=4_700_372_992, digests={"sha256": "ab" * 32, "md5": "cd" * 16}, duration_s=300,
        ),
        ["Complete", "SHA-256", "MD5", "4.70 GB", "5 min 00 s", "/x/a.iso"],
    ),
    State.COMPLETE_WITH_ERRORS: (
        RipReport(
            State.COMPLETE_WITH_ERRORS, "36 sectors could not be read.", "Clean the disc.",
            target=Path("/x/a.iso"), digests={"sha256": "ab" * 32},
            bad_sectors=(Extent(100, 32), Extent(500, 4)), files_affected=("/boot/vmlinuz",),
            recovered_sectors=7,
        ),
        ["Complete with 36 bad sectors", "Clean the disc.", "7 sectors needed retries",
         "1 file lies on them"],
    ),
    State.FAILED: (
        RipReport(State.FAILED, "The drive was unplugged.", "Plug it in.", "ENODEV (19)"),
        ["Failed", "The drive was unplugged.", "Plug it in.", "Show details"],
    ),
    State.CANCELLED: (
        RipReport(State.CANCELLED, "The copy was cancelled. Nothing was kept."),
        ["Cancelled", "Nothing was kept."],
    ),
    State.REFUSED: (
        RipReport(State.REFUSED, "Another Discwright is at work on /dev/sr0.", refusal="busy"),
        ["Refused", "Another Discwright is at work"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", list(State))
def test_the_result_page_says_the_state_in_one_word_and_what_follows(
    qtbot: QtBot, open_window: Open, bench: Bench, state: State
) -> None:
    report, parts = REPORTS[state]
    bench.devices = (drive(),)
    bench.script = lambda _plan, _listener, _cancel: report
    window = open_window()
    finish(qtbot, start(qtbot, window))
    qtbot.waitUntil(lambda: window.page.result is not None)
    said = texts(window.stack)
    for part in parts:
        assert part in said
    assert window.page.result.header.headline.full_text == parts[0]
    assert window.page.result.folder.isVisible() is (report.target is not None)
    lists = "\n".join(view.toPlainText() for view in window.stack.findChildren(QPlainTextEdit))
    if state is State.COMPLETE_WITH_ERRORS:
        assert "100–131" in lists
        assert "/boot/vmlinuz" in lists
    assert window.panel.rows == {}


def test_copy_puts_the_checksum_on_the_clipboard(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    finish(qtbot, start(qtbot, window))
    qtbot.waitUntil(lambda: window.page.result is not None)
    click(qtbot, button(window, "Copy"))
    assert QApplication.clipboard().text() == "ab" * 32
    assert button(window, "Copied").isVisible()


def test_the_log_can_be_read_and_saved(
    qtbot: QtBot, open_window: Open, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def logs(plan: RipPlan, listener: Listener, cancel: CancelToken) -> RipReport:
        listener.log("MEDIUM ERROR, unrecovered read error (3/11/00)")
        return complete(plan, listener, cancel)

    bench.devices, bench.script = (drive(),), logs
    window = open_window()
    finish(qtbot, start(qtbot, window))
    qtbot.waitUntil(lambda: window.page.result is not None)
    click(qtbot, button(window, "Show log"))
    dialog = QApplication.activeModalWidget() or QApplication.topLevelWidgets()[-1]
    assert "(3/11/00)" in dialog.findChild(QPlainTextEdit).toPlainText()
    saved = tmp_path / "saved.log"
    monkeypatch.setattr(
        "PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_rest: (str(saved), "")
    )
    click(qtbot, button(dialog, "Save log…"))
    assert "(3/11/00)" in saved.read_text()
    dialog.close()


def test_two_drives_rip_side_by_side_and_the_row_of_the_other_leads_to_its_end(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive("/dev/sr0", label="ONE"), drive("/dev/sr1", label="TWO"))
    scripts = {"/dev/sr0": Held(), "/dev/sr1": Held()}
    bench.script = lambda plan, listener, cancel: scripts[plan.disc.source](plan, listener, cancel)
    window = open_window()
    first = start(qtbot, window)
    choose(qtbot, window, "/dev/sr1")
    settle(qtbot, window)
    window.page.disc.target.name.setText("two.iso")
    second = start(qtbot, window)
    for script in scripts.values():
        qtbot.waitUntil(script.began.is_set)
    assert len(window.panel.rows) == 2
    scripts["/dev/sr0"].go.set()
    finish(qtbot, first)
    assert not second.done
    row = window.panel.rows[first.job.id]
    qtbot.waitUntil(lambda: row.status.full_text.startswith("Complete"))
    click(qtbot, row.show_button)
    assert window.sidebar.key == "/dev/sr0"
    assert "Checksums" in texts(window.stack)
    assert list(window.panel.rows) == [second.job.id]


def test_closing_with_a_job_running_asks_and_by_default_keeps_it_running(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.script = Held()
    window = open_window()
    running = start(qtbot, window)
    qtbot.waitUntil(bench.script.began.is_set)
    asked = answer("Keep running")
    window.close()
    assert asked == [("A job is still running.", "Keep running")]
    assert window.isVisible()
    assert not running.cancelling


def test_closing_with_a_job_running_cancels_it_if_the_user_says_so(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.script = Held()
    window = open_window()
    running = start(qtbot, window)
    qtbot.waitUntil(bench.script.began.is_set)
    answer("Cancel and quit")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert running.report.state is State.CANCELLED
    assert bench.watch.stopped


def test_closing_without_a_job_asks_nothing(open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.close()
    assert not window.isVisible()


def test_a_flood_of_events_is_shown_at_most_twenty_times_a_second(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    flooded = threading.Event()

    def flood(plan: RipPlan, listener: Listener, cancel: CancelToken) -> RipReport:
        for lba in range(0, 40_000, 2):
            listener.mark(lba, 1, Mark.READ)
            listener.mark(lba + 1, 1, Mark.SLOW)
            listener.progress(Progress(Phase.READING, lba * 2048, plan.size, 1e6, 9.0, lba))
        flooded.set()
        return complete(plan, listener, cancel)

    bench.devices, bench.script = (drive(),), flood
    window = open_window()
    shown: list[object] = []
    window.bridge.changed.connect(shown.append)
    running = start(qtbot, window)
    began = running.job
    with qtbot.waitSignal(window.bridge.finished, timeout=20_000):
        pass
    assert flooded.is_set()
    assert began.report is running.report
    assert running.cells.total(Cell.SLOW) == 20_000
    # All events are taken in; how often they are shown depends on time alone.
    assert 1 <= len(shown) < 400


def test_the_history_shows_the_last_jobs_and_how_they_ended(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    bench.past = (
        PastJob("rip", "Rip “B” to b.iso", "failed", "The drive was unplugged."),
        PastJob(
            "rip", "Rip “A” to a.iso", "complete", "The disc was copied.", "/x/a.iso",
            {"sha256": "ef" * 32}, "2026-11-20T10:11:12+01:00",
        ),
    )  # fmt: skip
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "2 jobs" in texts(window.stack))
    said = texts(window.stack)
    for part in ("Rip “B” to b.iso", "Failed", "2026-11-20 10:11 · Complete"):
        assert part in said
    shows = [b for b in window.stack.findChildren(type(window.stack.welcome.open_button))
             if b.isVisible() and b.text() == "Show"]  # fmt: skip
    click(qtbot, shows[1])
    assert "SHA-256" in texts(window.stack)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "2 jobs" in texts(window.stack))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "ISO 9660" in texts(window.stack))


def test_the_queue_s_own_history_is_shown(qtbot: QtBot, open_window: Open, bench: Bench) -> None:
    bench.devices = (drive(),)
    window = open_window(replace(bench.ports(), past_jobs=None))
    running = start(qtbot, window)
    finish(qtbot, running)
    assert running.job.wait(5)
    window.show_history()
    qtbot.waitUntil(lambda: "1 job" in texts(window.stack))
    assert "Rip “UBUNTU 24.04” to UBUNTU_24.04.iso" in texts(window.stack)
