# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: parse, do, and give the exit code.

Commands are imported when they are wanted, so that ``--help`` and refusals are quick.
"""

import argparse
import importlib
import os
import traceback

from discwright.cli.arguments import parser
from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.streams import Streams
from discwright.errors import DiscwrightError
from discwright.jobs.report import JobReport
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import State
from discwright.wording import _


def main(argv: list[str]) -> int:
    """Run a command; ``argv`` without the program's name. Raises SystemExit on wrong usage."""
    arguments = _parse(argv)
    streams = Streams(as_json=arguments.json)
    try:
        with Interruption() as interruption:
            return _run(arguments, streams, interruption)
    except Cancelled:
        report = JobReport(State.CANCELLED, _("Cancelled."))
    except DiscwrightError as error:
        report = JobReport(State.FAILED, error.message, error.remedy, error.cause)
    except Exception as error:  # people get a sentence, whatever happened
        if os.environ.get("DISCWRIGHT_DEBUG"):
            streams.draw(traceback.format_exc())
        report = JobReport(
            State.FAILED,
            _("The command stopped because of an error in Discwright itself."),
            _("Please report it; DISCWRIGHT_DEBUG=1 in the environment shows more."),
            f"{type(error).__name__}: {error}",
        )
    return print_outcome(report, streams)


def _parse(argv: list[str]) -> argparse.Namespace:
    """Parse; paths behind an option are paths too, which argparse doesn't see (bpo-14191)."""
    top = parser()
    arguments, rest = top.parse_known_args(argv)
    if rest and (arguments.command != "extract" or any(word.startswith("-") for word in rest)):
        top.error(_("unrecognized arguments: {words}").format(words=" ".join(rest)))
    if rest:
        arguments.paths += rest
    return arguments


_COMMANDS = {
    "devices": "discwright.cli.devices",
    "rip": "discwright.cli.rip",
    "burn": "discwright.cli.burn",
    "write": "discwright.cli.write",
    "copy": "discwright.cli.copy",
    "erase": "discwright.cli.erase",
    "inspect": "discwright.cli.inspect",
    "list": "discwright.cli.list",
    "extract": "discwright.cli.extract",
    "verify": "discwright.cli.verify",
}
"""Each command's module has a function of the command's name."""


def _run(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    module = importlib.import_module(_COMMANDS[arguments.command])
    code: int = getattr(module, arguments.command)(arguments, streams, interruption)
    return code
