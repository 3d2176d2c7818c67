# SPDX-License-Identifier: GPL-3.0-or-later
"""Which block devices are sticks. What is wrongly one here may be overwritten one day."""

import pytest

from discwright.devices.block import BlockDevice
from discwright.devices.stick import is_stick, stick

PCI = "/sys/devices/pci0000:00/0000:00:14.0"
USB = f"{PCI}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block"
SATA = f"{PCI}/ata1/host0/target0:0:0/0:0:0:0/block"
SLOT = "/sys/devices/platform/soc/mmc_host/mmc0/mmc0:aaaa/block"
VIRTUAL = "/sys/devices/virtual/block"


def block(path: str, bus: str = "", removable: str = "0", **more: str) -> BlockDevice:
    properties = {"DEVNAME": "/dev/" + path.rpartition("/")[2], "DEVTYPE": "disk"}
    if bus:
        properties["ID_BUS"] = bus
    attributes = {"size": "60062500", "removable": removable}
    for key, value in more.items():
        if key.isupper():
            properties[key] = value
        else:
            attributes[key.replace("__", "/")] = value
    return BlockDevice(path, properties, attributes)


@pytest.mark.parametrize(
    ("what", "device"),
    [
        ("USB stick", block(f"{USB}/sdb", "usb", "1")),
        ("USB stick without udev's database", block(f"{USB}/sdb", "", "1")),
        ("USB hard disk, not called removable", block(f"{USB}/sdb", "usb")),
        ("USB enclosure that shows the disk's own bus", block(f"{USB}/sdb", "ata")),
        ("USB disk number 27", block(f"{USB}/sdaa", "usb")),
        ("SD card in a slot", block(f"{SLOT}/mmcblk0", device__type="SD")),
        ("removable disk on another bus", block(f"{SATA}/sdc", "scsi", "1")),
    ],
)
def test_what_people_carry_about_is_a_stick(what, device):
    assert is_stick(device), what


@pytest.mark.parametrize(
    ("what", "device"),
    [
        ("internal SATA disk", block(f"{SATA}/sda", "ata")),
        ("internal NVMe disk", block(f"{PCI}/nvme/nvme0/nvme0n1")),
        ("disk of a virtual machine", block(f"{PCI}/virtio1/block/vda")),
        ("soldered eMMC", block(f"{SLOT}/mmcblk0", device__type="MMC")),
        ("boot area of the eMMC", block(f"{SLOT}/mmcblk0/mmcblk0boot0", device__type="MMC")),
        ("card of unknown type", block(f"{SLOT}/mmcblk0")),
        ("partition of a stick", block(f"{USB}/sdb/sdb1", "usb", "1", DEVTYPE="partition")),
        ("card reader without a card", block(f"{USB}/sdb", "usb", "1", size="0")),
        ("stick whose size is not known", block(f"{USB}/sdb", "usb", "1", size="")),
        ("USB DVD drive", block(f"{USB}/sr0", "usb", "1", ID_CDROM="1")),
        ("USB DVD drive without udev's database", block(f"{USB}/sr0", "", "1")),
        ("floppy drive", block("/sys/devices/platform/floppy.0/block/fd0", "", "1")),
        ("loop device", block(f"{VIRTUAL}/loop0", "", "1")),
        ("compressed memory", block(f"{VIRTUAL}/zram0", "", "1")),
        ("device mapper", block(f"{VIRTUAL}/dm-0", "usb", "1")),
        ("software RAID", block(f"{VIRTUAL}/md127", "usb", "1")),
        ("something virtual of tomorrow", block(f"{VIRTUAL}/tomorrow0", "", "1")),
        ("network block device", block("/sys/devices/rbd/0/block/rbd0", "", "1")),
        ("device without a node", block(f"{USB}/sdb", "usb", "1", DEVNAME="")),
    ],
)
def test_what_belongs_to_the_computer_is_no_stick(what, device):
    assert not is_stick(device), what


def test_a_stick_is_named_after_the_file_systems_on_it():
    parts = (
        BlockDevice(f"{USB}/sdb/sdb1", {"ID_FS_LABEL_ENC": r"My\x20Photos"}),
        BlockDevice(f"{USB}/sdb/sdb2", {"ID_FS_LABEL": "EFI"}),
        BlockDevice(f"{USB}/sdb/sdb3", {"ID_FS_LABEL": "EFI"}),
        BlockDevice(f"{USB}/sdb/sdb4", {}),
    )
    assert stick(block(f"{USB}/sdb", "usb"), parts).labels == ("My Photos", "EFI")


def test_an_image_written_to_the_whole_stick_gives_it_its_label():
    assert stick(block(f"{USB}/sdb", "usb", ID_FS_LABEL="UBUNTU")).labels == ("UBUNTU",)


def test_a_stick_with_its_write_protection_on_says_so():
    assert stick(block(f"{USB}/sdb", "usb", ro="1\n")).read_only
    assert not stick(block(f"{USB}/sdb", "usb", ro="0\n")).read_only


def test_a_disk_in_an_enclosure_is_not_made_by_ata():
    disk = stick(block(f"{USB}/sdb", "ata", device__vendor="ATA     ", device__model="ST500LM"))
    assert disk.name == "ST500LM"
    assert disk.bus == "usb"


def test_a_disk_of_a_virtual_machine_is_not_named_by_a_number():
    disk = stick(block("/devices/pci0000:00/virtio2/block/vda", device__vendor="0x1af4\n"))
    assert disk.name == disk.node == "/dev/vda"


@pytest.mark.parametrize(
    ("vendor", "model", "name"),
    [
        ("QEMU", "QEMU HARDDISK", "QEMU HARDDISK"), ("asus", "ASUS BW-16D1HT", "ASUS BW-16D1HT"),
        ("HL-DT-ST", "BD-RE BH16NS40", "HL-DT-ST BD-RE BH16NS40"), ("", "Card", "Card"),
    ],
)  # fmt: skip
def test_a_maker_is_named_once(vendor, model, name):
    disk = stick(block(f"{USB}/sdb", "usb", device__vendor=vendor, device__model=model))
    assert disk.name == name


def test_a_memory_card_is_named_by_its_slot():
    card = stick(block(f"{SLOT}/mmcblk0", device__type="SD", device__name="SD32G\n"))
    assert card.name == "SD32G"
    assert card.bus == "mmc"
