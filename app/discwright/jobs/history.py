# SPDX-License-Identifier: GPL-3.0-or-later
"""The last jobs, remembered from one start of the program to the next."""

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from discwright.transfer.outcome import Report

KEPT = 50
"""How many jobs are remembered."""

_MAX_BYTES = 4 << 20
"""A file longer than that isn't ours; only its end is read."""

_LOCK_TIMEOUT = 1.0


@dataclass(frozen=True)
class Entry:
    """One job that ended."""

    kind: str
    title: str
    state: str
    """A value of :class:`discwright.transfer.outcome.State`."""
    message: str
    target: str = ""
    """The path of what was made; "" if nothing was."""
    digests: Mapping[str, str] = field(default_factory=dict)
    time: str = ""
    """When it ended, ISO 8601 with offset."""
    log: str = ""
    """The path of the log that was kept; it may be gone by now."""

    @classmethod
    def of(cls, kind: str, title: str, report: Report, log: Path | None = None) -> "Entry":
        """Give the entry for a job that ends now."""
        facts = report.to_json()
        target, digests = facts.get("target"), facts.get("digests")
        return cls(
            kind=kind,
            title=title,
            state=report.state.value,
            message=report.message,
            target=target if isinstance(target, str) else "",
            digests=_texts(digests),
            time=datetime.now().astimezone().isoformat(timespec="seconds"),
            log="" if log is None else str(log),
        )


class History:
    """The file of remembered jobs: one JSON object in a line, the newest last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> tuple[Entry, ...]:
        """Give the remembered jobs, the newest first; lines that can't be read are left out."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _MAX_BYTES))
                lines = file.read(_MAX_BYTES).splitlines()
        except OSError:
            return ()
        found = [entry for entry in map(_parse, lines) if entry is not None]
        return tuple(reversed(found[-KEPT:]))

    def add(self, entry: Entry) -> None:
        """Remember a job. Raises OSError if it can't be written; the old file stays then."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(self.path.with_name(f".{self.path.name}.lock")):
            kept = [*reversed(self.entries()), entry][-KEPT:]
            self._write("".join(json.dumps(asdict(entry)) + "\n" for entry in kept))

    def clear(self) -> None:
        """Forget all."""
        self.path.unlink(missing_ok=True)

    def _write(self, text: str) -> None:
        fd, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        try:
            with open(fd, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor
                # No fsync: the job's end would wait for all that it wrote to the disk before.
                file.write(text)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _parse(line: bytes) -> Entry | None:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(facts, dict):
        return None
    texts = _texts(facts)
    if not {"kind", "title", "state", "message"} <= texts.keys():
        return None
    return Entry(
        kind=texts["kind"],
        title=texts["title"],
        state=texts["state"],
        message=texts["message"],
        target=texts.get("target", ""),
        digests=_texts(facts.get("digests")),
        time=texts.get("time", ""),
        log=texts.get("log", ""),
    )


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, Mapping):
        return {}
    return {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, str)}


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes from adding at the same time; after a second do without."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + _LOCK_TIMEOUT
        while time.monotonic() < deadline:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
        yield
    finally:
        os.close(fd)
