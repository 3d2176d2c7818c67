# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal for a program in the bench, and what is written to it."""

import os
import pty
import threading


class Terminal:
    """Both ends of a terminal; give ``theirs`` to the program, then :meth:`listen`."""

    def __init__(self):
        self.text = ""
        self._ours, self.theirs = pty.openpty()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def listen(self):
        """Hear the program, which has its end by now."""
        os.close(self.theirs)
        self._thread.start()

    def type(self, text):
        """Type this."""
        os.write(self._ours, text.encode())

    def _listen(self):
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:  # nobody writes any more
                data = b""
            with self._news:
                self.text += data.decode("utf-8", "replace")
                self._news.notify_all()
            if not data:
                return

    def wait_for(self, *words, after="", timeout=60):
        """Wait for one of these words, after others."""
        with self._news:
            found = self._news.wait_for(
                lambda: any(
                    word in (self.text.rpartition(after)[2] if after else self.text)
                    for word in words
                ),
                timeout,
            )
        assert found, self.text

    def close(self):
        """Wait for the end."""
        self._thread.join(10)
        os.close(self._ours)
