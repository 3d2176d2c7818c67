# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: the window, or a command."""

import gettext
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from discwright.assets import asset
from discwright.wording import _, use_translations

NO_DISPLAY = 2
"""Exit code where a window is wanted and there is no place for one: wrong usage."""

INTERRUPTED = 130


def main() -> int:
    """Open the window, without arguments or for a file to open; else run the command."""
    argv = sys.argv[1:]
    use_translations(gettext.translation("discwright", asset("locale"), fallback=True))
    try:
        if argv and not names_file(argv[0]):
            from discwright.cli.main import main as run_command  # noqa: PLC0415 - not for windows

            return run_command(argv)
        if not has_display():
            sys.stderr.write(
                _(
                    "There is no display to open the window on. "
                    "“discwright --help” lists the commands that work without one."
                )
                + "\n"
            )
            return NO_DISPLAY
        from discwright.gui.main import main as open_window  # noqa: PLC0415 - loads Qt

        return open_window(argv)
    except KeyboardInterrupt:
        return INTERRUPTED


def names_file(argument: str) -> bool:
    """Give whether an argument is a file (or drive) to open, and no command.

    A bare word is a command even where a file of that name lies about; ``./rip`` is the file.
    """
    if "/" not in argument and "." not in argument:
        return False
    if urlsplit(argument).scheme == "file":
        return True
    return Path(argument).exists() and not Path(argument).is_dir()


def has_display() -> bool:
    """Give whether Qt can find a place for a window."""
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
