# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast and how small, side by side with what else people use."""
