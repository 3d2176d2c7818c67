# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of drives and sticks, read by the real libudev from a made-up /sys."""

from .tree import USB_PORT, Tree

DRIVE = f"{USB_PORT}/2:0:0:0/block/sr0"
STICK = f"{USB_PORT}/2:0:0:1/block/sdb"


def plug_drive(tree: Tree, **properties: str) -> str:
    return tree.add(
        DRIVE,
        {"ID_CDROM": "1", "ID_CDROM_DVD": "1", **properties},
        {
            "size": "8388608\n",
            "diskseq": "17\n",
            "removable": "1\n",
            "device/vendor": "HL-DT-ST\n",
            "device/model": "DVDRAM GP60NB50 \n",
            "device/rev": "RF01\n",
        },
    )


def plug_stick(tree: Tree, vendor: bytes = b"SanDisk \n") -> str:
    tree.add(
        STICK,
        {"ID_BUS": "usb", "ID_SERIAL_SHORT": "4C5300"},
        {"size": "60062500\n", "removable": "1\n", "ro": "0\n", "device/vendor": vendor,
         "device/model": "Cruzer Blade\n"},
    )  # fmt: skip
    tree.add(f"{STICK}/sdb2", {"DEVTYPE": "partition", "ID_FS_LABEL_ENC": r"My\x20Files"})
    tree.add(f"{STICK}/sdb1", {"DEVTYPE": "partition", "ID_FS_LABEL_ENC": "EFI"})
    return STICK


def test_drives_come_first_and_are_described_as_their_makers_do(tree, listed):
    plug_stick(tree)
    plug_drive(tree, ID_CDROM_MEDIA="1", ID_CDROM_MEDIA_DVD="1", ID_FS_LABEL="UBUNTU")
    drive, stick = listed()
    assert (drive["node"], drive["vendor"], drive["model"], drive["firmware"]) == (
        "/dev/sr0", "HL-DT-ST", "DVDRAM GP60NB50", "RF01",
    )  # fmt: skip
    assert drive["diskseq"] == 17
    assert drive["medium"]["label"] == "UBUNTU"
    assert drive["medium"]["size"] == 4294967296
    assert drive["bus"] == "usb"
    assert stick["node"] == "/dev/sdb"
    assert stick["labels"] == ["EFI", "My Files"]
    assert stick["size"] == 60062500 * 512
    assert stick["serial"] == "4C5300"


def test_ten_drives_are_listed_in_the_order_of_their_numbers(tree, listed):
    for number in (10, 2, 0):
        tree.add(f"{USB_PORT}/2:0:0:{number}/block/sr{number}", {"ID_CDROM": "1"})
    assert [drive["node"] for drive in listed()] == ["/dev/sr0", "/dev/sr2", "/dev/sr10"]


def test_a_listed_drive_was_never_opened(tree, listed):
    plug_drive(tree)
    node = tree.root / "dev/sr0"
    assert not node.exists()
    assert len(listed()) == 1


def test_a_name_that_is_not_text_does_not_hide_the_stick(tree, listed):
    plug_stick(tree, vendor=b"\xff\xfe\x1b[31mEvil\n")
    (stick,) = listed()
    assert stick["vendor"] == "\ufffd\ufffd\ufffd[31mEvil"


def test_a_drive_that_vanishes_while_it_is_looked_at_is_left_out(tree, listed):
    plug_drive(tree)
    plug_stick(tree)
    (tree.root / "sys" / DRIVE / "uevent").unlink()
    assert [device["node"] for device in listed()] == ["/dev/sdb"]


def test_with_nothing_plugged_in_the_list_is_empty(listed):
    assert listed() == []
