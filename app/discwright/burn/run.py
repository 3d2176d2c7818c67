# SPDX-License-Identifier: GPL-3.0-or-later
"""The burn itself: make the disc ready, write, close, reload, read back, judge."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from discwright.burn import cdrdao, cdrskin, xorriso
from discwright.burn.child import Pieces
from discwright.burn.course import Course, Outcome
from discwright.burn.feed import Feed
from discwright.burn.method import Preparation, WriteMode
from discwright.burn.opening import open_feed
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.program_run import Call, run_program
from discwright.burn.programs import Program
from discwright.burn.readback import ReadBack, WrittenFile, read_back
from discwright.burn.reload import open_tray, reload_disc, tell_system, unlock
from discwright.burn.report import BurnReport, refused, refused_by
from discwright.burn.sidecar import write_sidecar
from discwright.burn.target import (
    LEAVING_S,
    aside,
    came_back,
    look_at_end,
    read_target,
    same_medium,
)  # fmt: skip
from discwright.burn.timing import Timing
from discwright.burn.track_proof import read_tracks_back
from discwright.burn.verdict import Verdict
from discwright.burn.virtual import empty_file, file_of
from discwright.burn.xorriso import prepare_arguments, write_arguments, zeros
from discwright.devices.mounts import mounted_at
from discwright.devices.udisks import unmount
from discwright.errors import DiscwrightError, SourceError, TargetError
from discwright.image.recording import Recording
from discwright.optical.drive_source import DriveSource
from discwright.optical.sense import Fault, fault_sentence
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, shown


def run_burn(
    plan: BurnPlan, listener: Listener, cancel: CancelToken, *, feed: Feed | None = None
) -> BurnReport:
    """Burn as planned. Whatever goes wrong with discs, drives and files is in the report.

    Several burns can share one ``feed``, which reads the image once; it stays open then.
    """
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    timing = Timing(listener)
    own: Feed | None = None
    try:
        if feed is None:
            feed = own = open_feed(plan)
        report = _Burn(plan, timing, cancel, feed).run()
    except DiscwrightError as error:
        report = refused_by(error)
    finally:
        if own is not None:
            own.when_idle(own.close)
    report = replace(
        report,
        source=plan.image.source,
        target=plan.node,
        writer=plan.method.program.value,
        program=plan.program,
        started=started,
        duration_s=time.monotonic() - began,
        times_s=timing.seconds(),
    )
    beside = plan.options.sidecar and plan.image.virtual
    if beside and report.state is not State.REFUSED:
        report = write_sidecar(plan, report)
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


class _Burn:
    """One run: what is known so far."""

    def __init__(self, plan: BurnPlan, listener: Listener, cancel: CancelToken, feed: Feed) -> None:
        self._plan = plan
        self._before = plan.medium
        self._listener = listener
        self._cancel = cancel
        self._feed = feed
        self._meter = Meter(listener)
        self._hanging: list[threading.Thread] = []
        self._remarks: list[str] = []
        self._cycled = False
        """Whether the tray was opened after the disc was written."""
        self._touched = False
        """Whether the disc may have been written, erased or formatted."""

    def run(self) -> BurnReport:
        """Do it."""
        self._meter.start(Phase.PREPARING, None)
        try:
            refusal = self._look_again()
        except Cancelled:
            return self._report(self._verdict(Outcome(None), cancelled=True))
        if refusal is not None:
            return refused(refusal, self._plan.medium)
        try:
            verdict = self._prepare() or self._write()
        except TargetError as error:  # the program or the file is not to be had
            if self._touched:
                return BurnReport(State.FAILED, error.message, error.remedy, error.cause)
            return refused_by(error, "target")
        report = self._report(verdict)
        answers = verdict.outcome.code is not None and not self._plan.medium.virtual
        if answers and self._touched and not self._cycled:
            tell_system(self._plan.node, self._listener)
        self._meter.finish()
        return report

    def _look_again(self) -> Refusal | None:
        """Look whether disc and drive are still as they were when this was planned."""
        plan = self._plan
        try:
            if mounted_at(plan.node):
                unmount(plan.node)
            medium = self._look()
        except DiscwrightError as error:
            return Refusal("busy", error.message, error.remedy, error.cause)
        if not same_medium(medium, plan.medium):
            return Refusal(
                "changed",
                _("Another disc is in the drive than the one that was looked at."),
                _("Look at the disc again, then start the burning."),
            )
        return None

    def _look(self) -> WritableMedium:
        """Look at the disc; a drive that hangs then doesn't keep a cancel from being heard."""
        return aside(lambda: read_target(self._plan.node, self._cancel), self._cancel)

    def _prepare(self) -> Verdict | None:
        """Erase or format, if that is planned; give a verdict only if it ends here."""
        plan, preparation = self._plan, self._plan.method.preparation
        if preparation is Preparation.NONE:
            return None
        if preparation is Preparation.TRUNCATE:
            empty_file(plan.node)
            return None
        call = xorriso.call(prepare_arguments(plan.node, preparation))
        outcome = self._run(call, Course(self._meter))
        return self._plan_again(outcome) if outcome.well else self._ended(outcome, preparing=True)

    def _plan_again(self, outcome: Outcome) -> Verdict | None:
        """Plan anew with the disc as it is now: only an erased one tells what it holds."""
        plan = self._plan
        try:
            medium = self._look()
        except Cancelled:
            return self._ended(outcome, preparing=True)
        except DiscwrightError as error:
            return self._unready(outcome, None, error.sentence())
        if not came_back(plan.medium, medium):
            return self._unready(outcome, medium.status, _("Another disc was put in."))
        again = plan_burn(plan.image, medium, plan.options, plan.surroundings)
        if isinstance(again, Refusal):
            return self._unready(outcome, medium.status, again.message)
        if medium.status not in {MediumStatus.BLANK, MediumStatus.OVERWRITABLE}:
            return self._unready(outcome, medium.status, _("It is still not blank."))
        self._plan = replace(again, warnings=plan.warnings)
        return None

    def _unready(self, outcome: Outcome, after: MediumStatus | None, trouble: str) -> Verdict:
        failed = replace(outcome, ended_well=False)
        return self._verdict(failed, preparing=True, after=after, trouble=trouble)

    def _write(self) -> Verdict:
        plan = self._plan
        course = Course(self._meter, plan.write_size, plan.method.program)
        self._meter.start(Phase.PREPARING, None)
        fed = plan.method.program is not Program.CDRSKIN
        pieces = self._pieces if fed else None
        try:
            with self._call() as call:
                outcome = self._run(call, course, pieces)
        except Cancelled:  # before anything was written
            return self._verdict(Outcome(None), cancelled=True)
        return self._ended(outcome)

    def _call(self) -> AbstractContextManager[Call]:
        """Give the program that writes, and how it is called."""
        plan = self._plan
        if plan.method.program is Program.CDRSKIN and plan.recording is not None:
            return cdrskin.write_call(plan, plan.recording, self._feed, self._cancel)
        if plan.recording is not None:
            return cdrdao.write_call(plan, plan.recording)
        return nullcontext(xorriso.call(write_arguments(plan)))

    def _run(self, call: Call, course: Course, pieces: Pieces | None = None) -> Outcome:
        outcome = run_program(call, course, self._listener, self._cancel, pieces)
        self._touched = self._touched or (outcome.began and not self._plan.options.simulate)
        return outcome

    def _pieces(self) -> Iterator[memoryview]:
        """Give the image, then the zeros that the medium needs."""
        for number in range(self._feed.blocks):
            yield self._feed.block(number)
        yield from zeros(self._plan.method.padding)

    def _ended(self, outcome: Outcome, *, preparing: bool = False) -> Verdict:
        """Judge a run of xorriso, by the disc if there is one to look at."""
        if outcome.starved or outcome.stopped or self._cancel.cancelled:
            after = self._status(outcome)
            return self._verdict(outcome, preparing=preparing, after=after, cancelled=True)
        options = self._plan.options
        readable = outcome.well or outcome.closing
        if preparing or options.simulate or not options.verify or not readable:
            return self._verdict(outcome, preparing=preparing, after=self._status(outcome))
        return self._prove(outcome)

    def _prove(self, outcome: Outcome) -> Verdict:
        """Reload the disc and read it back."""
        after: MediumStatus | None = None
        back: ReadBack | None = None
        trouble = ""
        try:
            self._reload()
            medium = self._look()
            if medium.status is MediumStatus.NONE:
                raise SourceError(fault_sentence(Fault.NO_MEDIUM))
            if not came_back(self._plan.medium, medium):
                raise SourceError(
                    _("Another disc is in the drive than the one that was written."),
                    remedy=_("Insert the disc that was written, and compare it with the image."),
                )
            after = medium.status
            if after is MediumStatus.BLANK and not self._plan.medium.virtual:
                return self._verdict(outcome, after=after)
            back = self._read_back()
        except Cancelled:
            return self._verdict(outcome, after=after, cancelled=True)
        except DiscwrightError as error:
            trouble = error.sentence()
            self._listener.log(error.cause)
        return self._verdict(outcome, after=after, back=back, trouble=trouble)

    def _reload(self) -> None:
        plan = self._plan
        if plan.medium.virtual:
            return
        self._meter.start(Phase.RELOADING, None)
        itself = plan.medium.closes_itself
        self._remarks += aside(
            lambda: reload_disc(
                plan.node, self._listener, self._meter, self._cancel, closes_itself=itself
            ),
            self._cancel,
        )
        self._cycled = not self._remarks

    def _read_back(self) -> ReadBack:
        plan = self._plan
        path = file_of(plan.node)
        target = DriveSource(plan.node) if path is None else WrittenFile(path)
        options = plan.options

        def compare() -> ReadBack:
            target.wait_ready(self._cancel)
            if plan.recording is not None and isinstance(target, DriveSource):
                return read_tracks_back(
                    target, self._feed, plan.recording, hashes=options.hashes,
                    retries=options.retries, listener=self._listener, meter=self._meter,
                    cancel=self._cancel, hanging=self._hanging,
                )  # fmt: skip
            return read_back(
                target, self._feed, hashes=options.hashes, retries=options.retries,
                listener=self._listener, meter=self._meter, cancel=self._cancel,
                hanging=self._hanging,
            )  # fmt: skip

        try:
            return aside(compare, self._cancel, self._hanging)
        finally:
            self._close(target)

    def _close(self, target: DriveSource | WrittenFile) -> None:
        """Let go of the disc; later, if a thread is still inside a call to its drive."""
        if not self._hanging:
            target.close()
            return

        def wait_and_close() -> None:
            for thread in self._hanging:
                thread.join()
            target.close()

        threading.Thread(target=wait_and_close, name="close-drive", daemon=True).start()

    def _status(self, outcome: Outcome) -> MediumStatus | None:
        """Ask what became of the disc, even after a cancel; not a drive that hangs."""
        if outcome.killed and outcome.code is not None:
            unlocking = threading.Thread(target=unlock, args=(self._plan.node,), daemon=True)
            unlocking.start()
            unlocking.join(LEAVING_S)
        if outcome.code is None or outcome.killed:
            return None
        self._meter.start(Phase.FINISHING, None)
        medium = look_at_end(self._plan.node, self._listener)
        return None if medium is None else medium.status

    def _verdict(
        self,
        outcome: Outcome,
        *,
        preparing: bool = False,
        after: MediumStatus | None = None,
        back: ReadBack | None = None,
        trouble: str = "",
        cancelled: bool = False,
    ) -> Verdict:
        options, image = self._plan.options, self._plan.image
        return Verdict(
            self._before, image.name, image.size, outcome, options.simulate, options.verify, after,
            back, trouble, cancelled, image.extent, preparing,
        )  # fmt: skip

    def _report(self, verdict: Verdict) -> BurnReport:
        plan, back, state = self._plan, verdict.back, verdict.state
        warnings = [*plan.warnings, *self._remarks, *verdict.remarks, *self._eject(verdict)]
        return BurnReport(
            state,
            verdict.message,
            verdict.remedy,
            verdict.cause,
            bytes=plan.size if verdict.outcome.well and not plan.options.simulate else 0,
            digests=self._feed.hexdigests(),
            read_back={} if back is None else back.digests,
            verified=None if back is None else back.whole,
            differing_sectors=() if back is None else back.differences.differing,
            unreadable_sectors=() if back is None else back.differences.unreadable,
            pattern=BurnReport.pattern if back is None else back.differences.pattern,
            recovered_sectors=0 if back is None else back.recovered,
            simulated=plan.options.simulate,
            kind=plan.medium.kind,
            maker=plan.medium.maker,
            mode=plan.method.mode.value,
            speed_kb=plan.speed_kb,
            tracks=() if plan.recording is None else _tracks(plan.recording, self._feed),
            shift_samples=None if back is None else back.shift,
            drive=plan.medium.drive,
            medium_after=verdict.after,
            warnings=tuple(dict.fromkeys(text for text in warnings if text)),
        )

    def _eject(self, verdict: Verdict) -> tuple[str, ...]:
        """Open the tray at the end, unless the drive is gone or still at work."""
        virtual = self._plan.medium.virtual or self._plan.method.mode is WriteMode.FILE
        wanted = self._plan.options.eject and verdict.state is not State.CANCELLED
        if virtual or not wanted or verdict.after is None or self._hanging:
            return ()
        try:
            aside(lambda: open_tray(self._plan.node), self._cancel)
            self._cycled = True
        except Cancelled:
            return ()
        except DiscwrightError as error:
            self._listener.log(error.cause)
            return (shown(error.sentence()),)
        return ()


def _tracks(recording: Recording, feed: Feed) -> tuple[Mapping[str, object], ...]:
    """Give what is known of each track, for the report."""
    digests = feed.track_digests()
    return tuple(
        {
            "number": track.number,
            "form": track.form.value,
            "start": track.start,
            "sectors": track.end - track.start,
            "pregap": track.pregap,
            "digests": digests.get(track.number, {}),
        }
        for track in recording.tracks
    )
