# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks for real: the kernel's block layer, UDisks2 and its bus, on loop devices."""
