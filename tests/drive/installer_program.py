# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a Windows installer's files from a drive to a folder; run inside the bench.

Arguments: the drive's node, and a folder that stands for the stick's file system. Writes the
report as a JSON line.
"""

import json
import os
import sys
from pathlib import Path

from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.stick.installer_plan import InstallerOptions, InstallerPlan, plan_installer
from discwright.stick.installer_run import run_installers
from discwright.stick.installer_source import Tools, survey_installer
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Silent

STICK = StickTarget("/dev/sdx", "Some Stick", Identity(8_000_000_000, 7, "A1", "8:16"))


class Folder:
    """A folder in place of a file system that is made, mounted and named."""

    def __init__(self, path):
        self.path, self.root = path, -1

    def mount(self, *, read_only):
        self.root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        return self.root

    def unmount(self):
        if self.root >= 0:
            os.close(self.root)
            self.root = -1

    def format(self, _cancel):
        pass

    def name(self, label):
        pass

    def check(self):
        pass

    def release(self):
        pass

    def eject(self):
        pass

    def reveal(self):
        pass

    def make_void(self):
        self.unmount()

    def close(self, *, settled):
        self.unmount()


def main():
    node, folder = sys.argv[1], Path(sys.argv[2])
    plan = plan_installer(survey_installer(node), STICK, Tools(), InstallerOptions())
    assert isinstance(plan, InstallerPlan), plan
    (report,) = run_installers(
        [plan], Silent(), CancelToken(), volume_of=lambda _plan, _log: Folder(folder)
    )
    print(json.dumps(report.to_json()))


if __name__ == "__main__":
    main()
