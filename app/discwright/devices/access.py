# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a drive or stick can't be opened, and what to do about it."""

import errno
import grp
import os
import pwd
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discwright import APP_ID
from discwright.devices.holders import Holder, holders, packet_device
from discwright.devices.mounts import mounted_at
from discwright.errors import SourceError
from discwright.wording import _, shown


class Sandbox(StrEnum):
    """What may keep the program from devices that the user could use."""

    NONE = ""
    FLATPAK = "Flatpak"
    SNAP = "Snap"
    CONTAINER = "container"


@dataclass(frozen=True)
class Access:
    """The circumstances of a failed open(2)."""

    node: str
    errno: int
    mode: int = 0
    """Permission bits of the node; 0 if it couldn't be looked at."""
    group: str = ""
    """The name of the node's own group; the numbers differ from one distribution to another."""
    in_group: bool = False
    """This process is in the group."""
    joined: bool = False
    """The user is in the group by now, but was not when this session began."""
    acl: bool = False
    """The node's access control list names the user, as it does for whoever sits at the machine."""
    remote: bool = False
    """The user came by ssh, so that the system gives no access control list."""
    root: bool = False
    known: bool = False
    """The kernel has such a block device, whether or not there is a node of it."""
    sandbox: Sandbox = Sandbox.NONE
    snap: str = ""
    """The name of the snap."""
    holders: tuple[Holder, ...] = ()
    mounts: tuple[str, ...] = ()
    packet_device: str = ""
    """The pktcdvd device that pktsetup has put upon the drive."""


_POWERFUL = frozenset({"", "root", "disk", "wheel", "sudo", "admin", "kmem", "sys"})
"""Groups whose members can do far more than use a drive; nobody is advised to join them."""

_GROUP_MAY_USE = 0o060

_BLOCK = Path("/sys/class/block")


def explain_open_failure(node: str, error: OSError) -> SourceError:
    """Give the error for a device node that could not be opened, with reason and remedy."""
    return explain(survey(node, error.errno or 0))


def explain(access: Access) -> SourceError:
    """Turn the circumstances into sentences (no I/O)."""
    match access.errno:
        case errno.EACCES | errno.EPERM:
            message, remedy = _permission(access)
        case errno.ENOENT if access.sandbox and access.known:
            message, remedy = _sandboxed(access)
        case errno.EBUSY:
            message, remedy = _busy(access)
        case _:
            message, remedy = _by_errno(access)
    return SourceError(message, remedy=remedy, cause=_cause(access))


def _permission(access: Access) -> tuple[str, str]:
    words = {"node": shown(access.node), "group": shown(access.group)}
    # A container keeps devices back with EPERM; EACCES in it is about groups as everywhere.
    if access.sandbox and (access.sandbox, access.errno) != (Sandbox.CONTAINER, errno.EACCES):
        return _sandboxed(access)
    group_may_use = access.mode & _GROUP_MAY_USE == _GROUP_MAY_USE
    if access.root or access.acl or (access.in_group and group_may_use):
        return (
            _("The system refuses the use of {node} although you have the permission.").format(
                **words
            ),
            _(
                "A security module such as AppArmor or SELinux, or a container, may forbid it; "
                "the system's log says more."
            ),
        )
    if access.group in _POWERFUL or not group_may_use:
        return _no_group(access, words)
    if access.joined:
        return (
            _(
                "You have no permission to use {node} yet: you have joined the group {group}, but "
                "this session began before."
            ).format(**words),
            _("Log out and in again."),
        )
    message = _(
        "You have no permission to use {node}: it belongs to the group {group}, and you are "
        "not a member."
    )
    remedy = _("Run “sudo usermod -aG {group} $USER”, then log out and in again.")
    if access.remote:
        message = _(
            "You have no permission to use {node}: you are logged in from another computer, and "
            "you are not a member of the group {group} that it belongs to."
        )
        remedy = _(
            "Run “sudo usermod -aG {group} $USER”, then log out and in again; or log in at the "
            "machine itself."
        )
    return message.format(**words), remedy.format(**words)


def _no_group(access: Access, words: Mapping[str, str]) -> tuple[str, str]:
    message = _("You have no permission to use {node}.").format(**words)
    if access.group == "disk":
        message = _(
            "You have no permission to use {node}: it belongs to the group {group}, whose members "
            "may overwrite every disk of this computer."
        ).format(**words)
    if access.remote:
        return message, _(
            "Log in at the machine itself: the system gives its drives to whoever sits there."
        )
    return message, _(
        "Ask the administrator of this computer for a udev rule that gives you the device."
    )


def _sandboxed(access: Access) -> tuple[str, str]:
    words = {"node": shown(access.node), "app": APP_ID, "snap": shown(access.snap)}
    match access.sandbox:
        case Sandbox.FLATPAK:
            message = _("Discwright runs as a Flatpak that was not given the device {node}.")
            remedy = _(
                "Run “flatpak override --user --device=all {app}”, then start Discwright again."
            )
        case Sandbox.SNAP:
            message = _("Discwright runs as a Snap that was not given the device {node}.")
            remedy = _("Run “sudo snap connect {snap}:optical-drive”, then try again.")
        case _:
            message = _("Discwright runs in a container that was not given the device {node}.")
            remedy = _(
                "Start the container anew with access to the device, such as “--device={node}”."
            )
    return message.format(**words), remedy.format(**words)


def _busy(access: Access) -> tuple[str, str]:
    node = shown(access.node)
    if access.mounts:
        return (
            _("{node} is in use: it is mounted at {point}.").format(
                node=node, point=shown(access.mounts[0])
            ),
            _("Close what is open there and unmount it, then try again."),
        )
    if access.packet_device:
        return (
            _("{node} is in use by packet writing ({device}).").format(
                node=node, device=shown(access.packet_device)
            ),
            _("Run “sudo pktsetup -d {device}”, then try again.").format(
                device=shown(access.packet_device)
            ),
        )
    others = [holder for holder in access.holders if not holder.own]
    if others:
        names = ", ".join(
            _("{program} (process {pid})").format(program=shown(holder.program), pid=holder.pid)
            for holder in others
        )
        return (
            _("{node} is in use by {names}.").format(node=node, names=names),
            _("Wait until it has finished, or close it, then try again."),
        )
    if access.holders:
        return (
            _("{node} is in use by Discwright itself.").format(node=node),
            _("Wait until the running job has ended, then try again."),
        )
    return (
        _("{node} is in use by another program.").format(node=node),
        _("Close programs that use discs, then try again. “sudo fuser -v {node}” names it.").format(
            node=node
        ),
    )


def _by_errno(access: Access) -> tuple[str, str]:
    node = shown(access.node)
    match access.errno:
        case errno.ENOMEDIUM:
            message = _("There is no disc in {node}, or its tray is open.")
            remedy = _("Insert a disc and close the tray, then try again.")
        case errno.EMEDIUMTYPE:
            message = _("The drive {node} can't use this kind of disc.")
            remedy = _("Try it in a drive made for such discs.")
        case errno.ENODEV | errno.ENXIO:
            message = _("The device {node} is no longer there.")
            remedy = _("Check its cable and plug it in again.")
        case errno.ENOENT:
            message = _("There is no device {node}.")
            remedy = _("Plug it in and switch it on; “discwright devices” lists what is there.")
        case errno.EROFS:
            message = _("{node} is write-protected.")
            remedy = _("Use a medium that can be written, or move the lock on the stick or card.")
        case _:
            message = _("{node} can't be opened: {why}.")
            remedy = ""
    why = os.strerror(access.errno) if access.errno else _("no reason was given")
    return message.format(node=node, why=why), remedy


def _cause(access: Access) -> str:
    number = access.errno
    facts = [f"open: {errno.errorcode.get(number, '?')} ({number}, {os.strerror(number)})"]
    if access.mode:
        facts.append(f"mode {access.mode:04o}, group {shown(access.group) or '?'}")
    if number in {errno.EACCES, errno.EPERM}:
        facts.append(f"in the group: {_yes(access.in_group)}, named by ACL: {_yes(access.acl)}")
        facts.append(f"session by ssh: {_yes(access.remote)}")
    if access.sandbox:
        facts.append(access.sandbox.value)
    return "; ".join(facts)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def survey(node: str, number: int) -> Access:
    """Gather the circumstances of a failed open(2) that gave this errno; never raises."""
    sandbox = sandbox_of(os.environ, Path(__file__))
    busy = number == errno.EBUSY
    base = Access(
        node=node,
        errno=number,
        root=os.geteuid() == 0,
        known=(_BLOCK / Path(node).name).exists(),
        remote=is_remote(),
        sandbox=sandbox,
        snap=os.environ.get("SNAP_NAME", "") if sandbox is Sandbox.SNAP else "",
        holders=holders(node) if busy else (),
        mounts=mounted_at(node) if busy else (),
        packet_device=packet_device(node) if busy else "",
    )
    try:
        status = Path(node).stat()
    except (OSError, ValueError):
        return base
    gid = status.st_gid
    in_group = gid in {os.getegid(), *os.getgroups()}
    group, members = _group(gid)
    return Access(
        **{
            **vars(base),
            "mode": status.st_mode & 0o7777,
            "group": group,
            "in_group": in_group,
            "joined": not in_group and user_name() in members,
            "acl": os.geteuid() in acl_users(_acl(node)),
        }
    )


def is_remote() -> bool:
    """Tell whether the user came by ssh."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def sandbox_of(environment: Mapping[str, str], program: Path, root: Path = Path("/")) -> Sandbox:
    """Tell in which kind of sandbox the program runs; ``root`` is where to look for the signs.

    SNAP alone says little: a terminal that is a Snap gives it to all that is started there.
    """
    if (root / ".flatpak-info").exists():
        return Sandbox.FLATPAK
    snap = environment.get("SNAP", "")
    if snap and program.is_relative_to(snap):
        return Sandbox.SNAP
    signs = ("run/.containerenv", ".dockerenv", "run/systemd/container")
    if any((root / sign).exists() for sign in signs):
        return Sandbox.CONTAINER
    return Sandbox.NONE


def acl_users(raw: bytes) -> frozenset[int]:
    """Give the users whom a POSIX ACL lets read and write (linux/posix_acl_xattr.h).

    A header of 4 bytes, then entries of tag, permissions (16 bits each) and id (32 bits); the
    mask limits what the named users get.
    """
    user, mask, both = 0x02, 0x10, 0o6
    if len(raw) < 4 or (len(raw) - 4) % 8:
        return frozenset()
    entries = list(struct.iter_unpack("<HHI", raw[4:]))
    limit = next((granted for tag, granted, _id in entries if tag == mask), both)
    return frozenset(
        uid for tag, granted, uid in entries if tag == user and granted & limit & both == both
    )


def _acl(node: str) -> bytes:
    try:
        return os.getxattr(node, "system.posix_acl_access")
    except OSError:
        return b""


def _group(gid: int) -> tuple[str, tuple[str, ...]]:
    try:
        entry = grp.getgrgid(gid)
    except (KeyError, OSError):
        return "", ()
    return entry.gr_name, tuple(entry.gr_mem)


def user_name() -> str:
    """Give the name of who runs this program, "" if it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except (KeyError, OSError):
        return ""
