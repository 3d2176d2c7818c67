# SPDX-License-Identifier: GPL-3.0-or-later
"""``burn_program.py`` with an image whose file system stops to answer after 4 MiB.

There is no dead network drive in the bench: the call that would hang in the kernel sleeps here.
"""

import threading

import burn_program

from discwright.burn.feed import ImageFileFeed

READ_WELL = 4 << 20
_read = ImageFileFeed._next


def _stall(feed, buffer):
    if feed._at >= READ_WELL:
        burn_program.say(event="log", node="", line="the image hangs")
        threading.Event().wait()
    return _read(feed, buffer)


ImageFileFeed._next = _stall
burn_program.main()
