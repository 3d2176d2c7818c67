# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking an image file against published checksums or against another image."""

import os
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from discwright.errors import DiscwrightError, SourceError
from discwright.image.checksums import Published, find_published, read_checksums
from discwright.rip.verify import Comparison
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.digests import ALGORITHMS, DigestSet
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import Consumer, pump
from discwright.wording import _, counted, shown, size


@dataclass(frozen=True)
class VerifyReport:
    """What a check found. The state is complete-with-errors if there is any difference."""

    state: State
    message: str
    remedy: str = ""
    cause: str = ""
    image: Path | None = None
    bytes: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    """As computed now."""
    checks: tuple[tuple[Published, bool], ...] = ()
    """Each published checksum and whether the image has it."""
    differing: tuple[Extent, ...] = ()
    """Sectors of 2048 bytes in which two images differ."""
    duration_s: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return {
            "event": "report",
            "state": self.state.value,
            "message": self.message,
            "remedy": self.remedy,
            "cause": self.cause,
            "target": None if self.image is None else str(self.image),
            "bytes": self.bytes,
            "digests": dict(self.digests),
            "checks": [
                {
                    "algorithm": published.checksum.algorithm,
                    "expected": published.checksum.digest,
                    "source": str(published.source),
                    "same": same,
                }
                for published, same in self.checks
            ],
            "bad_sectors": [],
            "differing_sectors": [[run.lba, run.count] for run in self.differing],
            "files_affected": [],
            "duration_s": round(self.duration_s, 3),
            "refusal": "",
        }


def plan_verify(image: Path, against: Path | None = None) -> "VerifyWork | Refusal":
    """Say what an image will be checked against: another image, a checksum file, or those beside.

    Reads the checksum files, but not the images.
    """
    for path in (image, against):
        if path is not None and not path.is_file():
            return _refuse_path(path)
    if against is not None and not _is_text(against):
        if against.resolve() == image.resolve():
            return Refusal("same-file", _("An image can't be compared with itself."))
        return VerifyWork(image, other=against)
    published = find_published(image) if against is None else _named(image, against)
    if not published:
        return _refuse_empty(image, against)
    usable = tuple(one for one in published if one.checksum.algorithm in ALGORITHMS)
    if not usable:
        return Refusal(
            "hash",
            _("The only checksums of {name} are of kinds that can't be computed here.").format(
                name=shown(image.name)
            ),
            _("Get a SHA-256 checksum of the image."),
        )
    return VerifyWork(image, published=usable)


def _is_text(path: Path) -> bool:
    """Tell a checksum file from an image, which may hold checksum files: by its first bytes."""
    try:
        with path.open("rb") as file:
            return b"\0" not in file.read(4096)
    except OSError:
        return True  # and then there are no checksums in it, which is refused


def _named(image: Path, against: Path) -> tuple[Published, ...]:
    return tuple(
        Published(checksum, against)
        for checksum in read_checksums(against)
        if not checksum.name or checksum.name.replace("\\", "/").split("/")[-1] == image.name
    )


def _refuse_empty(image: Path, against: Path | None) -> Refusal:
    if against is None:
        return Refusal(
            "no-checksum",
            _("Beside {name} there is no checksum of it.").format(name=shown(image.name)),
            _("Name a checksum file or another image to compare with."),
        )
    return Refusal(
        "no-checksum",
        _("{file} holds no checksum of {name}.").format(
            file=shown(against.name), name=shown(image.name)
        ),
        _("Check that the file belongs to this image."),
    )


def _refuse_path(path: Path) -> Refusal:
    name = shown(str(path))
    if not path.exists():
        return Refusal("source", _("There is no file {name}.").format(name=name))
    return Refusal(
        "source",
        _("{name} is no image file; checking discs and sticks is not in this version yet.").format(
            name=name
        ),
    )


class VerifyWork:
    """A check as planned: against ``other``, or else against ``published``."""

    kind = "verify"
    devices: frozenset[str] = frozenset()

    def __init__(
        self, image: Path, *, published: tuple[Published, ...] = (), other: Path | None = None
    ) -> None:
        self.image = image
        self.published = published
        self.other = other

    @property
    def title(self) -> str:
        """What is checked."""
        return _("Check {name}").format(name=shown(self.image.name, 60))

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        against = [str(self.other)] if self.other else [str(one.source) for one in self.published]
        return (f"Image: {self.image}", *(f"Against: {name}" for name in dict.fromkeys(against)))

    def run(self, listener: Listener, cancel: CancelToken) -> VerifyReport:
        """Read and compare. Raises Cancelled."""
        began = time.monotonic()
        try:
            if self.other is not None:
                report = self._compare(self.other, listener, cancel)
            else:
                report = self._digest(listener, cancel)
        except Cancelled:
            report = VerifyReport(State.CANCELLED, _("The check was cancelled."))
        except DiscwrightError as error:
            report = VerifyReport(State.FAILED, error.message, error.remedy, error.cause)
        return replace(report, image=self.image, duration_s=time.monotonic() - began)

    def _digest(self, listener: Listener, cancel: CancelToken) -> VerifyReport:
        digests = DigestSet(one.checksum.algorithm for one in self.published)
        moved = _pass(self.image, digests.consumers(), listener, cancel, hanging=[])
        found = digests.hexdigests()
        checks = tuple(
            (one, found[one.checksum.algorithm] == one.checksum.digest) for one in self.published
        )
        for one, same in checks:
            listener.log(
                f"{one.checksum.algorithm} in {one.source}: {'same' if same else 'different'}"
            )
        name = shown(self.image.name)
        wrong = [one for one, same in checks if not same]
        if wrong:
            return VerifyReport(
                State.COMPLETE_WITH_ERRORS,
                _("{name} is not what {file} says: the {kind} checksum is another.").format(
                    name=name, file=shown(wrong[0].source.name), kind=wrong[0].checksum.algorithm
                ),
                _("Get the image again, or the checksum that belongs to it."),
                bytes=moved,
                digests=found,
                checks=checks,
            )
        return VerifyReport(
            State.COMPLETE,
            _("{name} is the same as published in {file}.").format(
                name=name,
                file=", ".join(dict.fromkeys(shown(one.source.name) for one, _same in checks)),
            ),
            bytes=moved,
            digests=found,
            checks=checks,
        )

    def _compare(self, other: Path, listener: Listener, cancel: CancelToken) -> VerifyReport:
        hanging: list[threading.Thread] = []
        try:
            sizes = self.image.stat().st_size, other.stat().st_size
            comparison = Comparison(self.image, Extents())
        except OSError as error:
            raise _unreadable(self.image, error) from error
        try:
            moved = _pass(
                other, (comparison.take,), listener, cancel, hanging=hanging, most=min(sizes)
            )
        finally:
            if not hanging:
                comparison.close()
        names = {"name": shown(self.image.name), "other": shown(other.name)}
        parts = []
        if sizes[0] != sizes[1]:
            parts.append(
                _("{name} has {size}, {other} has {other_size}.").format(
                    size=f"{size(sizes[0])} ({sizes[0]} B)",
                    other_size=f"{size(sizes[1])} ({sizes[1]} B)",
                    **names,
                )
            )
        if comparison.differing.count:
            parts.append(
                counted(
                    "They differ in {n} sector.", "They differ in {n} sectors.",
                    comparison.differing.count,
                )
            )  # fmt: skip
        if parts:
            different = _("{name} and {other} are different.").format(**names)
            return VerifyReport(
                State.COMPLETE_WITH_ERRORS,
                " ".join((different, *parts)),
                bytes=moved,
                differing=comparison.differing.runs,
            )
        return VerifyReport(
            State.COMPLETE,
            _("{name} and {other} are the same, byte for byte.").format(**names),
            bytes=moved,
        )


def _pass(
    path: Path,
    consumers: tuple[Consumer, ...],
    listener: Listener,
    cancel: CancelToken,
    *,
    hanging: list[threading.Thread],
    most: int | None = None,
) -> int:
    """Send a file, or its first ``most`` bytes, through consumers; give the bytes sent.

    A thread that hangs in the kernel is put on ``hanging``: what it uses must stay open. Raises
    SourceError, Cancelled.
    """
    meter = Meter(listener)
    done = 0
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        total = os.fstat(file.fileno()).st_size if most is None else most
        meter.start(Phase.VERIFYING, total)

        def fill(buffer: memoryview) -> int:
            nonlocal done
            try:
                got = file.readinto(buffer[: max(0, total - done)]) or 0
            except OSError as error:
                raise _unreadable(path, error) from error
            done += got
            meter.update(done)
            return got

        moved = pump(fill, consumers, cancel=cancel, tick=meter.tick, stuck=hanging.append)
    finally:
        if not hanging:
            file.close()
    if moved < total:
        raise SourceError(
            _("{name} became shorter while it was read.").format(name=shown(path.name))
        )
    meter.finish()
    return moved


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        _("{name} can't be read: {why}.").format(name=shown(path.name), why=error.strerror),
        cause=str(error),
    )
