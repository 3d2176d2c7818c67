# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: one job at a time per device, log, history, keeping the machine awake."""
