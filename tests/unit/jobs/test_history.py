# SPDX-License-Identifier: GPL-3.0-or-later
"""The last jobs are remembered, whatever happens to the file."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from discwright.jobs.history import KEPT, Entry, History
from discwright.rip.report import RipReport
from discwright.transfer.outcome import State


def entry(title: str) -> Entry:
    return Entry("rip", title, "complete", "Done.")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "state" / "history.jsonl")


def test_nothing_is_remembered_at_first(history: History) -> None:
    assert history.entries() == ()


def test_the_newest_job_comes_first(history: History) -> None:
    for title in ("a", "b", "c"):
        history.add(entry(title))
    assert [found.title for found in history.entries()] == ["c", "b", "a"]


def test_only_the_last_jobs_are_kept(history: History) -> None:
    for n in range(KEPT + 7):
        history.add(entry(str(n)))
    titles = [found.title for found in history.entries()]
    assert titles == [str(n) for n in range(KEPT + 6, 6, -1)]
    assert len(history.path.read_text().splitlines()) == KEPT


def test_a_rip_is_remembered_with_target_digests_and_time(history: History) -> None:
    report = RipReport(
        State.COMPLETE_WITH_ERRORS, "Lost 3.", target=Path("/x/ü\udcff.iso"), digests={"md5": "00"}
    )
    history.add(Entry.of("rip", "Rip “X”", report, Path("/state/logs/1.log")))
    (found,) = history.entries()
    assert found.state == "complete-with-errors"
    assert found.target == "/x/ü\udcff.iso"
    assert found.digests == {"md5": "00"}
    assert found.time[4] == "-"
    assert found.time[19] in "+-"
    assert found.log == "/state/logs/1.log"


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b'{"kind": "rip"}',
        b'{"kind": 1, "title": "t", "state": "s", "message": "m"}', b"[" * 100000,
    ],
    ids=["empty", "cut", "list", "null", "text", "bytes", "few", "types", "deep"],
)  # fmt: skip
def test_a_corrupt_line_is_skipped_and_gone_after_the_next_job(
    line: bytes, history: History
) -> None:
    history.add(entry("a"))
    with history.path.open("ab") as file:
        file.write(line + b"\n")
    assert [found.title for found in history.entries()] == ["a"]
    history.add(entry("b"))
    assert [found.title for found in history.entries()] == ["b", "a"]
    assert len(history.path.read_bytes().splitlines()) == 2


def test_a_line_with_strange_parts_keeps_the_rest(history: History) -> None:
    history.path.parent.mkdir()
    history.path.write_text(
        '{"kind":"rip","title":"t","state":"s","message":"m","digests":{"md5":1},"target":[]}\n'
    )
    assert history.entries() == (Entry("rip", "t", "s", "m"),)


def test_a_failed_write_keeps_the_old_file(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.add(entry("a"))

    def full(*_names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        history.add(entry("b"))
    assert [found.title for found in history.entries()] == ["a"]
    assert {path.name for path in history.path.parent.iterdir()} == {
        "history.jsonl", ".history.jsonl.lock",
    }  # fmt: skip


def test_processes_that_finish_together_lose_no_job(history: History) -> None:
    add = """
import sys
from pathlib import Path
from discwright.jobs.history import Entry, History
for n in range(5):
    History(Path(sys.argv[1])).add(Entry("rip", sys.argv[2] + str(n), "complete", "Done."))
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", add, history.path, name]) for name in "abcd"
    ]
    assert [process.wait(30) for process in processes] == [0] * 4
    assert {found.title for found in history.entries()} == {
        f"{name}{n}" for name in "abcd" for n in range(5)
    }


def test_only_one_at_a_time_changes_the_file(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.add(entry("a"))
    inside = threading.Semaphore(1)
    clashes: list[int] = []
    read = History.entries

    def entries(self: History) -> tuple[Entry, ...]:
        if not inside.acquire(blocking=False):
            clashes.append(1)
            return read(self)
        threading.Event().wait(0.02)
        found = read(self)
        inside.release()
        return found

    monkeypatch.setattr(History, "entries", entries)
    threads = [threading.Thread(target=history.add, args=(entry(str(n)),)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
    assert len(read(history)) == 6


def test_forgetting_forgets_all(history: History) -> None:
    history.add(entry("a"))
    history.clear()
    history.clear()
    assert history.entries() == ()
