# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside an image: its checksums, and the record of how it was made."""

import json
import os
import platform
import sys
from pathlib import Path

import pycdio

from discwright import __version__
from discwright.image.checksums import TOOLS, write_checksum_file
from discwright.optical import libcdio
from discwright.rip.plan import RipPlan
from discwright.rip.report import RipReport
from discwright.transfer.destination import survey
from discwright.wording import _, shown

FORMAT = 1
"""Raised when a field of the record changes its meaning."""


def record(plan: RipPlan, report: RipReport) -> dict[str, object]:
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
        "state": report.state.value,
        "image": plan.target.name,
        "digests": dict(report.digests),
        "disc": plan.disc.to_json(),
        "options": {
            "retries": plan.options.retries,
            "speed": plan.options.speed,
            "verify": plan.options.verify,
        },
        "report": {
            key: value
            for key, value in report.to_json().items()
            if key not in {"event", "target", "sidecars", "state", "digests"}
        },
    }


def write_sidecars(plan: RipPlan, report: RipReport) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write checksum files and record; give the paths and a warning for each that failed.

    A file that was there before belongs to somebody else, unless the image was to be replaced:
    a publisher's checksums are not overwritten.
    """
    written: list[Path] = []
    warnings: list[str] = []
    wanted = [name for name in report.digests if name in TOOLS]
    for name in [*wanted, "json"]:
        path = plan.target.with_name(f"{plan.target.name}.{name}")
        try:
            if survey(path).exists and not plan.options.overwrite:
                warnings.append(
                    _("{name} was there before and was left as it is.").format(
                        name=shown(path.name)
                    )
                )
                continue
            if name == "json":
                _write(path, json.dumps(record(plan, report), indent=2) + "\n")
            else:
                write_checksum_file(plan.target, name, report.digests[name])
            written.append(path)
        except OSError as error:
            warnings.append(
                _("{name} could not be written: {why}.").format(
                    name=shown(path.name), why=error.strerror
                )
            )
    return tuple(written), tuple(warnings)


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
