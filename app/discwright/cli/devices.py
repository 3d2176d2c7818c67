# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright devices``: what is plugged in."""

import argparse
from dataclasses import asdict

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.streams import Streams
from discwright.devices.model import Device, Drive, Medium, MediumState, Stick
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import judge_target
from discwright.devices.udev import Devices
from discwright.jobs.report import JobReport
from discwright.transfer.outcome import Refusal, State
from discwright.wording import _, counted, shown, size


def devices(_arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """List drives and sticks, and give the exit code."""
    found, refusals = interruption.look(lambda _cancel: _look())
    for device in found:
        facts = {"name": device.name, **asdict(device)}
        if isinstance(device, Drive):
            streams.event({"event": "device", "kind": "drive", **facts})
            streams.result(device_line(device))
            continue
        refusal = refusals.get(device.node)
        reason = None if refusal is None else refusal.message
        streams.event({"event": "device", "kind": "stick", **facts, "refused": reason})
        streams.result("  ".join(filter(None, (device_line(device), reason))))
    message = (
        counted("{n} device was found.", "{n} devices were found.", len(found))
        if found
        else _("No disc drive and no USB stick was found.")
    )
    return print_outcome(JobReport(State.COMPLETE, message), streams)


def _look() -> tuple[tuple[Device, ...], dict[str, Refusal]]:
    """Give what is plugged in, and by their nodes why some sticks may not be written to."""
    found = Devices().all()
    refusals = {}
    for device in found:
        if isinstance(device, Stick):
            judged = judge_target(survey_target(device.node))
            if isinstance(judged, Refusal) and judged.kind != "no-device":
                refusals[device.node] = judged
    return found, refusals


def device_line(device: Device) -> str:
    """Give a device in one line: node, name, what is in it or on it."""
    match device:
        case Drive():
            facts = [_medium(device.medium)]
        case Stick():
            facts = [size(device.size), *(f"“{shown(label, 60)}”" for label in device.labels)]
            if device.read_only:
                facts.append(_("write-protected"))
    return "  ".join((device.node, shown(device.name), " · ".join(facts)))


def _medium(medium: Medium) -> str:
    match medium.state:
        case MediumState.NO_MEDIUM:
            return _("no disc")
        case MediumState.BLANK:
            return _("blank {kind}").format(kind=medium.kind or _("disc"))
        case _:
            facts = [medium.kind or _("disc")]
            if medium.label:
                facts.insert(0, f"“{shown(medium.label, 60)}”")
            if medium.audio_tracks:
                facts.append(counted("{n} audio track", "{n} audio tracks", medium.audio_tracks))
            if medium.sessions > 1:
                facts.append(counted("{n} session", "{n} sessions", medium.sessions))
            if medium.size:
                facts.append(size(medium.size))
            return " · ".join(facts)
