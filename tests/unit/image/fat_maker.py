# SPDX-License-Identifier: GPL-3.0-or-later
"""FAT file systems with one loader in \\EFI\\BOOT, as mkfs.fat and mtools would make them."""

import struct


def fat_image(loader: str, bits: int = 12, long_name: bool = False) -> bytes:
    """Give a FAT image of 12, 16 or 32 bits that holds EFI/BOOT/``loader``.

    The folder is so full that the loader's name lies in its third cluster.
    """
    clusters = {12: 1000, 16: 5000, 32: 66_000}[bits]
    width = {12: 1.5, 16: 2, 32: 4}[bits]
    per_fat = -(-int((clusters + 2) * width) // 512)
    reserved, roots = (32, 0) if bits == 32 else (1, 224)
    data_at = reserved + 2 * per_fat + roots * 32 // 512
    total = data_at + clusters
    boot = bytearray(512)
    boot[:11] = b"\xeb\x3c\x90MTOO4043"
    struct.pack_into(
        "<HBHBHHBHHHII", boot, 11, 512, 1, reserved, 2, roots,
        total if total < 65536 else 0, 0xF8, 0 if bits == 32 else per_fat, 32, 64, 0, total,
    )  # fmt: skip
    if bits == 32:
        struct.pack_into("<IHHI", boot, 36, per_fat, 0, 0, 2)
    boot[510:] = b"\x55\xaa"
    image = bytearray(data_at * 512 + 8 * 512)
    image[:512] = boot

    root, efi, boot_folder = (2, 3, 4) if bits == 32 else (0, 2, 3)
    last = (1 << min(bits, 28)) - 1
    links = dict.fromkeys((2, 3, 4), last)
    links.update({boot_folder: 6, 6: 7, 7: last})
    for cluster, onward in links.items():
        _link(image, reserved * 512, cluster, onward, bits)

    def place(cluster: int) -> int:
        root_at = (reserved + 2 * per_fat) * 512
        return (data_at + cluster - 2) * 512 if cluster else root_at

    at = place(root)
    image[at : at + 32] = _entry(b"LABEL      ", 0x08, 0)
    image[at + 32 : at + 64] = _entry(b"EFI        ", 0x10, efi)
    image[place(efi) : place(efi) + 32] = _entry(b".          ", 0x10, efi)
    image[place(efi) + 32 : place(efi) + 64] = _entry(b"BOOT       ", 0x10, boot_folder)
    records = [_entry(b"\xe5GONE   EFI", 0x20, 0)]
    records += [_entry(b"FILLER%02dTXT" % n, 0x20, 0) for n in range(35)]
    stem, extension = loader.split(".")
    short = f"{stem[:8]:8}{extension:3}".encode()
    if long_name:
        short = f"{stem[:6]}~1{extension:3}".encode()
        records += _long(loader)
    records.append(_entry(short, 0x20, 0, size=100))
    body = b"".join(records)
    for number, cluster in enumerate((boot_folder, 6, 7)):
        part = body[number * 512 : (number + 1) * 512]
        image[place(cluster) : place(cluster) + len(part)] = part
    return bytes(image)


def _entry(name: bytes, attributes: int, cluster: int, size: int = 0) -> bytes:
    entry = bytearray(32)
    entry[:11] = name
    entry[11] = attributes
    struct.pack_into("<HI", entry, 26, cluster, size)
    return bytes(entry)


def _long(name: str) -> list[bytes]:
    raw = (name + "\0").encode("utf-16-le")
    parts = [raw[at : at + 26].ljust(26, b"\xff") for at in range(0, len(raw), 26)]
    entries = []
    for number, part in reversed(list(enumerate(parts, 1))):
        entry = bytearray(32)
        entry[0] = number | (0x40 if number == len(parts) else 0)
        entry[1:11], entry[14:26], entry[28:32] = part[:10], part[10:22], part[22:]
        entry[11] = 0x0F
        entries.append(bytes(entry))
    return entries


def _link(image: bytearray, fat: int, cluster: int, onward: int, bits: int) -> None:
    if bits == 12:
        at = fat + cluster * 3 // 2
        value = int.from_bytes(image[at : at + 2], "little")
        value = value & 0xF | onward << 4 if cluster % 2 else value & 0xF000 | onward
        image[at : at + 2] = value.to_bytes(2, "little")
    else:
        size = bits // 8
        at = fat + cluster * size
        image[at : at + size] = onward.to_bytes(size, "little")
