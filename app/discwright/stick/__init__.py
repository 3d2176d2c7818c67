# SPDX-License-Identifier: GPL-3.0-or-later
"""From an image to a bootable USB stick: plan, run, report."""
