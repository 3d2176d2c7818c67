# SPDX-License-Identifier: GPL-3.0-or-later
"""How far to jump over a damaged area, so that what is good is safe first. Pure."""

from discwright.optical.drive import MAX_REQUEST

SHARE = 100
"""A jump is at most this part of the disc: a scratch from rim to hub crosses every turn."""


class Skip:
    """The next jump: doubled with each failure in a row, gone with the first success.

    Source of the idea: the manual of GNU ddrescue, "Algorithm": an error costs seconds to minutes
    of the drive's life, and those beside it are likely.
    """

    def __init__(self, sectors: int) -> None:
        self._most = max(MAX_REQUEST, sectors // SHARE)
        self._size = 0
        self._slow = False

    def after(self, *, read: bool, failed: bool, slow: bool) -> int:
        """Give the sectors to jump over after a request: did it give something, did it fail.

        A drive may think for a moment; only the second slow request in a row is an area.
        """
        again, self._slow = slow and self._slow, slow
        if read and not slow:
            self._size = 0
        if not failed and not again:
            return 0
        self._size = min(self._most, max(MAX_REQUEST, self._size * 2))
        return self._size
