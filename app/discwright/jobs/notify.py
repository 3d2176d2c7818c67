# SPDX-License-Identifier: GPL-3.0-or-later
"""A word on the desktop when a job has ended, good or bad.

Source: Desktop Notifications Specification 1.2, org.freedesktop.Notifications.
"""

import html
import threading

from discwright import APP_ID
from discwright.jobs.bus import TIMEOUT, in_background, open_session_bus
from discwright.transfer.outcome import Report, State
from discwright.wording import _, shown

_LOW, _NORMAL, _CRITICAL = range(3)
"""The specification's urgency levels."""


def notify(title: str, report: Report) -> threading.Thread | None:
    """Tell how a job ended, without waiting; where nobody listens, nothing happens.

    Gives the thread that does it, None for a job that its user stopped.
    """
    if report.state is State.CANCELLED:
        return None
    bad = report.state in {State.FAILED, State.REFUSED}
    summary = f"{_summary(report.state)} · {shown(title)}"
    body = "\n".join(shown(part, 400) for part in (report.message, report.remedy) if part)
    return in_background("notify", lambda: _send(summary, body, _CRITICAL if bad else _NORMAL))


def _summary(state: State) -> str:
    match state:
        case State.COMPLETE:
            return _("Complete")
        case State.COMPLETE_WITH_ERRORS:
            return _("Complete with errors")
        case State.REFUSED:
            return _("Not started")
        case State.CANCELLED:
            return _("Cancelled")
        case State.FAILED:
            return _("Failed")


def _send(summary: str, body: str, urgency: int) -> None:
    from jeepney import DBusAddress, new_method_call  # noqa: PLC0415 - not needed to start
    from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

    service = DBusAddress(
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications",
        "org.freedesktop.Notifications",
    )
    with open_session_bus() as bus:
        ask = new_method_call(service, "GetCapabilities")
        (abilities,) = unwrap_msg(bus.send_and_get_reply(ask, timeout=TIMEOUT))
        if "body-markup" in abilities:
            body = html.escape(body, quote=False)
        hints = {"urgency": ("y", urgency), "desktop-entry": ("s", APP_ID)}
        tell = new_method_call(
            service, "Notify", "susssasa{sv}i",
            ("Discwright", 0, APP_ID, summary, body, [], hints, -1),
        )  # fmt: skip
        unwrap_msg(bus.send_and_get_reply(tell, timeout=TIMEOUT))
