# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a job: in memory within bounds, on disk while it grows, safe to show."""

import re
from pathlib import Path

import pytest

from discwright.jobs import log as log_module
from discwright.jobs.log import KEPT, JobLog, versions


def test_lines_carry_the_time() -> None:
    log = JobLog()
    log.write("READ(10) failed")
    (line,) = log.lines
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d  READ\(10\) failed", line
    )


def test_the_copy_is_on_disk_before_the_job_ends(tmp_path: Path) -> None:
    log = JobLog()
    log.write("before")
    log.open(tmp_path / "logs", "rip")
    log.write("while it runs")
    assert log.path.read_text(encoding="utf-8").splitlines() == list(log.lines)
    log.close()
    log.write("after")
    assert "after" not in log.path.read_text(encoding="utf-8")


def test_saving_writes_all_lines(tmp_path: Path) -> None:
    log = JobLog()
    log.write("é\nsecond")
    log.save(tmp_path / "saved.log")
    assert (tmp_path / "saved.log").read_text(encoding="utf-8").splitlines() == list(log.lines)
    assert len(log.lines) == 2


def test_text_from_discs_cannot_forge_lines_or_drive_the_terminal() -> None:
    log = JobLog()
    log.write("label \x1b[31m\u202egnp.exe \udcff")
    assert log.lines[0].endswith("label \ufffd[31m\ufffdgnp.exe \ufffd")


def test_tracebacks_keep_their_indentation() -> None:
    log = JobLog()
    log.write('Traceback:\n  File "x"\n    y()')
    assert [line.split("  ", 1)[1] for line in log.lines] == ["Traceback:", '  File "x"', "    y()"]


def test_a_long_log_keeps_its_beginning_and_its_end_in_memory_and_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "HEAD", 3)
    monkeypatch.setattr(log_module, "TAIL", 4)
    log = JobLog()
    log.open(tmp_path, "rip")
    for n in range(20):
        log.write(f"line {n}")
    log.close()
    shown = [line.rpartition("line ")[2] for line in log.lines]
    assert shown[:3] + shown[4:] == ["0", "1", "2", "16", "17", "18", "19"]
    assert "13" in log.lines[3]
    assert log.path.read_text(encoding="utf-8").splitlines() == list(log.lines)


def test_only_the_last_logs_are_kept(tmp_path: Path) -> None:
    for n in range(KEPT + 4):
        (tmp_path / f"20200101-0000{n:02}-rip-1.log").write_text("old")
    (tmp_path / "notes.txt").write_text("not ours")
    log = JobLog()
    log.open(tmp_path, "rip")
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == KEPT + 1
    assert log.path.name in names
    assert "notes.txt" in names
    assert "20200101-000004-rip-1.log" not in names
    assert "20200101-000005-rip-1.log" in names


def test_jobs_that_start_in_the_same_second_have_logs_of_their_own(tmp_path: Path) -> None:
    logs = [JobLog() for _ in range(3)]
    for log in logs:
        log.open(tmp_path, "rip")
        log.close()
    assert len({log.path for log in logs}) == 3


def test_a_log_without_a_folder_still_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = JobLog()
    log.open(tmp_path / "file" / "logs", "rip")
    log.write("line")
    log.close()
    assert log.path is None
    assert len(log.lines) == 1


def test_the_versions_name_what_the_program_stands_on() -> None:
    text = "\n".join(versions())
    assert re.search(r"Discwright \d", text)
    assert re.search(r"libcdio \d", text)
    assert re.search(r"Python 3\.\d", text)
    assert re.search(r"Linux \d", text)
