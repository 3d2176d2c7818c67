# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of UDisks2 for a stick."""

import pytest
from jeepney import HeaderFields, new_error, new_method_return

from discwright.devices import udisks, udisks_sticks
from discwright.devices.udisks_sticks import FileSystem, Hints, hints_in, may_power_off
from discwright.errors import DiscwrightError

PATH = "/org/freedesktop/UDisks2/block_devices/"
DRIVE = "/org/freedesktop/UDisks2/drives/Key"
NAME = "org.freedesktop.UDisks2"


def block(node, *, table="/", drive=DRIVE, points=(), system=False, ignore=False, kind=""):
    return {
        f"{NAME}.Block": {
            "Device": ("ay", node.encode() + b"\0"),
            "Drive": ("o", drive),
            "HintSystem": ("b", system),
            "HintIgnore": ("b", ignore),
            "IdType": ("s", kind),
            "IdLabel": ("s", "KEY" if kind else ""),
            "IdVersion": ("s", "FAT32" if kind else ""),
        },
        f"{NAME}.Filesystem": {"MountPoints": ("aay", [p.encode() + b"\0" for p in points])},
        f"{NAME}.Partition": {"Table": ("o", table)},
    }


def drive(**properties):
    kinds = {bool: "b", str: "s"}
    return {f"{NAME}.Drive": {key: (kinds[type(v)], v) for key, v in properties.items()}}


OBJECTS = {
    f"{PATH}sdb": block("/dev/sdb"),
    f"{PATH}sdb1": block("/dev/sdb1", table=f"{PATH}sdb", points=["/media/x"], kind="vfat"),
    f"{PATH}sdc": block("/dev/sdc", drive="/"),
    DRIVE: drive(CanPowerOff=True, Ejectable=True, SiblingId="/usb1/1-1"),
}


class FakeBus:
    def __init__(self, objects):
        self.objects, self.asked, self.error = objects, [], ""

    def send_and_get_reply(self, message, *, timeout):
        fields = message.header.fields
        method, path = fields[HeaderFields.member], fields[HeaderFields.path]
        message.header.serial = 1
        if method == "GetManagedObjects":
            return new_method_return(message, "a{oa{sa{sv}}}", (self.objects,))
        self.asked.append((method, path.rpartition("/")[2], message.body))
        if self.error:
            return new_error(message, self.error, "s", ("the reason",))
        if method == "CanFormat":
            return new_method_return(message, "(bs)", ((False, "mkfs.vfat"),))
        return new_method_return(message)

    def close(self):
        pass


@pytest.fixture
def bus(monkeypatch):
    fake = FakeBus(OBJECTS)
    monkeypatch.setattr(udisks, "open_dbus_connection", lambda *_args, **_options: fake)
    return fake


def test_a_stick_of_which_one_partition_is_a_part_of_the_computer_is_one():
    objects = {**OBJECTS, f"{PATH}sdb2": block("/dev/sdb2", table=f"{PATH}sdb", system=True)}
    found = hints_in(objects, f"{PATH}sdb")
    assert found == Hints(system=True, ignore=False, mounts=(("sdb1", "/media/x"),))


def test_a_stick_with_an_efi_partition_or_an_unfinished_one_may_be_written_again():
    """UDisks2's own rules hide partitions of such types; a whole stick only an administrator."""
    objects = {**OBJECTS, f"{PATH}sdb2": block("/dev/sdb2", table=f"{PATH}sdb", ignore=True)}
    assert not hints_in(objects, f"{PATH}sdb").ignore
    assert hints_in({f"{PATH}sdd": block("/dev/sdd", ignore=True)}, f"{PATH}sdd").ignore


def test_without_udisks_there_are_no_hints(monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    assert udisks_sticks.hints_of("/dev/sdb") is None


def test_a_stick_is_unmounted_ejected_and_switched_off(bus):
    udisks_sticks.let_go("/dev/sdb")
    assert [call[:2] for call in bus.asked] == [
        ("Unmount", "sdb1"), ("Eject", "Key"), ("PowerOff", "Key"),
    ]  # fmt: skip


def test_a_slot_beside_another_is_not_switched_off(bus):
    bus.objects = {**OBJECTS, "/drives/Other": drive(SiblingId="/usb1/1-1")}
    udisks_sticks.let_go("/dev/sdb")
    assert [call[0] for call in bus.asked] == ["Unmount", "Eject"]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (drive(CanPowerOff=True, SiblingId=""), True),
        (drive(CanPowerOff=True), True),
        (drive(CanPowerOff=False, SiblingId="x"), False),
        (drive(CanPowerOff=True, SiblingId="/usb1/1-9"), True),
    ],
)
def test_power_is_cut_only_where_nobody_else_needs_it(own, expected):
    assert may_power_off({**OBJECTS, "/d": own}, "/d") is expected


def test_what_has_no_drive_cannot_be_ejected(bus):
    with pytest.raises(DiscwrightError, match="can't be ejected"):
        udisks_sticks.let_go("/dev/sdc")


def test_a_stick_is_looked_at_anew(bus):
    udisks_sticks.rescan("/dev/sdb")
    assert bus.asked == [("Rescan", "sdb", (udisks.SILENTLY,))]


def test_the_missing_program_is_named(bus):
    assert udisks_sticks.can_format("/dev/sdb", "vfat") == "mkfs.vfat"


def test_formatting_asks_for_a_table_then_for_a_partition_to_the_end(bus):
    udisks_sticks.format_stick("/dev/sdb", table="dos", file_system="vfat", label="KEY")
    methods = [call[0] for call in bus.asked]
    assert methods == ["Unmount", "Format", "CreatePartitionAndFormat"]
    assert bus.asked[1][2][0] == "dos"
    offset, size, *_rest = bus.asked[2][2]
    assert (offset, size) == (1 << 20, 0)
    assert bus.asked[2][2][5] == "vfat"


def test_file_systems_are_listed(bus):
    assert udisks_sticks.file_systems_on("/dev/sdb") == (FileSystem("vfat", "KEY", "FAT32"),)


def test_what_udisks_refuses_is_explained(bus):
    bus.error = f"{NAME}.Error.NotAuthorizedDismissed"
    with pytest.raises(DiscwrightError, match="password"):
        udisks_sticks.rescan("/dev/sdb")
