# SPDX-License-Identifier: GPL-3.0-or-later
"""What is plugged in: udev, UDisks2, drives, sticks, and why one can't be opened."""
