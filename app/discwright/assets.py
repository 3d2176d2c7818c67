# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of ``resources/`` are.

Beside the code in a checkout, inside the package when it is installed.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(*parts: str) -> Path:
    """Give the path of a file or folder below ``resources/``; it need not exist."""
    installed = _PACKAGE / "data"
    root = installed if installed.is_dir() else _PACKAGE.parent.parent / "resources"
    return root.joinpath(*parts)
