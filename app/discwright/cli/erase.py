# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright erase``: blank a rewritable disc, or give a stick back as an empty drive."""

import argparse
from dataclasses import dataclass, replace

from discwright.burn import erase as disc
from discwright.burn.options import Blank
from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.cli.consent import withheld
from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.passwords import passwords_to_erase
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.access import is_remote, user_name
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickFacts, TargetOptions, judge_target
from discwright.errors import DiscwrightError
from discwright.jobs import JobReport, Work
from discwright.jobs.erase_work import EraseDiscWork, EraseStickWork
from discwright.stick import erase as stick
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown


@dataclass(frozen=True)
class _Erasing:
    """What will be erased: the job, what to say before, what to ask."""

    work: Work
    sentences: tuple[str, ...]
    question: str


def erase(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Erase, print how it ended, and give the exit code."""
    try:
        erasing = interruption.look(lambda cancel: _plan(arguments, cancel))
    except DiscwrightError as error:
        refusal = Refusal("source", error.message, error.remedy, error.cause)
        return print_outcome(JobReport.refused(refusal), streams)
    if isinstance(erasing, Refusal):
        return print_outcome(JobReport.refused(erasing), streams)
    for sentence in erasing.sentences:
        streams.message(sentence)
    no = withheld(erasing.question, streams, interruption, yes=arguments.yes)
    if no is not None:
        return print_outcome(no, streams)
    report, log = run_job(erasing.work, streams, interruption)
    if arguments.log is not None:
        save_log(log, report, arguments.log, streams)
    return print_outcome(report, streams, said=erasing.sentences)


def _plan(arguments: argparse.Namespace, cancel: CancelToken) -> _Erasing | Refusal:
    node = arguments.device
    if node.startswith("stdio:"):
        return _plan_disc(node, arguments, cancel)
    facts = survey_target(node)
    if facts.optical:
        return _plan_disc(node, arguments, cancel)
    return _plan_stick(facts, arguments)


def _plan_disc(node: str, arguments: argparse.Namespace, cancel: CancelToken) -> _Erasing | Refusal:
    around = look_around(node)
    if around.problem is not None:
        return around.problem
    blank = Blank.FULL if arguments.full else Blank.FAST
    plan = disc.plan_erase(read_target(node, cancel), blank, around)
    if isinstance(plan, Refusal):
        return plan
    question = _("Everything on the {kind} in {node} will be lost. Erase?").format(
        kind=plan.medium.kind, node=shown(node)
    )
    return _Erasing(EraseDiscWork(plan), plan.sentences, question)


def _plan_stick(facts: StickFacts, arguments: argparse.Namespace) -> _Erasing | Refusal:
    target = judge_target(facts, TargetOptions(large_ok=arguments.large))
    if isinstance(target, Refusal):
        # No word lets this command write into files.
        return replace(target, remedy="") if target.kind == "file" else target
    options = stick.EraseOptions(arguments.file_system, arguments.label)
    plan = stick.plan_erase(target, options)
    if isinstance(plan, Refusal):
        return plan
    question = _("Everything on {stick} will be lost. Erase?").format(stick=target.title)
    passwords = passwords_to_erase(target, user_name(), remote=is_remote())
    sentences = (*plan.warnings, *([passwords] if passwords else []))
    return _Erasing(EraseStickWork(plan), sentences, question)
