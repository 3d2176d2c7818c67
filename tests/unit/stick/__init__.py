# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks, against files that misbehave on command."""
