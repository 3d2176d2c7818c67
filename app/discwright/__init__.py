# SPDX-License-Identifier: GPL-3.0-or-later
"""Discwright: copy a disc, an image or a stick to another, honestly."""

__version__ = "0.1.0"

APP_ID = "io.github.discwright.Discwright"
"""The name that the desktop, D-Bus and AppStream know the program by."""
