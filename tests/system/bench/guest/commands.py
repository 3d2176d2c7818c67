#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the machine: several commands of the program, each in a process of its own.

Usage: commands.py COMMANDS, a list of lists of words in JSON. What the program is made of is loaded
once: that is most of the time that a short command takes here. Told, in JSON: for each command the
lines that it wrote, as they were.
"""

import json
import os
import sys
import tempfile

import discwright.cli.devices
import discwright.cli.erase
import discwright.cli.main
import discwright.cli.write


def told_by(words):
    with tempfile.TemporaryFile() as file:
        child = os.fork()
        if not child:
            os.dup2(file.fileno(), 1)
            os._exit(finished(words))
        os.waitpid(child, 0)
        file.seek(0)
        return file.read().decode("utf-8", "replace").splitlines()


def finished(words):
    try:
        return discwright.cli.main.main(words)
    finally:
        sys.stdout.flush()


print(json.dumps([told_by(words) for words in json.loads(sys.argv[1])]))
