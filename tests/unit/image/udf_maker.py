# SPDX-License-Identifier: GPL-3.0-or-later
"""A small UDF 2.50 image with a metadata partition, as Blu-ray discs have (no tool here makes it).

The partition starts at sector 300. Its metadata file's entry is block 0, the metadata lie in two
pieces: blocks 10-11 and 20-29 of the partition. The file MOVIE.M2TS lies at blocks 100-109 and
200-204.
"""

import binascii
import struct

SECTOR = 2048
START, BLOCKS = 300, 400
MOVIE = (START + 100, START + 200)


def metadata_image() -> bytes:
    image = bytearray((START + BLOCKS + 1) * SECTOR)

    def put(lba: int, data: bytes) -> None:
        image[lba * SECTOR : lba * SECTOR + len(data)] = data

    for number, identifier in enumerate((b"BEA01", b"NSR03", b"TEA01")):
        put(16 + number, b"\0" + identifier + b"\1")
    anchor = struct.pack("<IIII", 16 * SECTOR, 32, 16 * SECTOR, 32).ljust(496, b"\0")
    put(256, tag(2, 256, anchor))
    put(START + BLOCKS, tag(2, START + BLOCKS, anchor))

    partition = bytearray(496)
    struct.pack_into("<II", partition, 188 - 16, START, BLOCKS)
    put(32, tag(5, 32, bytes(partition)))
    volume = bytearray(SECTOR - 16)
    volume[84 - 16 : 84 - 16 + 128] = dstring("Blu-ray Ω")
    struct.pack_into("<I", volume, 212 - 16, SECTOR)
    volume[217 - 16 : 236 - 16] = b"*OSTA UDF Compliant"
    volume[240 - 16 : 242 - 16] = b"\x50\x02"
    volume[248 - 16 : 264 - 16] = long_ad(SECTOR, 0, 1)
    maps = b"\1\6\1\0\0\0" + metadata_map()
    struct.pack_into("<II", volume, 264 - 16, len(maps), 2)
    volume[440 - 16 : 440 - 16 + len(maps)] = maps
    put(33, tag(6, 33, bytes(volume)))
    put(34, tag(8, 34, bytes(496)))

    runs = struct.pack("<IIII", 2 * SECTOR, 10, 10 * SECTOR, 20)
    put(START, entry(0, kind=250, size=12 * SECTOR, allocation=runs, how=0))

    def metadata(block: int) -> int:
        return START + (10 + block if block < 2 else 20 + block - 2)

    files = bytearray(496)
    files[417 - 16 : 436 - 16] = b"*OSTA UDF Compliant"
    files[400 - 16 : 416 - 16] = long_ad(SECTOR, 1, 1)
    put(metadata(0), tag(256, 0, bytes(files)))
    names = fid("", 1, parent=True) + fid("MOVIE.M2TS", 4) + fid("ordner", 3, folder=True)
    put(metadata(1), entry(1, kind=4, size=len(names), allocation=long_ad(len(names), 2, 1), how=1))
    put(metadata(2), names)
    inner = fid("", 1, parent=True) + fid("klein.txt", 5)
    put(metadata(3), entry(3, kind=4, size=len(inner), allocation=inner, how=3))
    movie = long_ad(10 * SECTOR, 100, 0) + long_ad(5 * SECTOR, 200, 0)
    put(metadata(4), entry(4, kind=5, size=15 * SECTOR, allocation=movie, how=1))
    put(metadata(5), entry(5, kind=5, size=5, allocation=b"hallo", how=3))
    return bytes(image)


def tag(identifier: int, location: int, body: bytes) -> bytes:
    crc = binascii.crc_hqx(body, 0)
    head = bytearray(struct.pack("<HHBBHHHI", identifier, 3, 0, 0, 1, crc, len(body), location))
    head[4] = sum(head) & 0xFF
    return bytes(head) + body


def long_ad(length: int, block: int, partition: int) -> bytes:
    return struct.pack("<IIH6x", length, block, partition)


def dstring(text: str) -> bytes:
    raw = b"\x10" + text.encode("utf-16-be")
    return raw.ljust(127, b"\0") + bytes([len(raw)])


def metadata_map() -> bytes:
    name = b"\0" + b"*UDF Metadata Partition".ljust(23, b"\0") + bytes(8)
    return b"\2\x40\0\0" + name + struct.pack("<HHIIIIHB5x", 1, 0, 0, 0, 0xFFFFFFFF, 32, 1, 0)


def entry(block: int, *, kind: int, size: int, allocation: bytes, how: int) -> bytes:
    body = bytearray(216 - 16 + len(allocation))
    struct.pack_into("<IHHHBB6xH", body, 0, 0, 4, 0, 1, 0, kind, how)
    struct.pack_into("<QQ", body, 56 - 16, size, size)
    struct.pack_into("<II", body, 208 - 16, 0, len(allocation))
    body[216 - 16 :] = allocation
    return tag(266, block, bytes(body))


def fid(name: str, block: int, *, folder: bool = False, parent: bool = False) -> bytes:
    raw = b"\x08" + name.encode("latin-1") if name else b""
    kind = 8 | 2 if parent else 2 if folder else 0
    body = struct.pack("<HBB", 1, kind, len(raw)) + long_ad(SECTOR, block, 1) + b"\0\0" + raw
    body += bytes(-(16 + len(body)) % 4)
    return tag(257, 0, body)
