# SPDX-License-Identifier: GPL-3.0-or-later
"""One stick of a Windows installer, from being chosen to its verdict: format, copy, prove, show.

The order makes that there is no moment at which a half-written stick starts or mounts. The
partition has a type that nothing mounts by itself, and the loaders lie where no firmware looks,
until all of it was read back and found to be right; then the loaders are moved to their places,
and the type is set last. What fails or is cancelled leaves the stick without a file system.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from discwright.errors import DiscwrightError, TargetError
from discwright.image.contents import DiscFile
from discwright.stick.installer_compare import compare_files
from discwright.stick.installer_copy import (
    Digests,
    bring_to_medium,
    copy_files,
    explained,
    inside,
    make_directories,
    move_files,
    sync_tree,
)
from discwright.stick.installer_loaders import directories_of
from discwright.stick.installer_names import room_for
from discwright.stick.installer_plan import InstallerPlan
from discwright.stick.installer_report import InstallerReport, Left, Outcome, report_of
from discwright.stick.installer_volume import UNFINISHED, Volume
from discwright.stick.installer_watch import Watch
from discwright.stick.installer_wim import Wimlib, parts_in
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.reader import SectorReader
from discwright.wording import _, counted, shown, size

GRACE_S = 20.0
"""Seconds that a stick gets after a failure or cancel to finish what it is doing."""

_ROUNDS = 2
"""How often a file is copied at most until it is on the stick as it should be."""


class InstallerStick:
    """The work on one stick and what is known so far."""

    def __init__(
        self, plan: InstallerPlan, listener: Listener, cancel: CancelToken, volume: Volume
    ) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self.over = False
        self._began = time.monotonic()
        self._listener = listener
        self._cancel = cancel
        self._volume = volume
        self._meter = Meter(listener)
        self._watch = Watch(cancel, self._meter, listener.log)
        self._wimlib = Wimlib(plan.tools.wimlib, cancel, self._watch.tick)
        self._reader: SectorReader | None = None
        self._wim: Path | None = None
        self._error: BaseException | None = None
        self._took = 0.0

    def run(self, reader: SectorReader, wim: Path | None) -> None:
        """Do it, to the verdict. ``wim``: install.wim as a file of its own, if it is split."""
        self._reader, self._wim = reader, wim
        try:
            self._run()
        except BaseException as caught:  # Cancelled and what went wrong: the report says it
            self._error = caught
            self._clean_up()
        finally:
            self.end(self._error)

    def end(self, error: BaseException | None) -> None:
        """Be over, with this error."""
        self._error = error
        self._took = time.monotonic() - self._began
        try:
            self._volume.close(settled=self.outcome.left in {Left.OLD, Left.VOID, Left.WHOLE})
        finally:  # whatever happens, nobody waits for it any more
            self.over = True

    @property
    def settled(self) -> bool:
        """Whether nothing of it reads from the source any more."""
        return self.over and self._watch.settle(0)

    def report(self) -> InstallerReport:
        """Give the report; one that isn't over hangs, and was cancelled."""
        error, outcome, took = self._error, self.outcome, self._took
        if not self.over:
            error, outcome = Cancelled(), replace(self.outcome, hangs=True)
            took = time.monotonic() - self._began
        return replace(report_of(self.plan, outcome, error), duration_s=took)

    def _run(self) -> None:
        plan = self.plan
        self._watch.start(Phase.PREPARING, None)
        self._cancel.raise_if_cancelled()
        self._volume.check()
        self._volume.release()
        self._cancel.raise_if_cancelled()
        self._watch.start(Phase.FORMATTING, None)
        self._listener.log(f"Formatting {plan.stick.node}: {plan.options}")
        self.outcome.left = Left.UNFINISHED
        self._volume.format(self._cancel)
        self._put(plan.files, split=plan.split)
        self._cancel.raise_if_cancelled()
        digests = self._put(plan.loaders, below=plan.waiting)
        self._cancel.raise_if_cancelled()
        self.outcome.left = Left.UNPROVED
        self._move(digests)
        self._watch.start(Phase.FINISHING, None)
        self._name()
        self._volume.reveal()
        self.outcome.left = Left.WHOLE
        self._eject()
        self._meter.finish()

    def _clean_up(self) -> None:
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

    def _put(
        self, files: Sequence[DiscFile], split: DiscFile | None = None, below: str = ""
    ) -> Digests:
        """Copy files and prove them; what is found to differ, once more. Raises TargetError.

        ``below``: the directory that they are put into, "" for the root. Gives their digests.
        """
        digests: Digests = {}
        left, left_split = tuple(files), split
        bad: tuple[str, ...] = ()
        why = ""
        for number in range(1, _ROUNDS + 1):
            digests |= self._copy(left, left_split, below, again=number > 1)
            # All of it: what is written once more may have gone where something else is.
            left, wrong_parts, why = self._prove(digests, split, below)
            left_split = split if wrong_parts else None
            wrong = (*left, *([left_split] if left_split else ()))
            bad = tuple(shown(file.path) for file in wrong)
            if not bad:
                break
            self._listener.log(f"Not on the stick as it should be: {', '.join(bad)} {why}")
            if number < _ROUNDS:
                self.outcome.rewritten += bad
        right = [file for file in (*files, *([split] if split else ())) if file not in wrong]
        self.outcome.copied += len(right)
        self.outcome.written += sum(file.size for file in right)
        if bad:
            raise self._differing(bad, why)
        return digests

    def _differing(self, bad: tuple[str, ...], why: str) -> TargetError:
        self.outcome.differing = bad
        self.outcome.rewritten = tuple(one for one in self.outcome.rewritten if one not in bad)
        return TargetError(
            counted(
                "{n} file is not on {{name}} as it should be, even when copied again: {{files}}.",
                "{n} files are not on {{name}} as they should be, even when copied again: "
                "{{files}}.",
                len(bad),
            ).format(name=self.plan.stick.name, files=", ".join(bad[:3])),
            remedy=_("Use another stick: this one is worn out, damaged or smaller than it says."),
            cause=why,
        )

    def _copy(
        self, files: tuple[DiscFile, ...], split: DiscFile | None, below: str, *, again: bool
    ) -> Digests:
        stick = self.plan.stick.name
        total = sum(file.size for file in files) + (split.size if split else 0)
        root = self._volume.mount(read_only=False)
        self._watch.start(Phase.WRITING, total)
        if not below and not again:
            self._check_room(root, files, split)
            self._make_directories(root)
        with inside(root, below, stick) as place:
            digests = copy_files(
                self._opened, files, place, stick=stick, watch=self._watch, again=again
            )
            if split is not None:
                self._split(root, split)
            self._watch.start(Phase.FLUSHING, None)
            sync_tree(place, self._directories(files, below), stick)
        if below:
            sync_tree(root, (), stick)
        self._volume.unmount()
        return digests

    def _directories(self, files: tuple[DiscFile, ...], below: str) -> tuple[tuple[str, ...], ...]:
        return directories_of(files) if below else self.plan.source.contents.directories

    def _prove(
        self, digests: Digests, split: DiscFile | None, below: str
    ) -> tuple[tuple[DiscFile, ...], bool, str]:
        """Read everything back; give the files that differ, whether the parts do, and why."""
        stick = self.plan.stick.name
        total = sum(file.size for file in digests) + (split.size if split else 0)
        root = self._volume.mount(read_only=True)
        self._watch.start(Phase.VERIFYING, total)
        with inside(root, below, stick, make=False) as place:
            comparison = compare_files(place, digests, stick=stick, watch=self._watch)
        why = ""
        if split is not None and self._wim is not None:
            why = self._wimlib.prove(
                self._wim, root, _folder(split), self.outcome.parts, self._told_of(split)
            )
        self._volume.unmount()
        causes = [*comparison.causes.values(), *([why] if why else [])]
        return comparison.differing(), bool(why), "; ".join(causes[:8])

    def _move(self, digests: Digests) -> None:
        """Move the loaders to their places, and read them back there. Raises TargetError."""
        stick, below = self.plan.stick.name, self.plan.waiting
        root = self._volume.mount(read_only=False)
        self._watch.start(Phase.FLUSHING, None)
        with inside(root, below, stick) as place:
            move_files(place, root, digests, stick)
        with explained(stick, DiscFile((below,), 0, ())):
            os.rmdir(below, dir_fd=root)
        sync_tree(root, directories_of(digests), stick)
        self._volume.unmount()
        wrong, _parts, why = self._prove(digests, None, "")
        if wrong:
            raise self._differing(tuple(shown(file.path) for file in wrong), why)

    def _split(self, root: int, split: DiscFile) -> None:
        if self._wim is None:
            raise ValueError("There is no install.wim to split")
        stick, folder = self.plan.stick.name, _folder(split)
        with explained(stick, split):
            make_directories(root, split.parts[:-1])
            for old in parts_in(root, folder):
                os.unlink(old, dir_fd=root)
        mib = self.plan.options.part_mib
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
        with explained(self.plan.stick.name, self.plan.source.contents.files[0]):
            space = os.fstatvfs(root)
        room = space.f_bavail * space.f_frsize
        need = room_for((*files, *([split] if split else ())), (), space.f_frsize)
        if need > room:
            raise TargetError(
                _("The files need {need}, but {stick} has room for only {have}.").format(
                    need=size(need), stick=self.plan.stick.name, have=size(room)
                ),
                remedy=_("Use a larger stick."),
                cause=f"{need} bytes of {room}",
            )

    def _make_directories(self, root: int) -> None:
        for directory in self.plan.source.contents.directories:
            with explained(self.plan.stick.name, DiscFile(directory, 0, ())):
                make_directories(root, directory)

    def _name(self) -> None:
        try:
            self._volume.name(self.plan.label)
        except DiscwrightError as error:
            self._listener.log(f"The label could not be set: {error} {error.cause}")
            self.outcome.warnings += (
                _("The stick is in order, but kept the name “{name}”.").format(name=UNFINISHED),
            )

    def _eject(self) -> None:
        if not self.plan.options.eject:
            return
        try:
            self._volume.eject()
        except DiscwrightError as error:
            self._listener.log(error.cause)
            self.outcome.warnings += (error.sentence(),)

    @property
    def _opened(self) -> SectorReader:
        if self._reader is None:
            raise ValueError("The source isn't open")
        return self._reader


def _folder(file: DiscFile) -> str:
    return "/".join(file.parts[:-1])
