# SPDX-License-Identifier: GPL-3.0-or-later
"""The record beside an image: how it was made, and, while it isn't whole, what it is of."""

import json
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pycdio

from discwright import __version__
from discwright.optical import libcdio
from discwright.transfer.extents import Extent

if TYPE_CHECKING:
    from discwright.rip.plan import RipPlan
    from discwright.rip.report import RipReport

FORMAT = 1
"""Raised when a field of the record changes its meaning."""

UNFINISHED = "unfinished"
"""The state in the record of a copy that is under way or was broken off."""

MAX_BYTES = 64 << 20
"""A larger file is no record of ours."""


@dataclass(frozen=True)
class Reading:
    """What one drive gave in one run."""

    drive: str
    """Maker, model and firmware as the drive calls itself; the name of an image file."""
    started: str
    """ISO 8601 with offset."""
    sectors: tuple[Extent, ...]

    def to_json(self) -> dict[str, object]:
        """Give plain data."""
        return {
            "drive": self.drive,
            "started": self.started,
            "sectors": [[run.lba, run.count] for run in self.sectors],
        }


@dataclass(frozen=True)
class Record:
    """What an earlier record says that matters for going on."""

    unfinished: bool
    fingerprint: str = ""
    sectors: int = 0
    virtual: bool = False
    readings: tuple[Reading, ...] = ()
    bad: tuple[Extent, ...] = ()
    digests: Mapping[str, str] | None = None


def record(plan: "RipPlan", report: "RipReport", *, unfinished: bool = False) -> dict[str, object]:
    """Give what there is to know about a copy: disc, drive, length, digests, losses, times."""
    return {
        "format": FORMAT,
        "program": {
            "name": "Discwright",
            "version": __version__,
            "python": platform.python_version(),
            "libcdio": libcdio.version(),
            "pycdio": str(pycdio.VERSION_NUM),
            "kernel": platform.release(),
            "platform": sys.platform,
        },
        "state": UNFINISHED if unfinished else report.state.value,
        "image": plan.target.name,
        "sheet": None if plan.sheet is None else plan.sheet.name,
        "digests": dict(report.digests),
        "disc": plan.disc.to_json(),
        "fingerprint": plan.disc.fingerprint,
        "readings": [reading.to_json() for reading in report.readings],
        **({"contents": dict(report.contents)} if report.contents else {}),
        "options": {
            "retries": plan.options.retries,
            "speed": plan.options.speed,
            "verify": plan.options.verify,
        },
        "report": {
            key: value
            for key, value in report.to_json().items()
            if key not in {"event", "target", "sheet", "sidecars", "state", "digests"}
        },
    }


def as_text(data: object) -> str:
    """Give JSON that every program takes: names that are no text have lone surrogates in them."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(data, ensure_ascii=False))
    return json.dumps(json.loads(text), indent=2) + "\n"


def read_record(path: Path) -> Record | None:
    """Read a record that this program wrote; None for whatever else is there, or nothing."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        whole = json.loads(data) if len(data) <= MAX_BYTES else None
        return _parsed(whole)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _parsed(whole: dict[str, object] | None) -> Record | None:
    if whole is None or _mapping(whole["program"])["name"] != "Discwright":
        return None
    if whole["format"] != FORMAT:
        return None
    disc, report = _mapping(whole["disc"]), _mapping(whole["report"])
    fingerprint = whole.get("fingerprint", "")
    sectors = _mapping(disc["length"])["sectors"]
    readings = whole.get("readings", [])
    if not (isinstance(fingerprint, str) and isinstance(sectors, int)):
        return None
    return Record(
        unfinished=whole["state"] == UNFINISHED,
        fingerprint=fingerprint,
        sectors=sectors,
        virtual=disc["virtual"] is True,
        readings=tuple(_reading(_mapping(one)) for one in _list(readings)),
        bad=_runs(report.get("bad_sectors", [])),
        digests={str(name): str(digest) for name, digest in _mapping(whole["digests"]).items()},
    )


def _reading(one: dict[str, object]) -> Reading:
    return Reading(str(one["drive"]), str(one["started"]), _runs(one["sectors"]))


def _runs(value: object) -> tuple[Extent, ...]:
    runs = []
    for pair in _list(value):
        lba, count = _list(pair)
        if not (isinstance(lba, int) and isinstance(count, int) and lba >= 0 and count > 0):
            raise ValueError("no run of sectors")
        runs.append(Extent(lba, count))
    return tuple(runs)


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value
