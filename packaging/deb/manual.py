# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the manual page and the completion for bash from the parser of the command line.

Usage: manual.py man|completion [DATE], with app/ on the module path.
"""

import argparse
import re
import sys
from collections.abc import Iterator

from discwright import __version__
from discwright.cli.arguments import parser

FILES = """.SH FILES
.TP
.I NAME.iso
the sectors of the disc, 2048 bytes each
.TP
.I NAME.iso.sha256
its checksum, as
.BR sha256sum (1)
with
.B \\-c
reads it; likewise for the other checksums
.TP
.I NAME.iso.json
the record of the job
.TP
.I NAME.iso.part
a copy that is not finished
.TP
.I NAME.iso.map
what was read and what not, while sectors are missing, as a map of
.BR ddrescue (1)
.SH ENVIRONMENT
.TP
.B DISCWRIGHT_DEBUG
if not empty, an error inside the program shows where it happened
.SH SEE ALSO
.BR xorriso (1),
.BR cdrdao (1),
.BR ddrescue (1),
.BR udisksctl (1),
.BR sha256sum (1)
"""


def roff(text: str) -> str:
    """Give text that roff takes as it is, for the middle of a line or its beginning."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = text.replace("“", r"\(lq").replace("”", r"\(rq").replace("'", r"\(aq")
    return re.sub(r"(?m)^\.", r"\\&.", text)


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Give the commands by their names."""
    for action in top._actions:  # noqa: SLF001 - argparse has no public way to them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}


def arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """Give the arguments and options of a command, without --help."""
    return [
        action
        for action in command._actions  # noqa: SLF001
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)  # noqa: SLF001
    ]


def value_of(action: argparse.Action) -> str:
    """Give what stands for the value of an option or argument; empty if it takes none."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        return action.metavar
    return "|".join(map(str, action.choices or [action.dest.upper()]))


def entry(action: argparse.Action) -> Iterator[str]:
    """Give the lines for one argument or option."""
    names = ", ".join(rf"\fB{roff(name)}\fR" for name in action.option_strings)
    value = value_of(action)
    yield ".TP"
    yield " ".join(filter(None, [names, rf"\fI{roff(value)}\fR" if value else ""]))
    yield roff(action.help or "")


def synopsis(name: str, command: argparse.ArgumentParser) -> str:
    """Give one line: the command, and what it takes beside options."""
    words = [rf"\fBdiscwright {name}\fR", r"[\fIOPTION\fR]..."]
    for action in arguments(command):
        if not action.option_strings:
            word = rf"\fI{roff(value_of(action))}\fR"
            several = "..." if action.nargs in {"*", "+"} else ""
            words.append(f"[{word}]{several}" if action.nargs in {"*", "?"} else word + several)
    return " ".join(words)


def manual(date: str) -> Iterator[str]:
    """Give the lines of discwright(1)."""
    top = parser()
    yield f'.TH DISCWRIGHT 1 "{date}" "Discwright {__version__}" "User Commands"'
    yield from (".SH NAME", r"discwright \- rip discs, burn images, write USB sticks")
    yield from (".SH SYNOPSIS", r"\fBdiscwright\fR [\fIFILE\fR]...")
    for name, command in commands(top).items():
        yield from (".br", synopsis(name, command))
    yield ".SH DESCRIPTION"
    yield "Copies a disc to an image file, burns an image to blank media, and writes USB sticks."
    yield "What was written is read back and compared, and each loss is listed."
    yield "Without a command the window opens, with the given files or drives in it."
    yield "What destroys something asks on a terminal, and elsewhere wants"
    yield r"\fB\-\-yes\fR."
    for action in arguments(top):
        yield from entry(action)
    yield ".SH COMMANDS"
    for name, command in commands(top).items():
        yield from (f".SS {name}", synopsis(name, command), ".PP", roff(command.description or ""))
        for action in arguments(command):
            yield from entry(action)
        examples = (command.epilog or "").partition("\n")[2]
        yield from (".PP", "Examples:", ".PP", ".nf", roff(examples), ".fi")
    yield from (".SH EXIT STATUS", ".nf")
    _, _, codes = (top.epilog or "").partition("exit codes: ")
    yield roff("\n".join(re.split(r",\s+(?=\d)", codes)))
    yield ".fi"
    yield FILES.rstrip()


def completion() -> Iterator[str]:
    """Give the lines of a completion for bash: commands, options, choices, files."""
    top = parser()
    words = " ".join([*commands(top), "--help", "--version"])
    yield "# bash completion for discwright(1); made from the parser of the command line"
    yield "_discwright()"
    yield "{"
    yield '\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=""'
    yield "\tCOMPREPLY=()"
    yield "\tif ((COMP_CWORD > 1)); then"
    yield "\t\tcase ${COMP_WORDS[1]} in"
    for name, command in commands(top).items():
        options = [option for action in arguments(command) for option in action.option_strings]
        yield f'\t\t{name}) words="{" ".join([*options, "--help"])}" ;;'
    yield "\t\tesac"
    yield "\t\tcase ${COMP_WORDS[1]}:$before in"
    for name, command in commands(top).items():
        for action in arguments(command):
            if action.choices:
                yield f"\t\t{name}:{action.option_strings[0]})"
                choices = " ".join(action.choices)
                yield f'\t\t\tmapfile -t COMPREPLY < <(compgen -W "{choices}" -- "$word")'
                yield "\t\t\treturn ;;"
    yield "\t\tesac"
    yield "\telse"
    yield f'\t\twords="{words}"'
    yield "\tfi"
    yield "\tif ((COMP_CWORD == 1)) || [[ $word == -* ]]; then"
    yield '\t\tmapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")'
    yield "\tfi"
    yield "}"
    yield "complete -o default -F _discwright discwright"


if __name__ == "__main__":
    made = manual(sys.argv[2]) if sys.argv[1] == "man" else completion()
    print(*made, sep="\n")  # noqa: T201 - what it is run for
