# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine, made once and woken for each test. See ground.py, then machine.py."""

from . import recipe
from .disk import System
from .ground import Ground, why_not
from .guest_programs import Ended, Line, Program
from .machine import Machine
from .plugging import Burner, Disk, Drive, Stick, plugged

__all__ = [
    "Burner", "Disk", "Drive", "Ended", "Ground", "Line", "Machine", "Program", "Stick", "System",
    "plugged", "recipe", "why_not",
]  # fmt: skip
