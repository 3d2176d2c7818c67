# SPDX-License-Identifier: GPL-3.0-or-later
"""Small CD images made for the tests: raw sectors, cue sheets, cdrdao TOCs, Nero NRGs."""

import struct
from pathlib import Path

RAW, SECTOR = 2352, 2048


def bcd(n):
    return n // 10 << 4 | n % 10


def raw_sector(lba, data, mode, submode=0x08):
    """A raw sector with a right header; EDC and ECC are left zero."""
    at = lba + 150
    head = b"\0" + b"\xff" * 10 + b"\0"
    head += bytes([bcd(at // 75 // 60), bcd(at // 75 % 60), bcd(at % 75), mode])
    if mode == 1:
        return (head + data).ljust(RAW, b"\0")
    return (head + bytes([0, 0, submode, 0]) * 2 + data).ljust(RAW, b"\0")[:RAW]


def raw_image(iso: bytes, mode=1, submode=0x08):
    return b"".join(
        raw_sector(n, iso[n * SECTOR : (n + 1) * SECTOR], mode, submode)
        for n in range(len(iso) // SECTOR)
    )


def write_cue(folder: Path, name: str, tracks) -> Path:
    """``tracks``: (mode as in a cue sheet, bytes of the file), one file each."""
    lines = []
    for number, (mode, data) in enumerate(tracks, 1):
        file = folder / f"{name} (Track {number}).bin"
        file.write_bytes(data)
        lines += [f'FILE "{file.name}" BINARY', f"  TRACK {number:02} {mode}",
                  "    INDEX 01 00:00:00"]  # fmt: skip
    cue = folder / f"{name}.cue"
    cue.write_text("\n".join(lines) + "\n")
    return cue


def write_toc(folder: Path, name: str, mode: str, data: bytes) -> Path:
    file = folder / f"{name}.bin"
    file.write_bytes(data)
    toc = folder / f"{name}.toc"
    toc.write_text(f'CD_ROM\n\nTRACK {mode}\nNO COPY\nDATAFILE "{file.name}"\n')
    return toc


def write_nrg(path: Path, iso: bytes) -> Path:
    """A Nero 5.5 image with one mode 1 track of 2048-byte sectors, as "ETN2" tells it."""
    entry = struct.pack(">QQIIII", 0, len(iso), 0, 0, 0, 0)
    chunk = b"ETN2" + struct.pack(">I", len(entry)) + entry
    tail = chunk + b"END!" + struct.pack(">I", 0)
    path.write_bytes(iso + tail + b"NER5" + struct.pack(">Q", len(iso)))
    return path
