# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into a disc or an image, and taking files out of it: plan, run, report."""
