# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user of a queue may rely on."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest

from discwright.errors import SourceError
from discwright.jobs import Job, JobLogged, JobMarked, JobProgressed, JobQueue, JobReport, Status
from discwright.transfer.outcome import State
from discwright.transfer.progress import Mark, Phase, Progress

from .fakes import DEADLINE, Ear, FakeWork, eventually


def finished(job: Job) -> Job:
    assert job.wait(DEADLINE), f"job {job.id} is still {job.status}"
    return job


def test_a_job_runs_and_its_report_is_there_when_it_is_done(queue: JobQueue) -> None:
    work = FakeWork("/dev/sr0")
    job = queue.submit(work)
    assert work.started.wait(DEADLINE)
    assert (job.status, job.report) == (Status.RUNNING, None)
    assert queue.busy
    work.go.set()
    assert finished(job).status is Status.DONE
    assert job.report is work.report
    assert not queue.busy


def test_two_jobs_on_one_drive_run_one_after_the_other(queue: JobQueue) -> None:
    first, second = FakeWork("/dev/sr0", title="First"), FakeWork("/dev/sr0", title="Second")
    ear = Ear()
    queue.subscribe(ear)
    jobs = queue.submit(first), queue.submit(second)
    assert first.started.wait(DEADLINE)
    assert eventually(lambda: "First" in jobs[1].waiting_for)
    assert eventually(lambda: any(change.job is jobs[1] for change in ear.changes()))
    assert not second.started.is_set()
    first.go.set()
    assert second.started.wait(DEADLINE)
    assert jobs[0].status is Status.DONE
    assert jobs[1].waiting_for == ""
    second.go.set()
    finished(jobs[1])


def test_jobs_on_one_drive_keep_their_order(queue: JobQueue) -> None:
    order: list[int] = []
    blocker = FakeWork("/dev/sr0")
    queue.submit(blocker)
    jobs = [
        queue.submit(FakeWork("/dev/sr0", act=lambda *_a, n=n: order.append(n))) for n in range(5)
    ]
    blocker.go.set()
    for job in jobs:
        finished(job)
    assert order == [0, 1, 2, 3, 4]


def test_jobs_on_different_drives_run_side_by_side(queue: JobQueue) -> None:
    works = [FakeWork(f"/dev/sr{n}") for n in range(3)]
    jobs = [queue.submit(work) for work in works]
    assert all(work.started.wait(DEADLINE) for work in works)
    for work in works:
        work.go.set()
    assert all(finished(job).report.state is State.COMPLETE for job in jobs)


def test_a_job_that_needs_two_drives_waits_for_both(queue: JobQueue) -> None:
    one, two = FakeWork("/dev/sr0"), FakeWork("/dev/sr1")
    both = FakeWork("/dev/sr0", "/dev/sr1")
    queue.submit(one), queue.submit(two)
    job = queue.submit(both)
    one.go.set()
    assert two.started.wait(DEADLINE)
    assert not both.started.is_set()
    two.go.set()
    assert both.started.wait(DEADLINE)
    both.go.set()
    finished(job)


def test_a_waiting_job_can_be_cancelled_and_never_begins(queue: JobQueue) -> None:
    first, second = FakeWork("/dev/sr0"), FakeWork("/dev/sr0")
    queue.submit(first)
    assert first.started.wait(DEADLINE)
    job = queue.submit(second)
    job.cancel()
    assert finished(job).report.state is State.CANCELLED
    assert not second.started.is_set()
    first.go.set()


def test_a_running_job_that_is_cancelled_ends_as_cancelled(queue: JobQueue) -> None:
    work = FakeWork("/dev/sr0")
    job = queue.submit(work)
    assert work.started.wait(DEADLINE)
    job.cancel()
    assert finished(job).report.state is State.CANCELLED


def test_an_error_that_escapes_becomes_a_failed_report_and_its_traceback_is_in_the_log(
    queue: JobQueue,
) -> None:
    def act(*_a: object) -> None:
        raise ZeroDivisionError("seven")

    job = finished(queue.submit(FakeWork(act=act)))
    assert job.report.state is State.FAILED
    assert "Traceback" not in job.report.message + job.report.remedy + job.report.cause
    assert any("Traceback" in line for line in job.log.lines)
    assert any("ZeroDivisionError: seven" in line for line in job.log.lines)


def test_a_known_error_keeps_its_sentence_and_remedy(queue: JobQueue) -> None:
    def act(*_a: object) -> None:
        raise SourceError("The disc is gone.", remedy="Put it back.", cause="ENODEV")

    report = finished(queue.submit(FakeWork(act=act))).report
    assert (report.state, report.message) == (State.FAILED, "The disc is gone.")
    assert (report.remedy, report.cause) == ("Put it back.", "ENODEV")


def test_after_a_job_broke_the_next_one_on_the_drive_runs(queue: JobQueue) -> None:
    def act(*_a: object) -> None:
        raise MemoryError

    queue.submit(FakeWork("/dev/sr0", act=act))
    last = FakeWork("/dev/sr0", act=lambda *_a: None)
    assert finished(queue.submit(last)).report.state is State.COMPLETE


def test_subscribers_hear_progress_marks_and_log_lines_from_the_jobs_thread(
    queue: JobQueue,
) -> None:
    progress = Progress(Phase.READING, 5, 10)

    def act(listener: object, _cancel: object) -> None:
        listener.progress(progress)
        listener.mark(16, 4, Mark.BAD)
        listener.log("sense 3/11/00")

    ear = Ear()
    queue.subscribe(ear)
    job = finished(queue.submit(FakeWork(act=act)))
    assert JobProgressed(job, progress) in ear.events
    assert JobMarked(job, 16, 4, Mark.BAD) in ear.events
    assert any(isinstance(e, JobLogged) and e.line.endswith("sense 3/11/00") for e in ear.events)
    assert job.progress is progress
    assert ear.threads == {f"job-{job.id}"}
    assert [change.job.status for change in ear.changes()][-1] is Status.DONE


def test_nothing_is_told_after_the_end_and_waiters_wake_last(queue: JobQueue) -> None:
    statuses: list[bool] = []
    queue.subscribe(lambda event: statuses.append(event.job.wait(0)))
    job = finished(queue.submit(FakeWork(act=lambda *_a: None)))
    assert job.wait(0)
    assert statuses
    assert not any(statuses)


def test_a_subscriber_that_raises_harms_neither_the_job_nor_the_others(queue: JobQueue) -> None:
    ear = Ear()

    def bad(_event: object) -> None:
        raise RuntimeError("bad listener")

    queue.subscribe(bad)
    queue.subscribe(ear)
    job = finished(queue.submit(FakeWork(act=lambda *_a: None)))
    assert job.report.state is State.COMPLETE
    assert ear.changes()
    assert any("bad listener" in line for line in job.log.lines)


def test_an_unsubscribed_ear_hears_nothing_more(queue: JobQueue) -> None:
    ear = Ear()
    queue.subscribe(ear)()
    finished(queue.submit(FakeWork(act=lambda *_a: None)))
    assert ear.events == []


def test_closing_stops_all_jobs_and_takes_no_more(make_queue: Callable[..., JobQueue]) -> None:
    queue = make_queue()
    works = [FakeWork("/dev/sr0"), FakeWork("/dev/sr1"), FakeWork("/dev/sr0")]
    jobs = [queue.submit(work) for work in works]
    assert works[0].started.wait(DEADLINE)
    assert queue.close(DEADLINE)
    assert [job.report.state for job in jobs] == [State.CANCELLED] * 3
    with pytest.raises(RuntimeError):
        queue.submit(FakeWork())


def test_closing_says_when_a_job_does_not_stop_in_time(
    make_queue: Callable[..., JobQueue],
) -> None:
    release = threading.Event()
    queue = make_queue()
    work = FakeWork(act=lambda *_a: release.wait(DEADLINE))
    queue.submit(work)
    assert work.started.wait(DEADLINE)
    assert not queue.close(0.01)
    release.set()


def test_a_drive_that_another_process_uses_is_waited_for(
    make_queue: Callable[..., JobQueue],
) -> None:
    theirs, ours = make_queue(), make_queue()
    busy = FakeWork("/dev/sr0", title="Their rip")
    theirs.submit(busy)
    assert busy.started.wait(DEADLINE)
    work = FakeWork("/dev/sr0", act=lambda *_a: None)
    job = ours.submit(work)
    assert eventually(lambda: "Their rip" in job.waiting_for)
    assert not work.started.is_set()
    busy.go.set()
    assert finished(job).report.state is State.COMPLETE


def test_waiting_for_another_process_can_be_cancelled(make_queue: Callable[..., JobQueue]) -> None:
    theirs, ours = make_queue(), make_queue()
    busy = FakeWork("/dev/sr0")
    theirs.submit(busy)
    assert busy.started.wait(DEADLINE)
    job = ours.submit(FakeWork("/dev/sr0"))
    assert eventually(lambda: job.waiting_for)
    job.cancel()
    assert finished(job).report.state is State.CANCELLED
    busy.go.set()


def test_a_queue_that_does_not_wait_refuses_and_says_who_holds_the_drive(
    make_queue: Callable[..., JobQueue],
) -> None:
    theirs, ours = make_queue(), make_queue(wait_for_others=False)
    busy = FakeWork("/dev/sr0", title="Their rip")
    theirs.submit(busy)
    assert busy.started.wait(DEADLINE)
    work = FakeWork("/dev/sr0")
    report = finished(ours.submit(work)).report
    assert report.state is State.REFUSED
    assert isinstance(report, JobReport)
    assert report.refusal == "busy"
    assert "/dev/sr0" in report.message
    assert "Their rip" in report.message
    assert not work.started.is_set()
    busy.go.set()


def test_the_machine_is_kept_awake_exactly_while_the_job_runs(
    make_queue: Callable[..., JobQueue],
) -> None:
    story: list[str] = []

    @contextlib.contextmanager
    def awake(why: str, _log: object) -> Iterator[None]:
        story.append(f"awake: {why}")
        yield
        story.append("asleep")

    queue = make_queue(awake=awake)
    finished(queue.submit(FakeWork(title="Rip X", act=lambda *_a: story.append("run"))))
    assert story == ["awake: Rip X", "run", "asleep"]


def test_the_desktop_hears_of_success_and_of_failure(make_queue: Callable[..., JobQueue]) -> None:
    told: list[tuple[str, State]] = []
    queue = make_queue(notify=lambda title, report: told.append((title, report.state)))

    def fail(*_a: object) -> None:
        raise SourceError("No.")

    queue.submit(FakeWork("/dev/sr0", title="Good", act=lambda *_a: None))
    finished(queue.submit(FakeWork("/dev/sr0", title="Bad", act=fail)))
    assert eventually(lambda: len(told) == 2)
    assert told == [("Good", State.COMPLETE), ("Bad", State.FAILED)]


def test_finished_jobs_are_remembered_with_their_logs(queue: JobQueue) -> None:
    job = finished(queue.submit(FakeWork(title="Rip X", act=lambda *_a: None)))
    (entry,) = queue.history.entries()
    assert (entry.kind, entry.title, entry.state) == ("rip", "Rip X", "complete")
    assert entry.message == "All of it."
    assert entry.log == str(job.log.path)
    text = job.log.path.read_text(encoding="utf-8")
    assert "Discwright" in text
    assert "libcdio" in text
    assert "Python" in text
    assert "Drive: ACME Reader" in text
    assert "complete: All of it." in text


def test_a_state_folder_that_cannot_be_written_changes_nothing_for_the_job(
    make_queue: Callable[..., JobQueue], tmp_path: object
) -> None:
    (tmp_path / "file").write_text("in the way")
    queue = make_queue(state=tmp_path / "file" / "state")
    job = finished(queue.submit(FakeWork(act=lambda *_a: None)))
    assert job.report.state is State.COMPLETE
    assert job.log.path is None
    assert job.log.lines
    assert queue.history.entries() == ()
