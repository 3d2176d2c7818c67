# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in the bench: opens a drive in one thread and says from another that it is alive."""

import threading

from discwright.optical.drive_source import DriveSource

opened = threading.Event()


def open_it():
    print("opening", flush=True)
    DriveSource("/dev/sr0").close()
    opened.set()


threading.Thread(target=open_it, daemon=True).start()
while not opened.wait(0.1):
    print("alive", flush=True)
