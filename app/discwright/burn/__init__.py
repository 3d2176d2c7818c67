# SPDX-License-Identifier: GPL-3.0-or-later
"""From an image file to a blank or rewritable disc: plan, run, report."""
