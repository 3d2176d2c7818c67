# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an image to loop devices and says how long each part took: ``IMAGE verify|- NODE ...``."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickTarget, TargetOptions, judge_target
from discwright.stick.device import OpenDevice
from discwright.stick.opening import open_stick
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.run import run_write
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Silent


def peak() -> int:
    """Give the largest resident memory so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


closed: dict[str, float] = {}
"""When each stick was proved and closed, by its node."""


def opened(stick: StickTarget, say: Callable[[str], None]) -> OpenDevice:
    """Open a stick, and note when it is closed."""
    device = open_stick(stick, say)
    close = device.close

    def note() -> None:
        close()
        closed[stick.node] = time.monotonic()

    device.close = note  # type: ignore[method-assign]
    return device


def main(image: str, verify: str, *nodes: str) -> None:
    """Write and print one line of JSON."""
    source = survey_source(Path(image))
    options = WriteOptions(verify=verify == "verify", unbootable_ok=True)
    plans = []
    for node in nodes:
        target = judge_target(survey_target(node), TargetOptions(allow_file=True))
        assert isinstance(target, StickTarget), target
        plan = plan_write(source, target, options)
        assert isinstance(plan, WritePlan), plan
        plans.append(plan)
    before, began = peak(), time.monotonic()
    reports = run_write(plans, Silent(), CancelToken(), opener=opened)
    line = {
        "seconds": time.monotonic() - began,
        "each": [closed.get(node, float("inf")) - began for node in nodes],
        "states": [report.state for report in reports],
        "memory": peak() - before,
        "messages": [report.message for report in reports],
    }
    print(json.dumps(line))


main(*sys.argv[1:])
