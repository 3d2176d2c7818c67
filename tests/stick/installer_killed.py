# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies an installer and kills itself when a phase is reached: IMAGE STICK SCRATCH PHASE."""

import os
import signal
import sys
from pathlib import Path

from discwright.stick.installer_run import run_installer
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Phase
from stick.test_installer import At, plan_of


def main() -> None:
    image, node, scratch, phase = sys.argv[1:]
    plan = plan_of(Path(image), node, Path(scratch))
    listener = At(Phase(phase), lambda: os.kill(os.getpid(), signal.SIGKILL))
    print(run_installer(plan, listener, CancelToken()), file=sys.stderr)


main()
