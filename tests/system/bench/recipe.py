# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine consists of, and what is missing to make or start it."""

import hashlib
import os
import platform
import shutil
import sys
from pathlib import Path

GUEST = Path(__file__).parent / "guest"
"""What runs in the machine."""

TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-utils"}
"""Programs without which no machine runs, and their Debian packages."""

MAKING = {"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}
"""Programs without which its disk can't be made."""

PACKAGES = (
    # a system that logs its users in, with the services that a desktop has
    "systemd", "systemd-sysv", "udev", "dbus", "libpam-systemd", "polkitd", "udisks2",
    # what the program needs
    "python3", "libcdio19", "libiso9660-11", "libudfread0", "xorriso", "xz-utils", "dosfstools",
    "exfatprogs",
    # what the tests need
    "linux-image-amd64", "kmod", "busybox-static", "e2fsprogs", "acl",
    # what disks are stacked with
    "lvm2", "cryptsetup-bin", "mdadm", "bcache-tools", "btrfs-progs",
)  # fmt: skip

WITHOUT = (
    "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*", "/boot/System.map*",
    *(f"/lib/modules/*/kernel/{folder}/*" for folder in (
        "drivers/gpu", "drivers/net", "drivers/media", "drivers/infiniband", "drivers/iio",
        "drivers/staging", "sound", "net/netfilter", "fs/xfs", "fs/ocfs2",
    )),
)  # fmt: skip
"""Files that no test meets, and that take time to unpack."""

FIRST_MODULES = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic")
"""What the kernel needs before it can see its disk."""

USER, VISITOR = "user", "visitor"
"""Two ordinary users: one who is logged in at the machine, and one who comes over the network."""
ADMIN, PASSWORD = "admin", "a password of the machine"
"""Who may administer it."""

KERNEL_LINE = (
    "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off random.trust_cpu=on audit=0 "
    "systemd.show_status=0 net.ifnames=0 nokaslr usb_storage.delay_use=0"
)
MEMORY = 768
"""MiB."""
DISK = 2 << 30
"""Bytes; the file has holes."""


def release() -> dict[str, str]:
    """Give what the system says about itself in os-release."""
    return platform.freedesktop_os_release()


def missing_to_run() -> str:
    """Say why no machine can be started here, "" if one can."""
    if platform.machine() != "x86_64":
        return "the machine is a PC; this computer is another kind"
    return _missing(TOOLS)


def missing_to_make() -> str:
    """Say why the machine's disk can't be made here, "" if it can."""
    if os.geteuid() != 0:
        return "only root can make the machine's disk (once; later runs take the one made)"
    if release().get("ID") != "debian":
        return "the machine is made of the Debian release that it runs on, and this is none"
    return _missing(MAKING)


def in_chroot() -> bool:
    """Whether nothing is mounted at /, where mmdebstrap can't separate the system that it makes."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return not any(line.split()[4] == "/" for line in mounts)


def unlike_python(rootfs_python: str) -> str:
    """Say why the packages in this environment can't be used in the machine, "" if they can."""
    own = "%d.%d" % sys.version_info[:2]  # noqa: UP031 - the shorter one
    if rootfs_python == own:
        return ""
    return f"the packages here are for Python {own}, the machine has Python {rootfs_python}"


def fingerprint() -> str:
    """Give what a made disk depends on: this recipe, its makers, and the release."""
    digest = hashlib.sha256(release().get("VERSION_ID", "").encode())
    for name in _MAKERS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


_MAKERS = ("recipe.py", "disk.py", "cpio.py", "machine.py", "guest/agent.py", "guest/init.sh")


def _missing(programs: dict[str, str]) -> str:
    packages = [package for name, package in programs.items() if shutil.which(name) is None]
    return f"not installed: {', '.join(packages)}" if packages else ""
