# SPDX-License-Identifier: GPL-3.0-or-later
"""What the right side of the window shows."""
