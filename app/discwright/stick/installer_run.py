# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer to a stick: format, copy, prove, and only then make it start.

Everything but the loaders is copied and proved first. So until the last moment no computer
starts from the stick, and its file system says by its label that it is incomplete. What fails
or is cancelled leaves the stick without a file system.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from discwright.errors import DiscwrightError, SourceError, TargetError
from discwright.image.contents import DiscFile
from discwright.optical.fingerprint import same
from discwright.optical.source import DiscSource, open_source
from discwright.stick.installer_compare import compare_files
from discwright.stick.installer_copy import (
    Digests,
    Source,
    bring_to_medium,
    copy_files,
    explained,
    make_directories,
    sync_tree,
)
from discwright.stick.installer_names import room_for
from discwright.stick.installer_plan import InstallerPlan
from discwright.stick.installer_report import InstallerReport, Left, Outcome, report_of
from discwright.stick.installer_volume import StickVolume, Volume
from discwright.stick.installer_watch import Watch
from discwright.stick.installer_wim import Wimlib, parts_in
from discwright.transfer.cancel import CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, counted, shown, size

GRACE_S = 20.0
"""Seconds that a stick gets after a failure or cancel to finish what it is doing."""

_ROUNDS = 2
"""How often a file is copied at most until it is on the stick as it should be."""


def run_installer(
    plan: InstallerPlan,
    listener: Listener,
    cancel: CancelToken,
    *,
    volume: Volume | None = None,
) -> InstallerReport:
    """Copy the files as planned. Whatever goes wrong with source and stick is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    run = _Run(plan, listener, cancel, volume or StickVolume(plan.stick, plan.options))
    error: BaseException | None = None
    try:
        run.run()
    except Exception as caught:  # Cancelled and what went wrong: the report says it
        error = caught
        run.clean_up()
    finally:
        run.close()
    report = report_of(plan, run.outcome, error)
    report = replace(report, started=started, duration_s=time.monotonic() - began)
    listener.log(f"{report.target}: {report.state}: {report.message} {report.cause}".strip())
    return report


class _Run:
    """One run and what is known so far."""

    def __init__(
        self, plan: InstallerPlan, listener: Listener, cancel: CancelToken, volume: Volume
    ) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._volume = volume
        self._meter = Meter(listener)
        self._watch = Watch(cancel, self._meter, listener.log)
        self._wimlib = Wimlib(plan.tools.wimlib, cancel, self._watch.tick)
        self._source: DiscSource | None = None
        self._wim: Path | None = None
        self.outcome = Outcome()

    def run(self) -> None:
        """Do it. Raises Cancelled and DiscwrightError."""
        plan = self._plan
        self._watch.start(Phase.PREPARING, None)
        self._open_source()
        self._volume.check()
        with self._fetched_wim() as self._wim:
            self._cancel.raise_if_cancelled()
            self._volume.release()
            self._cancel.raise_if_cancelled()
            self._watch.start(Phase.FORMATTING, None)
            self._listener.log(f"Formatting {plan.stick.node}: {plan.options}")
            self.outcome.left = Left.UNFINISHED
            self._volume.format(self._cancel)
            self._put(plan.files, split=plan.split)
            self._cancel.raise_if_cancelled()
            self.outcome.left = Left.UNPROVED
            self._put(plan.loaders)
        self._watch.start(Phase.FINISHING, None)
        self._name()
        self.outcome.left = Left.WHOLE
        self._eject()
        self._meter.finish()

    def clean_up(self) -> None:
        """Leave the stick so that it neither starts nor mounts, if it was touched."""
        outcome = self.outcome
        settled = self._watch.settle(GRACE_S)
        if outcome.left is Left.OLD:
            return
        if not settled:
            outcome.hangs = True
            return
        try:
            self._volume.make_void()
        except DiscwrightError as error:
            self._listener.log(f"The stick could not be emptied: {error} {error.cause}")
        else:
            outcome.left = Left.VOID

    def close(self) -> None:
        """Let go of the source."""
        if self._source is not None and self._watch.settle(0):
            self._source.close()

    def _open_source(self) -> None:
        wanted = self._plan.source
        self._source = source = open_source(wanted.path)
        source.wait_ready(self._cancel)
        if not source.reader.sectors:  # a drive's reader knows its length when it was asked
            source.examine(self._cancel)
        if wanted.fingerprint and not same(source.fingerprint(), wanted.fingerprint):
            raise SourceError(
                _("{name} is another disc or image now than the one that was looked at.").format(
                    name=wanted.name
                ),
                remedy=_("Look at it again, then start anew."),
            )

    @contextlib.contextmanager
    def _fetched_wim(self) -> Iterator[Path | None]:
        """Give install.wim as a file of its own, which wimlib-imagex needs, for a while."""
        file = self._plan.split
        if file is None:
            yield None
            return
        self._watch.start(Phase.READING, file.size)
        try:
            place = tempfile.mkdtemp(prefix="discwright-", dir=self._plan.tools.scratch)
        except OSError as error:
            raise TargetError(
                _("You can't make files in {directory}.").format(
                    directory=shown(str(self._plan.tools.scratch))
                ),
                remedy=_("Set TMPDIR to another directory."),
                cause=str(error),
            ) from error
        path = Path(place) / "install.wim"
        try:
            self._fetch(file, path)
            yield path
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                path.with_name(path.name + ".part").unlink(missing_ok=True)
                path.parent.rmdir()

    def _fetch(self, file: DiscFile, path: Path) -> None:
        source = Source(self._opened.reader, (file,), self._cancel, self._watch.tell)
        with PartFile(path, file.size) as part:
            self._watch.pump(source.fill, (part.write,), lambda: None)
            part.commit()

    def _put(self, files: Sequence[DiscFile], split: DiscFile | None = None) -> None:
        """Copy files and prove them; what is found to differ, once more. Raises TargetError."""
        left: tuple[DiscFile, ...] = tuple(files)
        why = ""
        for number in range(1, _ROUNDS + 1):
            digests = self._copy(left, split)
            wrong, wrong_parts, why = self._prove(digests, split)
            bad = tuple(shown(file.path) for file in (*wrong, *([split] if wrong_parts else ())))
            self.outcome.copied += len(left) - len(wrong) + bool(split and not wrong_parts)
            self.outcome.written += sum(file.size for file in left)
            self.outcome.written -= sum(file.size for file in wrong)
            if split is not None and not wrong_parts:
                self.outcome.written += split.size
            if not bad:
                return
            self._listener.log(f"Not on the stick as it should be: {', '.join(bad)} {why}")
            if number < _ROUNDS:
                self.outcome.rewritten += bad
            left, split = wrong, split if wrong_parts else None
        self.outcome.differing = bad
        self.outcome.rewritten = tuple(one for one in self.outcome.rewritten if one not in bad)
        raise TargetError(
            counted(
                "{n} file is not on {{name}} as it should be, even when copied again: {{files}}.",
                "{n} files are not on {{name}} as they should be, even when copied again: "
                "{{files}}.",
                len(bad),
            ).format(name=self._plan.stick.name, files=", ".join(bad[:3])),
            remedy=_("Use another stick: this one is worn out, damaged or smaller than it says."),
            cause=why,
        )

    def _copy(self, files: tuple[DiscFile, ...], split: DiscFile | None) -> Digests:
        stick = self._plan.stick.name
        total = sum(file.size for file in files) + (split.size if split else 0)
        root = self._volume.mount(read_only=False)
        self._watch.start(Phase.WRITING, total)
        self._check_room(root, files, split)
        self._make_directories(root, files)
        digests = copy_files(self._opened.reader, files, root, stick=stick, watch=self._watch)
        if split is not None:
            self._split(root, split)
        self._watch.start(Phase.FLUSHING, None)
        sync_tree(root, self._plan.source.contents.directories, stick)
        self._volume.unmount()
        return digests

    def _prove(
        self, digests: Digests, split: DiscFile | None
    ) -> tuple[tuple[DiscFile, ...], bool, str]:
        """Read everything back; give the files that differ, whether the parts do, and why."""
        total = sum(file.size for file in digests) + (split.size if split else 0)
        root = self._volume.mount(read_only=True)
        self._watch.start(Phase.VERIFYING, total)
        comparison = compare_files(root, digests, stick=self._plan.stick.name, watch=self._watch)
        why = ""
        if split is not None and self._wim is not None:
            why = self._wimlib.prove(
                self._wim, root, _folder(split), self.outcome.parts, self._told_of(split)
            )
        self._volume.unmount()
        causes = [*comparison.causes.values(), *([why] if why else [])]
        return comparison.differing(), bool(why), "; ".join(causes[:8])

    def _split(self, root: int, split: DiscFile) -> None:
        if self._wim is None:
            raise ValueError("There is no install.wim to split")
        stick, folder = self._plan.stick.name, _folder(split)
        with explained(stick, split):
            make_directories(root, split.parts[:-1])
            for old in parts_in(root, folder):
                os.unlink(old, dir_fd=root)
        mib = self._plan.options.part_mib
        parts = self._wimlib.split(self._wim, root, folder, mib, self._told_of(split))
        self.outcome.parts = tuple(shown(part) for part in parts)
        for part in parts:
            with explained(stick, split):
                descriptor = os.open(part, os.O_RDWR | os.O_CLOEXEC, dir_fd=root)
                try:
                    bring_to_medium(descriptor)
                finally:
                    os.close(descriptor)

    def _told_of(self, file: DiscFile) -> Callable[[float], None]:
        """Give what turns the part that is done of a file into bytes."""
        told = 0

        def tell(part: float) -> None:
            nonlocal told
            now = max(told, round(file.size * part))
            self._watch.tell(now - told)
            told = now

        return tell

    def _check_room(self, root: int, files: tuple[DiscFile, ...], split: DiscFile | None) -> None:
        with explained(self._plan.stick.name, self._plan.source.contents.files[0]):
            space = os.fstatvfs(root)
        room = space.f_bavail * space.f_frsize
        need = room_for((*files, *([split] if split else ())), (), space.f_frsize)
        if need > room and self.outcome.copied == 0:
            raise TargetError(
                _("The files need {need}, but {stick} has room for only {have}.").format(
                    need=size(need), stick=self._plan.stick.name, have=size(room)
                ),
                remedy=_("Use a larger stick."),
                cause=f"{need} bytes of {room}",
            )

    def _make_directories(self, root: int, files: tuple[DiscFile, ...]) -> None:
        if files != self._plan.files:
            return
        for directory in self._plan.source.contents.directories:
            with explained(self._plan.stick.name, DiscFile(directory, 0, ())):
                make_directories(root, directory)

    def _name(self) -> None:
        try:
            self._volume.name(self._plan.label)
        except DiscwrightError as error:
            self._listener.log(f"The label could not be set: {error} {error.cause}")
            self.outcome.warnings += (
                _("The stick is in order, but kept the name “{name}”.").format(name="INCOMPLETE"),
            )

    def _eject(self) -> None:
        if not self._plan.options.eject:
            return
        try:
            self._volume.eject()
        except DiscwrightError as error:
            self._listener.log(error.cause)
            self.outcome.warnings += (error.sentence(),)

    @property
    def _opened(self) -> DiscSource:
        if self._source is None:
            raise ValueError("The source isn't open")
        return self._source


def _folder(file: DiscFile) -> str:
    return "/".join(file.parts[:-1])
