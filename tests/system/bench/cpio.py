# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's first file system: an archive in cpio's "newc" form.

Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
"""

import gzip
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

FOLDER = stat.S_IFDIR | 0o755
PROGRAM = stat.S_IFREG | 0o755
DEVICE = stat.S_IFCHR | 0o600


def archive(files: Mapping[str, bytes]) -> bytes:
    """Give a packed archive of these programs, by path, with the folders that they need.

    ``/dev/console`` is in it: without it the first process has no output.
    """
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    folders = (folders | {"dev", "proc", "sys", "run"}) - {"."}
    made = b"".join(_entry(name, FOLDER, b"") for name in sorted(folders))
    made += _entry("dev/console", DEVICE, b"", device=(5, 1))
    made += b"".join(_entry(name, PROGRAM, data) for name, data in files.items())
    return gzip.compress(made + _entry("TRAILER!!!", 0, b""), compresslevel=1, mtime=0)


def _entry(name: str, mode: int, data: bytes, *, device: tuple[int, int] = (0, 0)) -> bytes:
    encoded = name.encode() + b"\0"
    # inode, mode, owner, group, links, time, size, device of the file, device it is, name's size
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def modules_for(tree: Path, names: tuple[str, ...]) -> list[Path]:
    """Give the files of kernel modules and of what they need, in the order to load them.

    ``tree`` is ``lib/modules/VERSION``; a name that isn't there is built in, or not needed.
    """
    needs = {}
    for line in (tree / "modules.dep").read_text(encoding="utf-8").splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
    paths = {Path(path).name.split(".")[0].replace("-", "_"): path for path in needs}
    found: dict[str, None] = {}
    for name in names:
        if name in paths:
            # modules.dep lists what is needed so that the last must be loaded first
            found |= dict.fromkeys([*reversed(needs[paths[name]]), paths[name]])
    return [tree / path for path in found]
