# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside an image: its checksums, and the record of how it was made."""

import json
import platform
import re
import sys
from pathlib import Path

import pycdio

from discwright import __version__
from discwright.errors import TargetError
from discwright.image.checksums import write_checksum_file
from discwright.optical import libcdio
from discwright.rip.plan import RipPlan
from discwright.rip.report import RipReport
from discwright.transfer.destination import survey
from discwright.transfer.partfile import write_file
from discwright.wording import _, shown

WITH_TOOLS = ("sha256", "sha512", "sha1", "md5", "blake2b")
"""Digests whose files a program of GNU coreutils checks (``sha256sum -c`` and its like)."""

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
    wanted = [name for name in report.digests if name in WITH_TOOLS]
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
                text = _json(record(plan, report))
                write_file(path, text.encode("ascii"), overwrite=plan.options.overwrite)
            else:
                write_checksum_file(plan.target, name, report.digests[name])
            written.append(path)
        except TargetError as error:
            warnings.append(
                _("{name} could not be written: {why}").format(
                    name=shown(path.name), why=error.sentence()
                )
            )
    if plan.options.overwrite:
        warnings += _left_over(plan.target, report)
    return tuple(written), tuple(warnings)


def _left_over(image: Path, report: RipReport) -> list[str]:
    """Tell of checksum files that are likely those of the image that was replaced."""
    paths = [image.with_name(f"{image.name}.{n}") for n in WITH_TOOLS if n not in report.digests]
    return [
        _("{name} is there from before; it may not be of this image.").format(name=shown(path.name))
        for path in paths
        if survey(path).exists
    ]


def _json(data: object) -> str:
    """Give JSON that every program takes: names that are no text have lone surrogates in them."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(data, ensure_ascii=False))
    return json.dumps(json.loads(text), indent=2) + "\n"
