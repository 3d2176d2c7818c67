# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of UDisks2, and what a person is told of its answers."""

import pytest
from jeepney import HeaderFields, new_error, new_method_return

from discwright.devices import udisks
from discwright.devices.udisks import Refused, explain_refusal, find_block, mounted_parts
from discwright.errors import DiscwrightError

PATH = "/org/freedesktop/UDisks2/block_devices/"
DRIVE = "/org/freedesktop/UDisks2/drives/HL_DT_ST"
ERROR = "org.freedesktop.UDisks2.Error."


def block(node: str, points: int = 0, table: str = "/", drive: str = DRIVE) -> dict:
    own = {"Device": ("ay", node.encode() + b"\0"), "Drive": ("o", drive)}
    mounts = [f"/media/{number}".encode() + b"\0" for number in range(points)]
    return {
        "org.freedesktop.UDisks2.Block": own,
        "org.freedesktop.UDisks2.Filesystem": {"MountPoints": ("aay", mounts)},
        "org.freedesktop.UDisks2.Partition": {"Table": ("o", table)},
    }


OBJECTS = {
    "/org/freedesktop/UDisks2/Manager": {"org.freedesktop.UDisks2.Manager": {}},
    f"{PATH}sda1": block("/dev/sda1", points=1, table=f"{PATH}sda"),
    f"{PATH}sdb": block("/dev/sdb"),
    f"{PATH}sdb1": block("/dev/sdb1", points=2, table=f"{PATH}sdb"),
    f"{PATH}sdb2": block("/dev/sdb2", table=f"{PATH}sdb"),
    f"{PATH}sr0": block("/dev/sr0", points=1),
    f"{PATH}loop0": block("/dev/loop0", drive="/"),
}


class FakeBus:
    """Answers as UDisks2 and writes down what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.errors: dict[str, str] = {}
        self.closed = False
        self.reason = "the reason"
        self.options: dict = {}

    def send_and_get_reply(self, message, *, timeout):
        assert timeout
        fields = message.header.fields
        method, path = fields[HeaderFields.member], fields[HeaderFields.path]
        message.header.serial = 1
        if method == "GetManagedObjects":
            return new_method_return(message, "a{oa{sa{sv}}}", (OBJECTS,))
        self.asked.append(f"{method} {path.rpartition('/')[2]}")
        self.options = message.body[-1]
        assert "force" not in message.body[-1]
        if method in self.errors:
            return new_error(message, self.errors[method], "s", (self.reason,))
        return new_method_return(message)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def bus(monkeypatch) -> FakeBus:
    fake = FakeBus()
    monkeypatch.setattr(udisks, "open_dbus_connection", lambda *_args, **_options: fake)
    return fake


def test_a_disc_is_unmounted_before_the_tray_opens(bus):
    udisks.eject("/dev/sr0")
    assert bus.asked == ["Unmount sr0", "Eject HL_DT_ST"]
    assert bus.closed


def test_a_burnt_disc_is_looked_at_again_without_asking_for_a_password(bus):
    udisks.rescan("/dev/sr0")
    assert bus.asked == ["Rescan sr0"]
    assert bus.options["auth.no_user_interaction"] == ("b", True)


def test_all_partitions_of_a_stick_are_unmounted_and_no_others(bus):
    udisks.unmount("/dev/sdb")
    assert bus.asked == ["Unmount sdb1", "Unmount sdb1"]


def test_a_disc_in_use_is_not_ejected(bus):
    bus.errors["Unmount"] = f"{ERROR}DeviceBusy"
    with pytest.raises(DiscwrightError, match="/dev/sr0 is in use"):
        udisks.eject("/dev/sr0")
    assert bus.asked == ["Unmount sr0"]
    assert bus.closed


def test_a_file_system_that_somebody_else_has_just_unmounted_is_no_failure(bus):
    bus.errors["Unmount"] = f"{ERROR}NotMounted"
    udisks.unmount("/dev/sr0")


def test_what_was_unmounted_by_hand_is_not_mounted(bus):
    bus.errors["Unmount"] = f"{ERROR}Failed"
    bus.reason = "Error unmounting /dev/sr0: not mounted"
    udisks.unmount("/dev/sr0")


def test_a_refused_eject_is_explained(bus):
    bus.errors["Eject"] = f"{ERROR}NotAuthorizedDismissed"
    with pytest.raises(DiscwrightError, match="password for /dev/sr0 was not given"):
        udisks.eject("/dev/sr0")


def test_what_has_no_drive_has_no_tray(bus):
    with pytest.raises(DiscwrightError, match="has no tray"):
        udisks.eject("/dev/loop0")


def test_a_bus_that_breaks_off_a_login_is_asked_again(bus, monkeypatch):
    really, tries = udisks.open_dbus_connection, []

    def open_it(*words, **options):
        tries.append(words)
        if len(tries) < 3:
            raise ConnectionResetError
        return really(*words, **options)

    monkeypatch.setattr(udisks, "open_dbus_connection", open_it)
    udisks.unmount("/dev/sr0")
    assert len(tries) == 3


@pytest.mark.parametrize("address", ["unix:path=/nowhere/at/all", "nonsense", "tcp:host=x"])
def test_without_a_bus_it_says_so(monkeypatch, address):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    for use in (udisks.open_device, udisks.unmount, udisks.eject, udisks.rescan):
        with pytest.raises(DiscwrightError, match="UDisks2 can't be reached") as failure:
            use("/dev/sr0")
        assert "udisks2" in failure.value.remedy


def test_a_device_is_found_by_any_of_its_names(tmp_path):
    link = tmp_path / "cdrom"
    link.symlink_to("/dev/sr0")
    assert find_block(OBJECTS, "/dev/sr0") == f"{PATH}sr0"
    assert find_block(OBJECTS, str(link)) == f"{PATH}sr0"
    with pytest.raises(DiscwrightError, match="knows no device /dev/sr1"):
        find_block(OBJECTS, "/dev/sr1")


def test_only_what_is_mounted_is_counted():
    assert mounted_parts(OBJECTS, f"{PATH}sdb") == {f"{PATH}sdb1": 2}
    assert mounted_parts(OBJECTS, f"{PATH}loop0") == {}


@pytest.mark.parametrize(
    ("name", "text", "says", "advises"),
    [
        (f"{ERROR}NotAuthorizedDismissed", "", "was not given", "Try again"),
        (f"{ERROR}NotAuthorized", "", "the password was wrong, or the rules", "Try again"),
        (f"{ERROR}NotAuthorizedCanObtain", "", "did not ask for a password", "polkit agent"),
        (f"{ERROR}DeviceBusy", "", "is in use", "Close"),
        (f"{ERROR}MountedByOtherUser", "", "is in use", "Close"),
        (f"{ERROR}NotSupported", "", "can't do that", ""),
        (f"{ERROR}Timedout", "", "did not answer in time", "try again"),
        (
            "org.freedesktop.DBus.Error.ServiceUnknown",
            "The name is not activatable",
            "is not there",
            "Install the package udisks2",
        ),
        (
            f"{ERROR}Failed",
            "Error opening /dev/sr9: No medium found",
            "There is no disc in /dev/sr9",
            "Insert a disc",
        ),
        (
            f"{ERROR}Failed",
            "Error opening /dev/sr9: Device or resource busy",
            "/dev/sr9 is in use",
            "try again",
        ),
        (f"{ERROR}Failed", "Something {odd}", "failed to use /dev/sr9: Something {odd}.", ""),
    ],
)
def test_each_refusal_is_told_apart(name, text, says, advises):
    told = explain_refusal("/dev/sr9", Refused(name, text))
    assert says in told.message
    assert advises in told.remedy


def test_the_answer_itself_is_the_cause():
    told = explain_refusal("/dev/sr9", Refused(f"{ERROR}Failed", "the reason"))
    assert told.cause == f"{ERROR}Failed: the reason"
