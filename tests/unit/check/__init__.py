# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks: what is what, and how sure that is."""
