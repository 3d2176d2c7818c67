# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a disc or stick is mounted."""

from discwright.devices.mounts import mounted_at, parse_mounts, points_of

MOUNTINFO = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
91 27 11:0 / /media/me/My\040Disc\134 ro,nosuid shared:4 master:1 - udf /dev/sr0 ro
92 27 8:17 / /media/me/STICK rw - vfat /dev/sdb1 rw
93 27 0:45 /@home /home rw shared:5 - btrfs /dev/sdc2 rw
94 27 11:0 / /mnt/again ro - udf /dev/sr0 ro
not a line of mountinfo
"""


def test_all_places_of_a_disc_are_found_with_their_blanks():
    mounts = parse_mounts(MOUNTINFO)
    assert points_of(mounts, "/dev/cdrom", "11:0") == ("/media/me/My Disc\\", "/mnt/again")


def test_a_file_system_with_numbers_of_its_own_is_found_by_name():
    assert points_of(parse_mounts(MOUNTINFO), "/dev/sdc2", "8:34") == ("/home",)


def test_what_is_not_mounted_is_nowhere():
    assert points_of(parse_mounts(MOUNTINFO), "/dev/sdb", "8:16") == ()
    assert points_of(parse_mounts(MOUNTINFO), "/dev/sdb", "") == ()
    assert mounted_at("/dev/no-such-device") == ()
