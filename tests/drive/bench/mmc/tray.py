# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness, tray and lock: TEST UNIT READY, START STOP UNIT and their like."""

from drive.bench.codes import INVALID_FIELD, NO_SENSE, REMOVAL_PREVENTED, Op, Refused

from .drive import DriveModel, Request, command


@command(Op.TEST_UNIT_READY)
def unit_ready(_drive: DriveModel, _request: Request) -> bytes:
    """Say whether the medium can be used (SPC-4 6.47)."""
    return b""


@command(Op.REQUEST_SENSE, medium=False)
def request_sense(drive: DriveModel, _request: Request) -> bytes:
    """Give the last sense and forget it (SPC-4 6.39)."""
    sense, drive.last_sense = drive.last_sense, NO_SENSE
    return sense.to_bytes()


@command(Op.START_STOP_UNIT, medium=False)
def start_stop_unit(drive: DriveModel, request: Request) -> bytes:
    """Spin, load and eject (MMC-6 6.42)."""
    load_eject, start = request.cdb[4] & 2, request.cdb[4] & 1
    if not load_eject:
        return b""
    if start:
        if drive.traits.loading == 2 and drive.tray_open:
            raise Refused(INVALID_FIELD)
        drive.close_tray()
        return b""
    if drive.locked:
        raise Refused(REMOVAL_PREVENTED)
    drive.open_tray()
    return b""


@command(Op.PREVENT_ALLOW_MEDIUM_REMOVAL, medium=False)
def prevent_allow(drive: DriveModel, request: Request) -> bytes:
    """Lock and unlock the tray (MMC-6 6.15)."""
    drive.locked = bool(request.cdb[4] & 1)
    return b""


@command(Op.GET_EVENT_STATUS_NOTIFICATION, medium=False)
def get_event_status(drive: DriveModel, request: Request) -> bytes:
    """Give the media event, polled (MMC-6 6.6)."""
    if not request.cdb[1] & 1:
        raise Refused(INVALID_FIELD)
    supported = 0x10
    if not request.cdb[4] & supported:
        return bytes((0, 2, 0x80, supported))
    event, drive.media_event = drive.media_event, 0
    status = drive.tray_open | (drive.present is not None) << 1
    return bytes((0, 6, 4, supported, event, status, 0, 0))


@command(Op.MECHANISM_STATUS, medium=False)
def mechanism_status(drive: DriveModel, _request: Request) -> bytes:
    """Say whether the door is open (MMC-6 6.9)."""
    return bytes((0, 0x10 if drive.tray_open else 0, 0, 0, 0, 0, 0, 0))
