# SPDX-License-Identifier: GPL-3.0-or-later
"""An MMC drive as a model: commands in, data or sense out. It knows no transport."""

from . import contents, identity, reading, structure, tray

__all__ = ["contents", "identity", "reading", "structure", "tray"]
