# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a stick holds as much as it says: a few marked blocks, written and read back.

Sticks that claim more than they have either wrap around (what is written far out lands on
something near) or forget what is beyond. Blocks that say where they were meant to lie tell both.
It is a sample: the word for what it finds is "suspect". The full reading back of the image is what
proves it.
"""

import math
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from discwright.stick.device import Watched, aligned
from discwright.stick.record import HEAD
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown, size

BLOCK = 4096
"""Bytes of a marked block."""

MOST_S = 4.0
"""Seconds after which no further blocks are written: some sticks take 100 ms for each."""

RANDOM_BLOCKS = 24

_MAGIC = b"DISCWRIGHT PROBE"


@dataclass(frozen=True)
class Suspicion:
    """What the sample found."""

    claimed: int
    """Bytes that the stick says it has."""
    first_bad: int
    """The lowest offset, in bytes, that is known to be bad."""
    good_up_to: int
    """The highest offset below it that seems to be good."""
    wraps: bool
    """A block came back from another place than it was written to."""

    def sentence(self, name: str) -> str:
        """Say it."""
        what = (
            _("what is written to it far out lands on what is nearer")
            if self.wraps
            else _("what is written to it far out is not kept")
        )
        return _(
            "{name} is suspect: it says that it holds {claimed}, but {what}, from about {good} on."
        ).format(
            name=shown(name), claimed=size(self.claimed), what=what, good=size(self.good_up_to)
        )


def probe_offsets(length: int, seed: int) -> tuple[int, ...]:
    """Give where marked blocks go on a stick of so many bytes, the most telling ones first.

    The last MiB, then halving down to the head (sizes of real chips are powers of two: just
    above and below each), then at random. None lies in the head.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    found = [length - BLOCK, length - (1 << 20) // 2]
    power = 1 << max(0, length - 1).bit_length()
    while power > HEAD:
        found += [power, power - BLOCK, power + power // 2]
        power >>= 1
    found += [chance.randrange(max(1, length)) for _time in range(RANDOM_BLOCKS)]
    cut = (offset - offset % BLOCK for offset in found)
    return tuple(dict.fromkeys(one for one in cut if HEAD <= one <= length - BLOCK))


def probe(
    target: Watched,
    cancel: CancelToken,
    *,
    seed: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Suspicion | None:
    """Write marked blocks and read them back; destroys what is there. Raises TargetError."""
    seed = random.SystemRandom().getrandbits(63) if seed is None else seed
    began = clock()
    written = []
    buffer = aligned(BLOCK)
    for offset in probe_offsets(target.size, seed):
        if clock() - began > MOST_S:
            break
        cancel.raise_if_cancelled()
        buffer[:] = _mark(seed, offset)
        target.write(buffer, offset)
        written.append(offset)
    target.flush()
    good, bad, wrap = [], [], 0
    for offset in written:
        cancel.raise_if_cancelled()
        target.read(buffer, offset)
        if bytes(buffer) == _mark(seed, offset):
            good.append(offset)
        else:
            bad.append(offset)
            other = _other_mark(seed, bytes(buffer))
            if other is not None:
                wrap = math.gcd(wrap, abs(other - offset))
    if not bad:
        return None
    # Two places that are one lie a multiple of the true size apart; which of the two marks was
    # overwritten says nothing.
    first = wrap or min(bad)
    last_good = max((one + BLOCK for one in good if one < first), default=0)
    return Suspicion(target.size, first, wrap or last_good, wraps=wrap > 0)


def _mark(seed: int, offset: int) -> bytes:
    head = _MAGIC + struct.pack("<QQ", seed, offset)
    return head * (BLOCK // len(head)) + head[: BLOCK % len(head)]


def _other_mark(seed: int, found: bytes) -> int | None:
    """Give for which offset a block was meant that was found in place of another."""
    if not found.startswith(_MAGIC + struct.pack("<Q", seed)):
        return None
    (offset,) = struct.unpack_from("<Q", found, len(_MAGIC) + 8)
    return int(offset)
