# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies an installer and kills itself when a phase is reached for the nth time.

Arguments: IMAGE STICK SCRATCH PHASE NTH, and "all" to kill its helpers first, as a power cut does.
"""

import os
import signal
import sys
from pathlib import Path

from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Phase, Silent
from stick.test_installer import plan_of, run_installer


class At(Silent):
    def __init__(self, phase: Phase, times: int, *, everything: bool) -> None:
        self.phase, self.left, self.everything = phase, times, everything
        self.last: Phase | None = None

    def progress(self, progress) -> None:
        if progress.phase is not self.last:
            self.last = progress.phase
            self.left -= progress.phase is self.phase
        if not self.left:
            if self.everything:
                for helper in helpers():
                    os.kill(helper, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)


def helpers() -> list[int]:
    tasks = Path("/proc/self/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def main() -> None:
    image, node, scratch, phase, times, *how = sys.argv[1:]
    plan = plan_of(Path(image), node, Path(scratch))
    listener = At(Phase(phase), int(times), everything=how == ["all"])
    print(run_installer(plan, listener, CancelToken()), file=sys.stderr)


main()
