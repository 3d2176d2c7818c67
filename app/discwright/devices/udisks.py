# SPDX-License-Identifier: GPL-3.0-or-later
"""UDisks2: devices opened, unmounted and ejected for a user who may not do it alone.

Everything here is optional. Without a system bus or without UDisks2 each call raises a
DiscwrightError that says so.
"""

import errno
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Any, Literal

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from discwright.devices.access import explain_open_failure
from discwright.devices.asking import asker
from discwright.errors import DiscwrightError
from discwright.wording import _, shown

PATIENCE = 600.0
"""Seconds to wait for an answer: a person may be typing a password, a slow stick be flushing."""

_SHORT = 5.0
"""Seconds to wait for what is only a courtesy."""

_LOGINS = 3
"""How often logging in to the bus is tried."""

Objects = Mapping[str, Mapping[str, Mapping[str, tuple[str, Any]]]]
"""What GetManagedObjects gives: path, interface, property, (signature, value)."""

NAME = "org.freedesktop.UDisks2"
BLOCK = f"{NAME}.Block"
DRIVE = f"{NAME}.Drive"
FILESYSTEM = f"{NAME}.Filesystem"
PARTITION = f"{NAME}.Partition"
NO_OBJECT = "/"
"""D-Bus's way to say that there is no such object."""


_NOBODY_ASKS = f"{NAME}.Error.NotAuthorizedCanObtain"

_SILENCE = "auth.no_user_interaction"
SILENTLY = {_SILENCE: ("b", True)}
"""Options of a method: nobody is to be asked for a password."""


class Refused(Exception):  # noqa: N818 - an answer, turned into an error where the node is known
    """UDisks2 answered with an error: its D-Bus name and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text


def open_device(node: str, mode: Literal["r", "w", "rw"] = "r", *, flags: int = 0) -> int:
    """Have a block device opened (Block.OpenDevice, UDisks2 2.7.3); the caller closes it.

    The user may be asked for an administrator's password meanwhile. ``flags`` are further
    flags of open(2), such as O_EXCL; the access mode is given by ``mode`` alone. Raises
    DiscwrightError.
    """
    with Service(node) as service:
        path = find_block(service.objects(), node)
        options = {"flags": ("i", flags | os.O_CLOEXEC)}
        (descriptor,) = service.call(path, BLOCK, "OpenDevice", "sa{sv}", mode, options)
        number: int = descriptor.to_raw_fd()
        os.set_inheritable(number, False)
        return number


def unmount(node: str) -> None:
    """Unmount a device and its partitions wherever they are mounted; nothing if nowhere.

    Never lazily and never by force: what is still in use stays mounted, and DiscwrightError is
    raised.
    """
    with Service(node) as service:
        service.unmount(service.objects())


def eject(node: str) -> None:
    """Unmount a device and open its tray, or let go of a stick. Raises DiscwrightError."""
    with Service(node) as service:
        objects = service.objects()
        service.unmount(objects)
        drive = value_of(objects[find_block(objects, node)], BLOCK, "Drive", NO_OBJECT)
        if drive == NO_OBJECT:
            raise DiscwrightError(_("{node} has no tray to open.").format(node=shown(node)))
        service.call(drive, DRIVE, "Eject", "a{sv}", {})


def rescan(node: str) -> None:
    """Have the system look at a device again (Block.Rescan): a burn is no event by itself.

    Asks nobody for a password and doesn't wait long. Raises DiscwrightError.
    """
    with Service(node, patience_s=_SHORT) as service:
        service.call(find_block(service.objects(), node), BLOCK, "Rescan", "a{sv}", SILENTLY)


def was_not_allowed(error: DiscwrightError) -> bool:
    """Tell whether polkit didn't let UDisks2 begin: nothing was done."""
    answer = error.__cause__
    return isinstance(answer, Refused) and answer.name.startswith(f"{NAME}.Error.NotAuthorized")


def find_block(objects: Objects, node: str) -> str:
    """Give the object path of a device node. Raises DiscwrightError if there is none."""
    wanted = {os.fsencode(node), os.fsencode(os.path.realpath(node))}
    for path, interfaces in objects.items():
        names = {
            value_of(interfaces, BLOCK, "Device", b""),
            value_of(interfaces, BLOCK, "PreferredDevice", b""),
            *value_of(interfaces, BLOCK, "Symlinks", []),
        }
        if wanted & {bytes(name).rstrip(b"\0") for name in names}:
            return path
    raise DiscwrightError(
        _("The disk service UDisks2 knows no device {node}.").format(node=shown(node)),
        remedy=_("Check that it is plugged in and switched on."),
    )


def mounted_parts(objects: Objects, path: str) -> dict[str, int]:
    """Give the device and its partitions that are mounted, and at how many places each."""
    found = {}
    for part, interfaces in objects.items():
        if part == path or value_of(interfaces, PARTITION, "Table", NO_OBJECT) == path:
            count = len(value_of(interfaces, FILESYSTEM, "MountPoints", []))
            if count:
                found[part] = count
    return found


def explain_refusal(node: str, refused: Refused) -> DiscwrightError:
    """Turn UDisks2's answer into sentences."""
    words = {"node": shown(node), "why": shown(refused.text)}
    cause = shown(str(refused), 500)
    match refused.name.removeprefix(f"{NAME}.Error."):
        case "NotAuthorizedDismissed":
            message = _("The password for {node} was not given.")
            remedy = _("Try again and enter an administrator's password.")
        case "NotAuthorized":  # asked and answered wrongly, or forbidden by a rule of polkit
            message = _(
                "You may not use {node}: the password was wrong, or the rules of this computer "
                "don't allow it."
            )
            remedy = _("Try again with an administrator's password, or ask its administrator.")
        case "NotAuthorizedCanObtain":  # a password would do, but nobody is there to ask for it
            message = _("You may not use {node}, and the system did not ask for a password.")
            remedy = _(
                "Run discwright in a terminal, which asks there; or start your desktop's password "
                "dialog (a polkit agent)."
            )
        case "DeviceBusy" | "MountedByOtherUser" | "AlreadyUnmounting":
            message = _("{node} is in use.")
            remedy = _("Close the files and programs that use it, then try again.")
        case "NotSupported" | "OptionNotPermitted":
            message = _("The disk service UDisks2 can't do that with {node}.")
            remedy = ""
        case "Timedout":
            message = _("{node} did not answer in time.")
            remedy = _("Wait a moment and try again, or plug it in anew.")
        case _ if refused.name.startswith("org.freedesktop.DBus.Error."):
            message = _("The disk service UDisks2 is not there, so {node} can't be used by it.")
            remedy = _("Install the package udisks2, or use the device as an administrator.")
        case _ if number := _errno_of(refused.text):
            return explain_open_failure(node, OSError(number, os.strerror(number)))
        case _:
            message = _("The disk service UDisks2 failed to use {node}: {why}.")
            remedy = ""
    return DiscwrightError(message.format(**words), remedy=remedy, cause=cause)


_TOLD_AS_FAILED = (
    errno.EBUSY, errno.ENOMEDIUM, errno.ENODEV, errno.ENXIO, errno.EROFS, errno.EMEDIUMTYPE,
)  # fmt: skip


def _errno_of(text: str) -> int:
    """Find the errno that the service gives in words only; 0 if it is none that we can explain."""
    return next((number for number in _TOLD_AS_FAILED if os.strerror(number) in text), 0)


def value_of(interfaces: Mapping[str, Any], interface: str, name: str, default: Any) -> Any:
    """Give a property, ``default`` if the object has none of this name."""
    signature_and_value = interfaces.get(interface, {}).get(name)
    return default if signature_and_value is None else signature_and_value[1]


class Service:
    """A connection to UDisks2 about one node; its errors leave as DiscwrightError."""

    def __init__(self, node: str, *, patience_s: float = PATIENCE) -> None:
        self._node = node
        self._patience_s = patience_s
        self._connection = self._connected()

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_error: object) -> None:
        with closing(self._connection):
            pass

    def objects(self) -> Objects:
        """Give all that UDisks2 knows."""
        (objects,) = self.call(
            "/org/freedesktop/UDisks2", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"
        )
        found: Objects = objects
        return found

    def unmount(self, objects: Objects) -> None:
        """Unmount the node's file systems, each as often as it is mounted."""
        for part, count in mounted_parts(objects, find_block(objects, self._node)).items():
            for _time in range(count):
                self._unmount_once(part)

    def _unmount_once(self, part: str) -> None:
        try:
            self._ask(part, FILESYSTEM, "Unmount", "a{sv}", ({},))
        except Refused as refused:
            # What was unmounted by hand is still mounted for UDisks2 for a moment.
            gone = refused.name == f"{NAME}.Error.NotMounted" or "not mounted" in refused.text
            if not gone:
                raise explain_refusal(self._node, refused) from refused

    def call(self, path: str, interface: str, method: str, types: str = "", *body: Any) -> Any:
        """Call a method and give what it answers. Raises DiscwrightError."""
        try:
            return self._ask(path, interface, method, types, body)
        except Refused as refused:
            raise explain_refusal(self._node, refused) from refused

    def _ask(self, path: str, interface: str, method: str, types: str, body: Any) -> Any:
        """Call; where a password would do and no desktop asks for it, have somebody ask."""
        try:
            return self._send(path, interface, method, types, body)
        except Refused as refused:
            somebody = asker()
            if refused.name != _NOBODY_ASKS or somebody is None or _SILENCE in (*body, {})[-1]:
                raise
            with ExitStack() as asking:
                try:
                    asking.enter_context(somebody())
                except DiscwrightError as error:
                    raise error from refused
                return self._send(path, interface, method, types, body)

    def _send(self, path: str, interface: str, method: str, types: str, body: Any) -> Any:
        address = DBusAddress(path, bus_name=NAME, interface=interface)
        message = new_method_call(address, method, types, body)
        try:
            reply = self._connection.send_and_get_reply(message, timeout=self._patience_s)
        except TimeoutError as error:
            raise Refused(f"{NAME}.Error.Timedout", str(error)) from error
        except (OSError, RuntimeError) as error:
            raise self._unreachable(error) from error
        if reply.header.message_type is MessageType.error:
            text = str(reply.body[0]) if reply.body else ""
            raise Refused(str(reply.header.fields.get(HeaderFields.error_name, "")), text)
        return reply.body

    def _connected(self) -> DBusConnection:
        """Log in to the bus; a busy one may break that off, and is asked again."""
        for attempt in range(1, _LOGINS + 1):
            try:
                return open_dbus_connection("SYSTEM", enable_fds=True)
            except (OSError, ValueError, RuntimeError, StopIteration) as error:
                absent = isinstance(error, (FileNotFoundError, ConnectionRefusedError))
                if absent or attempt == _LOGINS:
                    raise self._unreachable(error) from error
        raise AssertionError("unreachable")

    def _unreachable(self, error: Exception) -> DiscwrightError:
        return DiscwrightError(
            _("The disk service UDisks2 can't be reached to use {node}.").format(
                node=shown(self._node)
            ),
            remedy=_("Start the system's D-Bus and install the package udisks2."),
            cause=f"{type(error).__name__}: {shown(str(error))}",
        )
