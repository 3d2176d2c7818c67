# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told when a device can't be opened."""

import errno
import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.devices.access import (
    Access,
    Sandbox,
    acl_users,
    explain,
    explain_open_failure,
    sandbox_of,
    survey,
)
from discwright.devices.holders import Holder, holders, parse_packet_map

DENIED = Access("/dev/sr0", errno.EACCES, mode=0o660, group="cdrom")
BUSY = Access("/dev/sr0", errno.EBUSY, mode=0o660, group="cdrom")


@pytest.mark.parametrize(
    ("circumstances", "says", "advises"),
    [
        (DENIED, "the group cdrom", "“sudo usermod -aG cdrom $USER”, then log out"),
        (replace(DENIED, group="optical"), "the group optical", "usermod -aG optical $USER"),
        (replace(DENIED, remote=True), "logged in from another computer", "the machine itself"),
        (replace(DENIED, joined=True), "this session began before", "Log out and in again"),
        (replace(DENIED, in_group=True), "although you have the permission", "AppArmor"),
        (replace(DENIED, acl=True), "although you have the permission", "SELinux"),
        (replace(DENIED, root=True), "although you have the permission", "AppArmor"),
        (replace(DENIED, group="disk"), "may overwrite every disk", "udev rule"),
        (replace(DENIED, group="disk", remote=True), "overwrite every disk", "machine itself"),
        (replace(DENIED, group="root", mode=0o600), "no permission", "udev rule"),
        (replace(DENIED, mode=0o600), "no permission", "udev rule"),
        (replace(DENIED, mode=0o640), "no permission", "udev rule"),
        (replace(DENIED, group=""), "no permission", "udev rule"),
        (replace(DENIED, errno=errno.EPERM), "the group cdrom", "usermod -aG cdrom"),
        (
            replace(DENIED, sandbox=Sandbox.FLATPAK),
            "as a Flatpak",
            "flatpak override --user --device=all io.github.discwright.Discwright",
        ),
        (
            replace(DENIED, sandbox=Sandbox.SNAP, snap="discwright"),
            "as a Snap",
            "sudo snap connect discwright:optical-drive",
        ),
        (
            replace(DENIED, errno=errno.EPERM, sandbox=Sandbox.CONTAINER, root=True),
            "in a container that was not given the device /dev/sr0",
            "--device=/dev/sr0",
        ),
        (replace(DENIED, sandbox=Sandbox.CONTAINER), "the group cdrom", "usermod"),
        (
            Access("/dev/sr0", errno.ENOENT, sandbox=Sandbox.FLATPAK, known=True),
            "as a Flatpak that was not given",
            "flatpak override",
        ),
        (
            Access("/dev/sr0", errno.ENOENT, sandbox=Sandbox.FLATPAK),
            "There is no device /dev/sr0",
            "Plug it in",
        ),
        (Access("/dev/sr7", errno.ENOENT, known=True), "There is no device /dev/sr7", "Plug it in"),
        (BUSY, "by another program", "sudo fuser -v /dev/sr0"),
        (
            replace(BUSY, holders=(Holder(41, "vlc"), Holder(42, "k3b"))),
            "in use by vlc (process 41), k3b (process 42)",
            "close it",
        ),
        (replace(BUSY, holders=(Holder(7, "python", own=True),)), "Discwright itself", "job"),
        (
            replace(BUSY, holders=(Holder(7, "python", own=True), Holder(8, "vlc"))),
            "in use by vlc (process 8).",
            "close it",
        ),
        (replace(BUSY, mounts=("/media/me/DISC",)), "mounted at /media/me/DISC", "unmount it"),
        (replace(BUSY, packet_device="pktcdvd0"), "packet writing", "sudo pktsetup -d pktcdvd0"),
        (Access("/dev/sr0", errno.ENOMEDIUM), "no disc in /dev/sr0", "Insert a disc"),
        (Access("/dev/sr0", errno.EMEDIUMTYPE), "can't use this kind of disc", "made for"),
        (Access("/dev/sr0", errno.ENODEV), "no longer there", "Check its cable"),
        (Access("/dev/sr0", errno.ENXIO), "no longer there", "Check its cable"),
        (Access("/dev/sdb", errno.EROFS), "/dev/sdb is write-protected", "lock"),
        (Access("/dev/sr0", errno.EIO), "can't be opened: Input/output error", ""),
        (Access("/dev/sr0", 0), "no reason was given", ""),
    ],
)
def test_the_reason_is_named_and_what_helps(circumstances, says, advises):
    told = explain(circumstances)
    assert says in told.message
    assert advises in told.remedy
    assert bool(advises) == bool(told.remedy)


def test_nobody_is_advised_to_join_a_group_that_owns_all_disks():
    for group in ("disk", "root", "wheel", "sudo"):
        assert "usermod" not in explain(replace(DENIED, group=group)).sentence()


def test_the_technical_cause_is_beside_the_sentence():
    cause = explain(replace(DENIED, remote=True)).cause
    assert "EACCES (13" in cause
    assert "mode 0660, group cdrom" in cause
    assert "session by ssh: yes" in cause


def test_names_of_programs_and_places_are_shown_harmlessly():
    told = explain(replace(BUSY, mounts=("/media/\x1b[31m{node}",)))
    assert "mounted at /media/\ufffd[31m{node}" in told.message


def test_a_node_that_is_not_there_is_explained(tmp_path):
    gone = str(tmp_path / "sr0")
    told = explain_open_failure(gone, FileNotFoundError(errno.ENOENT, "No such file"))
    assert told.message == f"There is no device {gone}."


def test_the_group_is_that_of_the_node_itself(tmp_path):
    node = tmp_path / "sr0"
    node.touch(0o640)
    seen = survey(str(node), errno.EACCES)
    assert seen.mode == 0o640
    assert seen.group == node.group()
    assert seen.in_group
    assert not seen.joined


def acl(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.mark.parametrize(
    ("raw", "users"),
    [
        (b"", set()),
        (b"\x02\0\0", set()),
        (acl((0x01, 6, 0xFFFFFFFF), (0x02, 6, 1000), (0x10, 6, 0xFFFFFFFF)), {1000}),
        (acl((0x02, 6, 1000), (0x02, 6, 1001), (0x02, 4, 1002)), {1000, 1001}),
        (acl((0x02, 6, 1000), (0x10, 4, 0xFFFFFFFF)), set()),
        (acl((0x08, 6, 1000)), set()),
        (acl((0x02, 6, 1000))[:-1], set()),
    ],
)
def test_an_access_control_list_is_read_with_its_mask(raw, users):
    assert acl_users(raw) == users


@pytest.mark.parametrize(
    ("environment", "sign", "program", "sandbox"),
    [
        ({}, "", "/usr/bin/x", Sandbox.NONE),
        ({}, ".flatpak-info", "/app/x", Sandbox.FLATPAK),
        ({"SNAP": "/snap/discwright/1"}, "", "/snap/discwright/1/bin/x", Sandbox.SNAP),
        ({"SNAP": "/snap/code/9"}, "", "/home/me/discwright/x", Sandbox.NONE),
        ({}, "run/.containerenv", "/usr/bin/x", Sandbox.CONTAINER),
        ({}, ".dockerenv", "/usr/bin/x", Sandbox.CONTAINER),
    ],
)
def test_a_sandbox_is_recognised(tmp_path, environment, sign, program, sandbox):
    if sign:
        (tmp_path / sign).parent.mkdir(exist_ok=True)
        (tmp_path / sign).touch()
    assert sandbox_of(environment, Path(program), tmp_path) is sandbox


def test_a_process_that_has_the_node_open_is_found(tmp_path):
    node = tmp_path / "sr0"
    node.touch()
    assert holders(str(node)) == ()
    with node.open("rb"):
        (holder,) = holders(str(node))
    assert holder.pid == os.getpid()
    assert holder.own
    assert holder.program


def test_packet_writing_on_the_drive_is_found():
    text = "pktcdvd0 253:0 11:1\npktcdvd1 253:1 11:0\n"
    assert parse_packet_map(text, "11:0") == "pktcdvd1"
    assert parse_packet_map(text, "11:2") == ""
    assert parse_packet_map(text, "") == ""
