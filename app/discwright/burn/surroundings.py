# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else uses the drive, and whether it may be used for writing at all."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from discwright.burn.programs import Installed
from discwright.devices.access import explain_open_failure
from discwright.devices.holders import holders, packet_device
from discwright.devices.mounts import device_number, mounted_at
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown

PASSING_S = 2.0
"""How long a program that merely looks at a new disc is waited for."""

_ASKING_S = 10.0
_LOOK_S = 0.2


@dataclass(frozen=True)
class Surroundings:
    """All that a plan must know besides image and medium; plain data."""

    installed: Installed = field(default_factory=Installed)
    """The programs that burn."""
    device: str = ""
    """Major and minor number of the drive's node."""
    mounts: tuple[str, ...] = ()
    """Where the disc is mounted."""
    holders: tuple[str, ...] = ()
    """Other programs that have the drive open, safe to show."""
    packet_device: str = ""
    """The pktcdvd device that pktsetup has put upon the drive."""
    problem: Refusal | None = None
    """Why the drive can't be had for writing: it must not even be asked about its disc."""
    remembered_kb: int | None = None
    """The write speed that did well before with media of this maker, kB/s."""


def look_around(node: str, *, remembered_kb: int | None = None) -> Surroundings:
    """Find out about a drive, or a ``stdio:`` file. Raises nothing."""
    installed = installed_programs()
    if node.startswith("stdio:"):
        return Surroundings(installed)
    names, packets = _other_holders(node), packet_device(node)
    return Surroundings(
        installed,
        device_number(node),
        tuple(shown(point) for point in mounted_at(node)),
        names,
        packets,
        # Who may be writing is not disturbed: even opening and closing has udev look at the disc.
        refuse_busy(node, names, packets) or _refuse_access(node),
        remembered_kb,
    )


def refuse_busy(node: str, names: tuple[str, ...], packets: str) -> Refusal | None:
    """Refuse if other programs have the drive, or packet writing; None if nobody has."""
    node = shown(node)
    if packets:
        device = shown(packets)
        return Refusal(
            "busy",
            _("{node} is in use by packet writing ({device}).").format(node=node, device=device),
            _("Run “sudo pktsetup -d {device}”, then try again.").format(device=device),
        )
    if names:
        return Refusal(
            "busy",
            _("{node} is in use by {names}.").format(node=node, names=", ".join(names)),
            _("Wait until it has finished, or close it, then try again."),
        )
    return None


def _other_holders(node: str) -> tuple[str, ...]:
    """Name who has the drive open, and still has it after the moment that udev takes for a look."""
    deadline = time.monotonic() + PASSING_S
    while True:
        found = tuple(
            _("{program} (process {pid})").format(program=holder.program, pid=holder.pid)
            for holder in holders(node)
            if not holder.own
        )
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK_S)


def _refuse_access(node: str) -> Refusal | None:
    try:
        os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        why = explain_open_failure(node, error)
        return Refusal("no-permission", why.message, why.remedy, why.cause)
    return None


def installed_programs() -> Installed:
    """Find out which programs that burn are there."""
    return Installed(xorriso_version(), cdrdao_version(), cdrskin_version())


def xorriso_version() -> str:
    """Give the version of the installed xorriso, "" if there is none that runs."""
    return _version("xorriso", ("-no_rc", "-version"), rb"xorriso version\s*:\s*([\w.]+)")


def cdrdao_version() -> str:
    """Give the version of the installed cdrdao, "" if there is none that runs."""
    return _version("cdrdao", (), rb"Cdrdao version ([\w.]+)")


def cdrskin_version() -> str:
    """Give the version of the installed cdrskin, "" if there is none that runs."""
    return _version("cdrskin", ("--no_rc", "-version"), rb"cdrskin version\s*:\s*([\w.]+)")


def _version(name: str, question: tuple[str, ...], answer: bytes) -> str:
    program = shutil.which(name)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *question],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_ASKING_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(answer, done.stdout + done.stderr)
    return found[1].decode("ascii", "replace") if found else ""
