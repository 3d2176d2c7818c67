# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the partitions of a disc end: a bootable image may have some behind its file system. Pure.

On a disc that is written once all is copied anyway. On a rewritable one the rest of the medium
is left off, and a partition that was appended to the image would be left off with it.
"""

_MBR_ENTRIES = range(446, 510, 16)
_WHOLE_DISK = frozenset({0x00, 0xEE})
"""Types of an unused entry, and of the one that stands for a GPT."""


def partitions_end(head: bytes) -> int | None:
    """Give the end in 2048-byte sectors, from the first 4096 bytes; None without a table.

    Source: UEFI 2.10, 5.2.1 (the partition table of the MBR) and 5.3.2 (the GPT header, whose
    alternate is the last block).
    """
    ends = [*_mbr_ends(head), *_gpt_ends(head)]
    return -(-max(ends) // 2048) if ends else None


def _mbr_ends(head: bytes) -> list[int]:
    if head[510:512] != b"\x55\xaa":
        return []
    entries = [head[at : at + 16] for at in _MBR_ENTRIES]
    return [
        512 * (int.from_bytes(entry[8:12], "little") + int.from_bytes(entry[12:16], "little"))
        for entry in entries
        if entry[4] not in _WHOLE_DISK and entry[0] in {0x00, 0x80} and any(entry[12:16])
    ]


def _gpt_ends(head: bytes) -> list[int]:
    for block in (512, 2048):
        header = head[block : block + 512]
        if header[:8] == b"EFI PART":
            return [block * (int.from_bytes(header[32:40], "little") + 1)]
    return []
