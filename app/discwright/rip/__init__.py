# SPDX-License-Identifier: GPL-3.0-or-later
"""From a disc to an image file: plan, run, report."""
