# SPDX-License-Identifier: GPL-3.0-or-later
"""An MMC drive as a model: commands in, data or sense out. It knows no transport."""

from . import contents, identity, modes, reading, speeds, structure, tray, writing

__all__ = ["contents", "identity", "modes", "reading", "speeds", "structure", "tray", "writing"]
