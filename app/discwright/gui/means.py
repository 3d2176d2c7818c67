# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages work with."""

from dataclasses import dataclass

from PySide6.QtCore import QSettings

from discwright.devices.model import Device
from discwright.gui.bridge import Bridge
from discwright.gui.errands import Errands
from discwright.gui.ports import Ports


@dataclass
class Means:
    """The ways to the rest of the program, to the jobs, into other threads; and what is there."""

    ports: Ports
    bridge: Bridge
    errands: Errands
    settings: QSettings
    devices: tuple[Device, ...] = ()
    """What is plugged in now."""
