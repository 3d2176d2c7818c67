# SPDX-License-Identifier: GPL-3.0-or-later
"""The extraction itself: read in the disc's order, write, name."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from discwright.errors import DiscwrightError, SourceError, TargetError
from discwright.extract.folder import Folder
from discwright.extract.names import Parts
from discwright.extract.plan import Existing, ExtractPlan
from discwright.extract.reading import FileReading, damaged
from discwright.extract.report import ExtractReport, Outcome, report_of
from discwright.extract.writing import FileWriting
from discwright.optical.attempts import OtherDiscError
from discwright.optical.fingerprint import same
from discwright.optical.patience import PatientReader
from discwright.optical.source import DiscSource, open_source
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import pump
from discwright.transfer.target_errors import target_error
from discwright.wording import _


def run_extract(plan: ExtractPlan, listener: Listener, cancel: CancelToken) -> ExtractReport:
    """Take the files out as planned. Whatever goes wrong with discs and files is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    run = _Extraction(plan, listener, cancel)
    error: BaseException | None = None
    try:
        run.run()
    except (Cancelled, DiscwrightError) as stopped:
        error = stopped
    finally:
        outcome = run.end(error)
    report = report_of(plan, outcome, error)
    report = replace(report, started=started, duration_s=time.monotonic() - began)
    for name, why in report.left_out:
        listener.log(f"Left out: {name}: {why}")
    for old, new in report.renamed:
        listener.log(f"Renamed: {old} -> {new}")
    for name in report.files_affected:
        listener.log(f"Damaged: {name}")
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def _may_settle(error: DiscwrightError) -> bool:
    """Whether what is whole can still get its name: the disc failed, or a disk is full."""
    return not isinstance(error, TargetError) or error.cause.startswith(("ENOSPC", "EDQUOT"))


class _Extraction:
    """One run."""

    def __init__(self, plan: ExtractPlan, listener: Listener, cancel: CancelToken) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._meter = Meter(listener)
        self._hanging: list[threading.Thread] = []
        self._source: DiscSource | None = None
        self._folder: Folder | None = None
        self._reader: PatientReader | None = None
        self._writing: FileWriting | None = None
        self._links = 0

    def run(self) -> None:
        """Do it. Raises DiscwrightError, Cancelled."""
        plan = self._plan
        self._meter.start(Phase.PREPARING, None)
        self._aside(self._open)
        if self._source is None:
            raise ValueError("The source isn't open")
        folder = self._folder = Folder(plan.folder)
        for place in plan.layout.directories:
            self._cancel.raise_if_cancelled()
            self._explained(partial(folder.make_directory, place), place)
        writing = self._writing = FileWriting(
            folder, plan.files, replace=plan.options.existing is Existing.REPLACE
        )
        self._read(self._source, writing)
        self._meter.start(Phase.FLUSHING, None)
        self._aside(lambda: self._finish(folder, writing))
        self._meter.finish()

    def end(self, error: BaseException | None) -> Outcome:
        """Let go of everything and say what there is now."""
        writing, reader = self._writing, self._reader
        if writing is not None:
            if isinstance(error, DiscwrightError) and not self._hanging and _may_settle(error):
                writing.drop()
                with suppress(DiscwrightError):
                    writing.settle()
            writing.abandon()
        self._close()
        if writing is None or reader is None:
            return Outcome()
        finished = writing.finished
        bad = reader.bad.runs
        return Outcome(
            files=len(finished) + self._links,
            bytes=sum(item.file.size for item in finished),
            bad=bad,
            damaged=tuple(item.shown for item in damaged(finished, bad)),
            left_out=tuple(writing.left_out),
            recovered=reader.recovered,
        )

    def _open(self) -> None:
        disc = self._plan.disc
        source = self._source = open_source(disc.source)
        source.wait_ready(self._cancel)
        source.examine(self._cancel)  # only then a drive's reader knows its length
        self._ensure_same(source)

    def _ensure_same(self, source: DiscSource) -> None:
        if not same(source.fingerprint(), self._plan.disc.fingerprint):
            raise OtherDiscError(
                _("Another disc is in the drive than the one that was looked at."),
                remedy=_("Look at the disc again, then take out the files."),
            )

    def _read(self, source: DiscSource, writing: FileWriting) -> None:
        plan, meter = self._plan, self._meter
        reader = self._reader = PatientReader(
            source, source.reader.sectors, retries=plan.options.retries,
            fingerprint=plan.disc.fingerprint, listener=self._listener, cancel=self._cancel,
        )  # fmt: skip
        reading = FileReading(reader, plan.files)
        meter.start(Phase.READING, plan.size)

        def fill(buffer: memoryview) -> int:
            got = reading.fill(buffer)
            tell()
            return got

        def tell() -> None:
            meter.update(reading.done, position=reader.position, bad_sectors=reader.bad.count)

        pump(fill, [writing.take], cancel=self._cancel, tick=tell, stuck=self._hanging.append)
        try:
            self._ensure_same(source)
        except OtherDiscError:
            raise
        except SourceError as error:  # taken out after its last sector was read
            self._listener.log(f"After the last sector: {error} {error.cause}".rstrip())

    def _finish(self, folder: Folder, writing: FileWriting) -> None:
        plan = self._plan
        writing.finish_empty([item for item in plan.files if not item.file.size])
        writing.settle()
        for item in plan.links:  # last, so that no file is written through one
            self._cancel.raise_if_cancelled()
            self._links += writing.make_link(item)
        for place in folder.changed:
            self._cancel.raise_if_cancelled()
            self._explained(partial(folder.bring_to_disk, place), (*place, "…"))
        for place, about in reversed(list(plan.layout.directories.items())):
            folder.date(place, about)

    def _explained(self, act: Callable[[], object], place: Parts) -> None:
        try:
            act()
        except OSError as error:
            raise target_error(error, Path(self._plan.folder, *place)) from error

    def _aside(self, act: Callable[[], object]) -> None:
        """Do it in another thread: what hangs there is not to keep a cancel waiting."""

        def fill(_buffer: memoryview) -> int:
            act()
            return 0

        pump(
            fill, (), cancel=self._cancel, ring=Ring(1, 1), tick=self._meter.tick,
            stuck=self._hanging.append,
        )  # fmt: skip

    def _close(self) -> None:
        """Let go of disc and folder; later, if a thread is still inside a call to either."""

        def wait_and_close() -> None:
            for thread in self._hanging:
                thread.join()
            if self._writing is not None:
                self._writing.close()
            if self._folder is not None:
                self._folder.close()
            if self._source is not None:
                self._source.close()

        if self._hanging:
            threading.Thread(target=wait_and_close, name="extract-close", daemon=True).start()
        else:
            wait_and_close()
