# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a burn beside the image, if it is asked for."""

import json
import re
from dataclasses import replace
from pathlib import Path

from discwright import __version__
from discwright.burn.plan import BurnPlan
from discwright.burn.report import BurnReport
from discwright.errors import TargetError
from discwright.transfer.partfile import write_file
from discwright.wording import _, shown

FORMAT = 1
"""Raised when a field of the record changes its meaning."""


def record(plan: BurnPlan, report: BurnReport) -> dict[str, object]:
    """Give what there is to know about a burn: drive, medium, speed, times, digests, losses."""
    return {
        "format": FORMAT,
        "program": {"name": "Discwright", "version": __version__, report.writer: report.program},
        "state": report.state.value,
        "image": Path(plan.image.source).name,
        "sectors": plan.sectors,
        "padding": plan.method.padding,
        "digests": dict(report.digests),
        "medium": plan.medium.to_json(),
        "preparation": plan.method.preparation.value,
        "report": {
            key: value
            for key, value in report.to_json().items()
            if key not in {"event", "sidecars", "state", "digests"}
        },
    }


def write_sidecar(plan: BurnPlan, report: BurnReport) -> BurnReport:
    """Write ``NAME.burn-TIME.json`` beside the image; give the report with its path or a remark."""
    image = Path(plan.image.source)
    stamp = re.sub(r"[^0-9T]", "", report.started[:19])
    path = image.with_name(f"{image.name}.burn-{stamp}.json")
    text = json.dumps(record(plan, report), indent=2) + "\n"
    try:
        write_file(path, text.encode("ascii"))
    except TargetError as error:
        remark = _("{name} could not be written: {why}").format(
            name=shown(path.name), why=error.sentence()
        )
        return replace(report, warnings=(*report.warnings, remark))
    return replace(report, sidecars=(path,))
