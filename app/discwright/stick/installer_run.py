# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer to one or many sticks: one reading, one verdict for each stick.

Each stick has a thread of its own, so none waits for another's flushing or reading back, and one
that fails or hangs holds none. What is needed of the source by all is done once, before any stick
is touched: it is opened, looked at, and an install.wim that is too large is fetched to a file of
its own. That is split straight onto each stick, so that no room for the parts is needed.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from discwright.errors import SourceError, TargetError
from discwright.image.contents import DiscFile
from discwright.optical.fingerprint import same
from discwright.optical.source import DiscSource, open_source
from discwright.stick.installer_board import Board, Each
from discwright.stick.installer_copy import Source
from discwright.stick.installer_plan import InstallerPlan
from discwright.stick.installer_reader import SharedReader
from discwright.stick.installer_report import InstallerReport
from discwright.stick.installer_scratch import scratch_folder
from discwright.stick.installer_stick import GRACE_S, InstallerStick
from discwright.stick.installer_volume import StickVolume, Volume
from discwright.stick.installer_watch import Watch
from discwright.transfer.cancel import CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.reader import SectorReader
from discwright.wording import _, shown

PATIENCE_S = GRACE_S + 10
"""Seconds after a cancel until a stick that hasn't ended is given up."""

_LOOK_S = 0.2

MakeVolume = Callable[[InstallerPlan, Callable[[str], None]], Volume]
"""Gives the file system that a plan's stick is to have, and gets what logs a line."""


def _stick_volume(plan: InstallerPlan, log: Callable[[str], None]) -> Volume:
    return StickVolume(plan.stick, plan.options, log)


def run_installers(
    plans: Sequence[InstallerPlan],
    listener: Listener,
    cancel: CancelToken,
    *,
    each: Each | None = None,
    volume_of: MakeVolume = _stick_volume,
) -> tuple[InstallerReport, ...]:
    """Copy the files as planned; all plans are of the same source and options.

    Whatever goes wrong with source and sticks is in the reports, in the order of the plans. The
    listener hears of the slowest stick; ``each`` hears of every one.
    """
    if not plans:
        return ()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    run = _Run(tuple(plans), listener, cancel, each, volume_of)
    run.run()
    reports = tuple(replace(one.report(), started=started) for one in run.sticks)
    for report in reports:
        listener.log(f"{report.target}: {report.state}: {report.message} {report.cause}".strip())
    return reports


class _Run:
    """One run: the source, and the sticks."""

    def __init__(
        self,
        plans: tuple[InstallerPlan, ...],
        listener: Listener,
        cancel: CancelToken,
        each: Each | None,
        volume_of: MakeVolume,
    ) -> None:
        self._plan = plans[0]
        self._cancel = cancel
        self._board = Board(
            tuple(plan.stick.node for plan in plans),
            tuple(plan.stick.name for plan in plans),
            listener,
            each,
        )
        everywhere = self._board.everywhere()
        self._meter = Meter(everywhere)
        self._watch = Watch(cancel, self._meter, everywhere.log)
        self.sticks: list[InstallerStick] = []
        for number, plan in enumerate(plans):
            place = self._board.place(number)
            self.sticks.append(InstallerStick(plan, place, cancel, volume_of(plan, place.log)))
        self._state = threading.Condition()

    def run(self) -> None:
        """Return when all sticks are over, or were given up after a cancel."""
        source: DiscSource | None = None
        try:
            self._watch.start(Phase.PREPARING, None)
            source = self._open_source()
            with self._fetched_wim(source.reader) as wim:
                self._cancel.raise_if_cancelled()
                self._work_on_all(source.reader, wim)
        except Exception as error:  # before any stick was touched: the reports say it
            for stick in self.sticks:
                stick.end(error)
        finally:
            # What hangs in the kernel with it keeps it open.
            settled = [stick.settled for stick in self.sticks]
            if source is not None and self._watch.settle(0) and all(settled):
                source.close()

    def _work_on_all(self, reader: SectorReader, wim: Path | None) -> None:
        if len(self.sticks) > 1:
            reader = SharedReader(reader)
        for number in range(len(self.sticks)):
            thread = threading.Thread(
                target=self._work, args=(number, reader, wim), name=f"stick-{number}", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:  # no more threads: the others go on
                self.sticks[number].end(error)
        given_up = float("inf")
        with self._state:
            while not all(one.over for one in self.sticks) and time.monotonic() < given_up:
                self._state.wait(_LOOK_S)
                if self._cancel.cancelled and given_up == float("inf"):
                    given_up = time.monotonic() + PATIENCE_S
        for number in range(len(self.sticks)):
            self._board.over(number)

    def _work(self, number: int, reader: SectorReader, wim: Path | None) -> None:
        self.sticks[number].run(reader, wim)
        self._board.over(number)
        with self._state:
            self._state.notify_all()

    def _open_source(self) -> DiscSource:
        wanted = self._plan.source
        source = open_source(wanted.path)
        try:
            source.wait_ready(self._cancel)
            if not source.reader.sectors:  # a drive's reader knows its length when it was asked
                source.examine(self._cancel)
            if wanted.fingerprint and not same(source.fingerprint(), wanted.fingerprint):
                raise SourceError(
                    _(
                        "{name} is another disc or image now than the one that was looked at."
                    ).format(name=wanted.name),
                    remedy=_("Look at it again, then start anew."),
                )
        except BaseException:
            source.close()
            raise
        return source

    @contextlib.contextmanager
    def _fetched_wim(self, reader: SectorReader) -> Iterator[Path | None]:
        """Give install.wim as a file of its own, which wimlib-imagex needs, for a while."""
        file = self._plan.split
        if file is None:
            yield None
            return
        self._watch.start(Phase.READING, file.size)
        scratch = contextlib.ExitStack()
        try:
            place = scratch.enter_context(scratch_folder(self._plan.tools.scratch))
        except OSError as error:
            raise TargetError(
                _("You can't make files in {directory}.").format(
                    directory=shown(str(self._plan.tools.scratch))
                ),
                remedy=_("Set TMPDIR to another directory."),
                cause=str(error),
            ) from error
        with scratch:
            path = place / "install.wim"
            self._fetch(file, path, reader)
            yield path

    def _fetch(self, file: DiscFile, path: Path, reader: SectorReader) -> None:
        source = Source(reader, (file,), self._cancel, self._watch.tell)
        with PartFile(path, file.size) as part:
            self._watch.pump(source.fill, (part.write,), lambda: None)
            part.commit()
        self._meter.finish()
