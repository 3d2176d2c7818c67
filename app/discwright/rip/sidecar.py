# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside an image: its checksums, and the record of how it was made."""

import time
from dataclasses import replace
from pathlib import Path

from discwright.errors import TargetError
from discwright.image.checksums import write_checksum_file
from discwright.rip.plan import RipPlan
from discwright.rip.record import as_text, read_record, record
from discwright.rip.report import RipReport
from discwright.transfer.destination import survey
from discwright.transfer.partfile import write_file
from discwright.transfer.progress import Listener
from discwright.wording import _, shown

WITH_TOOLS = ("sha256", "sha512", "sha1", "md5", "blake2b")
"""Digests whose files a program of GNU coreutils checks (``sha256sum -c`` and its like)."""

_MOST = 1 << 16
"""A checksum file of one image is smaller."""


def conclude(
    plan: RipPlan, report: RipReport, *, started: str, began: float, listener: Listener
) -> RipReport:
    """Complete a report with its times, and write what lies beside the image, if there is one.

    ``started``: ISO 8601 with offset; ``began``: the same by time.monotonic().
    """
    report = replace(report, started=started, duration_s=time.monotonic() - began)
    if report.target is not None:
        sidecars, warnings = write_sidecars(plan, report)
        report = replace(report, sidecars=sidecars, warnings=(*report.warnings, *warnings))
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def write_sidecars(plan: RipPlan, report: RipReport) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write checksum files and record; give the paths and a warning for each that failed.

    A file that was there before belongs to somebody else, unless the image was to be replaced or
    it is of the same copy: a publisher's checksums are not overwritten.
    """
    written: list[Path] = []
    warnings: list[str] = []
    wanted = [name for name in report.digests if name in WITH_TOOLS]
    for name in [*wanted, "json"]:
        path = plan.target.with_name(f"{plan.target.name}.{name}")
        try:
            replaces = plan.options.overwrite or _is_ours(path, plan, name)
            if survey(path).exists and not replaces:
                warnings.append(
                    _("{name} was there before and was left as it is.").format(
                        name=shown(path.name)
                    )
                )
                continue
            if name == "json":
                text = as_text(record(plan, report))
                write_file(path, text.encode("ascii"), overwrite=replaces)
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


def _is_ours(path: Path, plan: RipPlan, name: str) -> bool:
    """Whether it is an earlier state's of the copy that was gone on with."""
    before = plan.earlier.record if plan.earlier is not None else None
    if name == "json":
        there = read_record(path)
        return there is not None and (there.unfinished or before is not None)
    if plan.places.bettering:  # what was there is of the image that was replaced
        before = read_record(plan.places.record)
    digest = (before.digests or {}).get(name) if before is not None else None
    if not digest:
        return False
    try:
        with path.open("rb") as file:
            return digest.encode() in file.read(_MOST)
    except OSError:
        return False


def _left_over(image: Path, report: RipReport) -> list[str]:
    """Tell of checksum files that are likely those of the image that was replaced."""
    paths = [image.with_name(f"{image.name}.{n}") for n in WITH_TOOLS if n not in report.digests]
    return [
        _("{name} is there from before; it may not be of this image.").format(name=shown(path.name))
        for path in paths
        if survey(path).exists
    ]
