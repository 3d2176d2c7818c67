# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of moving bytes."""
