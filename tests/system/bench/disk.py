# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes what the machine starts from: its disk, its kernel and the kernel's first file system."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import recipe
from .cpio import archive, modules_for


@dataclass(frozen=True)
class System:
    """What a machine starts from: files in one folder."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.img"

    @property
    def kernel(self) -> Path:
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def busybox(self) -> Path:
        return self.folder / "busybox"

    @property
    def python(self) -> str:
        """Its Python's version, such as "3.11"."""
        return (self.folder / "python").read_text(encoding="utf-8")


def make(system: System) -> None:
    """Fetch the packages and make everything; the folder is new. About 50 seconds."""
    with tempfile.TemporaryDirectory(dir=system.folder, prefix="root-") as scratch:
        root = Path(scratch) / "root"
        _install(root, system.folder / "making.log")
        _furnish(root)
        (tree,) = (root / "lib/modules").iterdir()
        shutil.copy(root / f"boot/vmlinuz-{tree.name}", system.kernel)
        shutil.copy(root / "bin/busybox", system.busybox)
        system.initrd.write_bytes(_initrd(tree, system.busybox))
        (python,) = (root / "usr/lib").glob("python3.*")
        (system.folder / "python").write_text(python.name.removeprefix("python"))
        shutil.rmtree(root / "boot")
        with system.disk.open("wb") as file:
            file.truncate(recipe.DISK)
        # no journal: nothing that breaks off is ever started again
        options = ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", root]
        subprocess.run(["mke2fs", *options, system.disk], check=True)


def _install(root: Path, log: Path) -> None:
    command = [
        "mmdebstrap", "--mode=root", "--variant=minbase",
        f"--include={','.join(recipe.PACKAGES)}", '--aptopt=Apt::Install-Recommends "false"',
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in recipe.WITHOUT),
        recipe.release()["VERSION_CODENAME"], str(root),
    ]  # fmt: skip
    with log.open("wb") as output:
        # INITRD: the kernel's package needn't make one, it would hold every driver
        made = subprocess.run(
            command, env={**os.environ, "INITRD": "No", "TMPDIR": str(root.parent)},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
        )  # fmt: skip
    if made.returncode:
        raise OSError(f"mmdebstrap failed: {log.read_text(errors='replace')[-2000:]}")


def _initrd(tree: Path, busybox: Path) -> bytes:
    modules = modules_for(tree, recipe.FIRST_MODULES)
    files = {
        "bin/busybox": busybox.read_bytes(),
        "init": (recipe.GUEST / "init.sh").read_bytes(),
        "modules.order": "\n".join(path.name for path in modules).encode(),
        "root/.keep": b"",
    }
    return archive(files | {f"modules/{path.name}": path.read_bytes() for path in modules})


def _furnish(root: Path) -> None:
    """Make the users and the services of the tests."""
    for name in ("agent.py", "polkit_agent.py"):
        shutil.copy(recipe.GUEST / name, root / "usr/local/lib" / name)
    _put(root, "usr/local/bin/discwright", DISCWRIGHT, mode=0o755)
    _put(root, "etc/hostname", "machine\n")
    _put(root, "etc/systemd/system/agent.service", SERVICE)
    _put(root, "etc/systemd/system/getty@tty1.service.d/login.conf", LOGIN)
    _put(root, "etc/udev/rules.d/90-agent.rules", PORTS)
    _put(root, "etc/systemd/journald.conf.d/small.conf", "[Journal]\nStorage=volatile\n")
    for command in (
        ["useradd", "--create-home", "--shell=/bin/bash", recipe.USER],
        ["useradd", "--create-home", "--shell=/bin/bash", recipe.VISITOR],
        ["useradd", "--create-home", "--shell=/bin/bash", "--groups=sudo", recipe.ADMIN],
        ["systemctl", "enable", "agent.service", "getty@tty1.service"],
        ["systemctl", "set-default", "multi-user.target"],
        ["systemctl", "mask", *UNNEEDED],
    ):
        subprocess.run(["chroot", root, *command], check=True, capture_output=True)
    subprocess.run(
        ["chroot", root, "chpasswd"], check=True, text=True,
        input=f"{recipe.ADMIN}:{recipe.PASSWORD}\n{recipe.USER}:{recipe.PASSWORD} too\n",
    )  # fmt: skip
    _put(root, f"home/{recipe.USER}/.bash_profile", PROFILE)


def _put(root: Path, place: str, text: str, *, mode: int = 0o644) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


DISCWRIGHT = """#!/bin/sh
export PYTHONPATH=/opt/discwright/app:/opt/discwright/site-packages PYTHONDONTWRITEBYTECODE=1
exec python3 -m discwright "$@"
"""

SERVICE = """
[Unit]
Description=Starts programs for the tests, as root
After=dbus.service systemd-logind.service polkit.service udisks2.service
Wants=polkit.service udisks2.service

[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/agent.py /dev/virtio-ports/root
Environment=LC_ALL=C.UTF-8 HOME=/root
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
"""

LOGIN = f"""
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin {recipe.USER} --noclear %I linux
"""

PROFILE = """
if [ "$(tty)" = /dev/tty1 ]; then
  export LC_ALL=C.UTF-8
  exec python3 /usr/local/lib/agent.py /dev/virtio-ports/user
fi
"""

PORTS = f"""
SUBSYSTEM=="virtio-ports", ATTR{{name}}=="user", OWNER="{recipe.USER}"
"""

UNNEEDED = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "e2scrub_reap.service", "fstrim.timer", "systemd-timesyncd.service", "motd-news.timer",
    "serial-getty@ttyS0.service", "systemd-tmpfiles-clean.timer",
)  # fmt: skip
