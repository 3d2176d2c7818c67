# SPDX-License-Identifier: GPL-3.0-or-later
"""Staying awake and telling the desktop, on a real message bus with stand-in services."""

import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

from discwright.jobs.awake import Awake
from discwright.jobs.notify import notify
from discwright.jobs.report import JobReport
from discwright.transfer.outcome import State

from .fakes import DEADLINE, eventually

pytestmark = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="needs dbus-daemon")

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A message bus that is both the system's and the session's."""
    (tmp_path / "bus.conf").write_text(CONFIG.format(socket=tmp_path / "bus"))
    with subprocess.Popen(
        ["dbus-daemon", "--config-file", tmp_path / "bus.conf", "--print-address", "--nofork"],
        stdout=subprocess.PIPE, text=True,
    ) as daemon:  # fmt: skip
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        daemon.kill()


class Service:
    """Answers calls on a bus name with what ``answer`` gives: a signature and a body."""

    def __init__(
        self, address: str, name: str, answer: Callable[[str, tuple[Any, ...]], Any]
    ) -> None:
        self.calls: queue.SimpleQueue[tuple[str, tuple[Any, ...]]] = queue.SimpleQueue()
        self._answer = answer
        self._over = False
        self._connection: DBusConnection = open_dbus_connection(address, enable_fds=True)
        Proxy(message_bus, self._connection).RequestName(name)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while not self._over:
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields[3]
            reply = self._answer(member, message.body)
            if reply is None:
                self._connection.send(new_error(message, "org.example.No"))
            else:
                self._connection.send(new_method_return(message, *reply))
            self.calls.put((member, message.body))


@pytest.fixture
def serve(bus: str) -> Iterator[Callable[..., Service]]:
    """Put a stand-in service on the bus."""
    services: list[Service] = []

    def start(name: str, answer: Callable[[str, tuple[Any, ...]], Any]) -> Service:
        services.append(Service(bus, name, answer))
        return services[-1]

    yield start
    for service in services:
        service.close()


def lock_pipe() -> tuple[int, int]:
    """Give the ends of a pipe: the first sees the end of file once nobody holds the second."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    return ours, theirs


def is_released(ours: int) -> bool:
    try:
        return os.read(ours, 1) == b""
    except BlockingIOError:
        return False


def test_the_lock_is_held_during_the_job_and_given_back_after_it(
    serve: Callable[..., Service],
) -> None:
    ours, theirs = lock_pipe()
    login1 = serve("org.freedesktop.login1", lambda *_a: ("h", (theirs,)))
    said: list[str] = []
    with Awake("Rip X", said.append):
        call = login1.calls.get(timeout=DEADLINE)
        assert call == ("Inhibit", ("sleep:shutdown:idle", "Discwright", "Rip X", "block"))
        os.close(theirs)
        assert eventually(lambda: said)
        assert not is_released(ours)
    assert eventually(lambda: is_released(ours))
    os.close(ours)


def test_a_service_that_refuses_is_met_quietly(serve: Callable[..., Service]) -> None:
    login1 = serve("org.freedesktop.login1", lambda *_a: None)
    said: list[str] = []
    with Awake("Rip X", said.append):
        login1.calls.get(timeout=DEADLINE)
    assert said == []


def test_without_login1_on_the_bus_nothing_happens(bus: str) -> None:
    with Awake("Rip X"):
        pass


def test_without_a_bus_nothing_happens_and_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, "unix:path=/nowhere")
    began = time.monotonic()
    with Awake("Rip X"):
        pass
    notify("Rip X", JobReport(State.COMPLETE, "Done.")).join(DEADLINE)
    assert time.monotonic() - began < 1


def test_a_bus_that_never_answers_delays_the_job_by_less_than_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        began = time.monotonic()
        with Awake("Rip X"):
            assert time.monotonic() - began < 0.5
        assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("markup", "body"), [(True, "&lt;b&gt; &amp; co\nDo it."), (False, "<b> & co\nDo it.")]
)
def test_the_desktop_is_told_without_markup_from_discs(
    serve: Callable[..., Service], *, markup: bool, body: str
) -> None:
    def answer(member: str, _body: object) -> object:
        if member == "GetCapabilities":
            return "as", (["body", "body-markup"] if markup else ["body"],)
        return "u", (7,)

    service = serve("org.freedesktop.Notifications", answer)
    notify("Rip <X>", JobReport(State.FAILED, "<b> & co", "Do it."))
    assert service.calls.get(timeout=DEADLINE)[0] == "GetCapabilities"
    member, said = service.calls.get(timeout=DEADLINE)
    assert member == "Notify"
    name, replaces, icon, summary, text, actions, hints, _expire = said
    assert (name, replaces, actions) == ("Discwright", 0, [])
    assert icon == "io.github.discwright.Discwright"
    assert summary == "Failed · Rip <X>"
    assert text == body
    assert hints["urgency"] == ("y", 2)
    assert hints["desktop-entry"] == ("s", "io.github.discwright.Discwright")


def test_success_is_told_less_urgently(serve: Callable[..., Service]) -> None:
    service = serve(
        "org.freedesktop.Notifications",
        lambda member, _b: ("as", ([],)) if member == "GetCapabilities" else ("u", (1,)),
    )
    notify("Rip X", JobReport(State.COMPLETE, "Done."))
    service.calls.get(timeout=DEADLINE)
    said = service.calls.get(timeout=DEADLINE)[1]
    assert said[3] == "Complete · Rip X"
    assert said[6]["urgency"] == ("y", 1)


def test_who_cancelled_a_job_is_not_told_so(serve: Callable[..., Service]) -> None:
    assert notify("Rip X", JobReport(State.CANCELLED, "Cancelled.")) is None


def test_the_session_bus_is_found_without_its_variable(
    serve: Callable[..., Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    service = serve("org.freedesktop.Notifications", lambda *_a: ("as", ([],)))
    notify("Rip X", JobReport(State.COMPLETE, "Done."))
    assert service.calls.get(timeout=DEADLINE)[0] == "GetCapabilities"
