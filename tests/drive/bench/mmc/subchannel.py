# SPDX-License-Identifier: GPL-3.0-or-later
"""What READ CD gives of the sub-channels, made from the layout of the disc (MMC-6 6.18, 4.2.3)."""

from collections.abc import Callable

from drive.bench.codes import msf
from drive.bench.medium import Disc


def _bcd(*numbers: int) -> bytes:
    return bytes(int(f"{number:02d}", 16) for number in numbers)


def _q(disc: Disc, lba: int) -> bytes:
    """Ten bytes of Q in mode 1: control, track, index, time in the track and on the disc."""
    found = disc.span_at(lba)
    assert found is not None
    track, _span = found
    # A pregap counts down, and is at zero in its last sector (IEC 908, 17.5.1).
    apart = lba - track.start if lba >= track.start else track.start - 1 - lba
    place = _bcd(*msf(apart - 150)) + b"\0" + _bcd(*msf(lba))
    return bytes((track.control << 4 | 1,)) + _bcd(track.number, track.index_at(lba)) + place


def _crc(data: bytes) -> bytes:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return (crc ^ 0xFFFF).to_bytes(2, "big")


def _formatted(disc: Disc, lba: int) -> bytes:
    return _q(disc, lba).ljust(16, b"\0")


def _raw(disc: Disc, lba: int) -> bytes:
    """P to W, a bit of each in a byte; P is set in a pregap, R to W are empty."""
    q = _q(disc, lba)
    pause = 0x80 if not q[2] else 0
    bits = q + _crc(q)
    return bytes(pause | (byte >> 7 - bit & 1) << 6 for byte in bits for bit in range(8))


def in_plain_numbers(q: bytes) -> bytes:
    """Give Q as some drives do, their numbers not in BCD."""
    return q[:1] + bytes((one >> 4) * 10 + (one & 15) for one in q[1:10]) + q[10:]


SUBCHANNELS: dict[int, Callable[[Disc, int], bytes]] = {
    0: lambda _disc, _lba: b"",
    1: _raw,
    2: _formatted,
    4: lambda _disc, _lba: bytes(96),
}
"""By the sub-channel selection of READ CD."""
