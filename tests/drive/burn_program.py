# SPDX-License-Identifier: GPL-3.0-or-later
"""Burn with the rooms of the program, as its faces do; run inside the bench.

Arguments: one JSON object with ``image``, ``nodes`` and ``options``, and ``do`` for anything but
burning. Writes one JSON object per line: the plans, the phases as they come, the log, the reports.
"""

import functools
import json
import signal
import sys
import threading
from pathlib import Path

from discwright.burn import program_run
from discwright.burn.copy import plan_copy, plan_copy_with_one_drive, run_copy
from discwright.burn.erase import plan_erase, run_erase
from discwright.burn.image import read_image
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.plan import plan_burn
from discwright.burn.report import refused
from discwright.burn.run import run_burn
from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.burn.together import burn_together
from discwright.optical.source import examine
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal

_lock = threading.Lock()


def say(**words):
    with _lock:
        print(json.dumps(words), flush=True)


class Teller:
    def __init__(self, node):
        self.node, self.phase = node, None

    def progress(self, progress):
        if progress.phase is not self.phase:
            self.phase = progress.phase
            say(event="phase", node=self.node, phase=progress.phase.value)
        say(event="progress", node=self.node, phase=progress.phase.value, done=progress.done,
            total=progress.total)  # fmt: skip

    def log(self, line):
        say(event="log", node=self.node, line=line)

    def mark(self, lba, count, mark):
        pass


def options_of(wishes):
    return BurnOptions(**{**wishes, "blank": Blank(wishes.get("blank", "auto"))})


def burn(job, cancel):
    image = read_image(job["image"])
    plans = []
    for node in job["nodes"]:
        medium = read_target(node)
        plan = plan_burn(image, medium, options_of(job.get("options", {})), look_around(node))
        if isinstance(plan, Refusal):
            return [refused(plan, medium)]
        say(event="plan", node=node, sentences=plan.sentences, warnings=plan.warnings,
            speed=plan.speed_kb, mode=plan.method.mode.value)  # fmt: skip
        plans.append(plan)
    tellers = [Teller(node) for node in job["nodes"]]
    if len(plans) == 1:
        return [run_burn(plans[0], tellers[0], cancel)]
    return burn_together(plans, tellers, cancel)


def erase(job, cancel):
    node = job["nodes"][0]
    plan = plan_erase(read_target(node), Blank(job.get("options", {}).get("blank", "auto")),
                      look_around(node))  # fmt: skip
    if isinstance(plan, Refusal):
        return [refused(plan)]
    say(event="plan", node=node, sentences=plan.sentences)
    return [run_erase(plan, Teller(node), cancel)]


def copy(job, cancel):
    source, target = job["image"], job["nodes"][0]
    disc, options = examine(source), options_of(job.get("options", {}))
    if target.startswith("/dev/"):
        plan = plan_copy(disc, read_target(target), options, look_around(target))
    else:
        place = survey(Path(target))
        plan = plan_copy_with_one_drive(disc, options, look_around(source), place)
    if isinstance(plan, Refusal):
        return [refused(plan)]
    say(event="plan", node=target, sentences=plan.sentences, warnings=plan.warnings)
    return [run_copy(plan, Teller(source), cancel)]


def look(job, _cancel):
    for node in job["nodes"]:
        say(event="medium", node=node, medium=read_target(node).to_json())
    return []


def main():
    job = json.loads(sys.argv[1])
    if "patience" in job:
        program_run.run_child = functools.partial(program_run.run_child, stopping_s=job["patience"])
    cancel = CancelToken()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.cancel())
    work = {"burn": burn, "erase": erase, "copy": copy, "look": look}[job.get("do", "burn")]
    for report in work(job, cancel):
        say(**report.to_json())


if __name__ == "__main__":
    main()
