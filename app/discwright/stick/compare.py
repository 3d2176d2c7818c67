# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image without writing anything: was it written well, is it still so."""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from discwright.devices import udisks
from discwright.devices.access import explain_open_failure
from discwright.devices.targets import StickTarget
from discwright.errors import DiscwrightError, TargetError
from discwright.image.bmap import Bmap, RangeCheck
from discwright.image.compression import open_stream
from discwright.stick.device import BlockTarget, OpenDevice, Watched, aligned, rounded_up, watched
from discwright.stick.feed import Feed, Piece, StreamBytes, changed, piece_size
from discwright.stick.plan import refuse_map
from discwright.stick.proof import is_gone
from discwright.stick.ranges import ByteRange, differences, joined
from discwright.stick.source import WriteSource
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import NOT_BEGUN, Refusal, State, report_event
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, size

MOST_RANGES = 10_000
"""Ranges that are listed; a stick with more is another one."""

ReadOpener = Callable[[StickTarget], BlockTarget]


@dataclass(frozen=True)
class ComparePlan:
    """What will be compared."""

    source: WriteSource
    stick: StickTarget
    block_map: bool = True
    """Only what the image uses counts, if there is a .bmap beside it."""


@dataclass(frozen=True)
class CompareReport:
    """The end of a comparison."""

    state: State
    """Complete if all is the same, complete with errors if something differs."""
    message: str
    remedy: str = ""
    cause: str = ""
    source: str = ""
    target: str = ""
    name: str = ""
    bytes: int = 0
    """That were compared."""
    differing: tuple[ByteRange, ...] = ()
    """Where stick and image differ, or the stick can't be read."""
    started: str = ""
    duration_s: float = 0.0
    refusal: str = ""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract; ranges are in bytes."""
        return report_event(
            self,
            source=self.source or None,
            target=self.target or None,
            name=self.name,
            differing=[[run.offset, run.length] for run in self.differing],
        )


def plan_compare(
    source: WriteSource, stick: StickTarget, *, block_map: bool = True
) -> ComparePlan | Refusal:
    """Say what will be compared, or why it can't be. Pure."""
    if source.size is not None and source.size > stick.size:
        return Refusal(
            "too-big",
            _("The image needs {need}, but {stick} holds only {have}: it isn't on it.").format(
                need=size(source.size), stick=stick.name, have=size(stick.size)
            ),
        )
    refusal = refuse_map(source, stick) if block_map else None
    return refusal or ComparePlan(source, stick, block_map)


def open_for_reading(stick: StickTarget, say: Callable[[str], None]) -> BlockTarget:
    """Open a stick for reading past the computer's memory. Raises DiscwrightError.

    It may stay mounted; what is written to it meanwhile may show as a difference. ``say`` hears
    of the question for a password before it comes.
    """
    direct = 0 if stick.regular_file else os.O_DIRECT
    try:
        return OpenDevice(os.open(stick.node, os.O_RDONLY | direct | os.O_CLOEXEC))
    except OSError as error:
        if stick.regular_file or error.errno not in {errno.EACCES, errno.EPERM}:
            raise explain_open_failure(stick.node, error) from error
    say(
        _(
            "Asking the system for {name}. It may want an administrator's password, for reading "
            "the stick."
        ).format(name=stick.name)
    )
    return OpenDevice(udisks.open_device(stick.node, "r", flags=os.O_DIRECT))


def run_compare(
    plan: ComparePlan,
    listener: Listener,
    cancel: CancelToken,
    *,
    opener: ReadOpener | None = None,
) -> CompareReport:
    """Compare. Whatever goes wrong with image and stick is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    comparison = _Comparison(plan, Meter(listener), cancel)
    remedy = cause = ""
    try:
        comparison.run(opener or (lambda stick: open_for_reading(stick, listener.log)))
        state, message, remedy = comparison.verdict()
    except Cancelled:
        state, message = State.CANCELLED, _("The comparison was cancelled.")
    except DiscwrightError as error:
        state = State.FAILED if comparison.begun else State.REFUSED
        message, remedy, cause = error.message, error.remedy, error.cause
        if cancel.cancelled and not comparison.begun:  # a question for a password ends by Ctrl-C
            state, message, remedy = State.CANCELLED, _("The comparison was cancelled."), ""
    report = CompareReport(
        state,
        message,
        remedy,
        cause,
        source=str(plan.source.path),
        target=plan.stick.node,
        name=plan.stick.name,
        bytes=comparison.compared,
        differing=comparison.differing,
        started=started,
        duration_s=time.monotonic() - began,
        refusal=NOT_BEGUN if state is State.REFUSED else "",
    )
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def _feed(content: StreamBytes, length: int, there: Bmap | None, plan: ComparePlan) -> Feed:
    """Cut the image into pieces; an archive passes to its end, so that its damage is seen."""
    if there is None:
        return Feed(content, length)
    ranges = tuple(ByteRange(one.offset, one.length) for one in there.ranges)
    return Feed(content, length, ranges, everything=plan.source.packed)


class _Comparison:
    """One run."""

    def __init__(self, plan: ComparePlan, meter: Meter, cancel: CancelToken) -> None:
        self._plan = plan
        self._meter = meter
        self._cancel = cancel
        self._found: list[ByteRange] = []
        self._map = plan.source.block_map if plan.block_map else None
        self.compared = 0
        self.begun = False

    @property
    def differing(self) -> tuple[ByteRange, ...]:
        """Where they differ."""
        return joined(self._found)

    def run(self, opener: ReadOpener) -> None:
        """Go through the image. Raises DiscwrightError, Cancelled."""
        plan = self._plan
        self._meter.start(Phase.PREPARING, None)
        length = piece_size((plan.stick.max_request,))
        stream = open_stream(plan.source.path, cancel=self._cancel)
        with contextlib.closing(_feed(StreamBytes(stream), length, self._map, plan)) as feed:
            target = watched(lambda: opener(plan.stick), plan.stick.name)
            try:
                target.check(plan.stick.identity)
                self.begun = True
                total = plan.source.file_size if plan.source.size is None else plan.source.size
                self._meter.start(Phase.VERIFYING, total)
                self._go_through(feed, target, length)
            finally:
                target.abandon()
                self._meter.finish()

    def _go_through(self, feed: Feed, target: Watched, length: int) -> None:
        """Compare all pieces; a source that isn't whole, or not the map's, is no success."""
        source = self._plan.source
        (buffer,) = Ring(length, 1).buffers
        found, end = aligned(length), 0
        ranges = None if self._map is None else RangeCheck(self._map)
        while (piece := feed.next(buffer)) is not None:
            self._cancel.raise_if_cancelled()
            if ranges is not None:
                ranges.take(piece.offset, piece.data)
            if piece.mapped:
                self._compare(target, piece, found)
            end = piece.end
            self._meter.update(piece.position if source.size is None else piece.end)
        if ranges is not None:
            ranges.finish(end if source.packed else None)
        elif source.size not in {None, end}:
            raise changed(source.name, f"{end} bytes, {source.size} before")

    def verdict(self) -> tuple[State, str, str]:
        """Give state, message and remedy."""
        stick, image = self._plan.stick.title, self._plan.source.name
        if not self._found:
            same = (
                _("{stick} holds {image}: {size} compared, every byte is the same.")
                if self._map is None
                else _(
                    "{stick} holds all that {image} uses by its block map: {size} compared, every "
                    "byte is the same."
                )
            )
            message = same.format(stick=stick, image=image, size=size(self.compared))
            return State.COMPLETE, message, ""
        differing = self.differing
        message = _(
            "{stick} differs from {image} in {size}, the first time at byte {offset}."
        ).format(
            stick=stick,
            image=image,
            size=size(sum(run.length for run in differing)),
            offset=differing[0].offset,
        )
        return (
            State.COMPLETE_WITH_ERRORS,
            message,
            _("Write it anew. A stick that was started from may have changed itself."),
        )

    def _compare(self, target: Watched, piece: Piece, found: memoryview) -> None:
        self.compared += piece.length
        padded = min(rounded_up(piece.length, target.block), target.size - piece.offset)
        here = ByteRange(piece.offset, piece.length)
        if padded < piece.length:
            raise TargetError(
                _("The image is larger than {name}, which holds {size}.").format(
                    name=self._plan.stick.name, size=size(target.size)
                ),
                cause=f"the image goes on at byte {piece.end}",
            )
        try:
            target.read(found[:padded], piece.offset)
        except TargetError as error:
            if is_gone(error):
                raise
            self._found.append(here)
        else:
            self._found += differences(piece.offset, piece.data, found[: piece.length])
        if len(self._found) > MOST_RANGES:
            self._found = list(self.differing)[:MOST_RANGES]
