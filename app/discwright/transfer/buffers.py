# SPDX-License-Identifier: GPL-3.0-or-later
"""A few reusable buffers, so that memory does not grow with the image."""

import mmap

BUFFER_SIZE = 1 << 20
"""Bytes in a buffer: large enough that a handover costs nothing beside the work on it."""

BUFFERS = 4
"""Buffers in a ring: one being filled, one at each of the slower consumers, one to spare."""


class Ring:
    """``count`` buffers of ``size`` bytes each, in one anonymous mapping.

    Each begins on a page, as direct I/O and SG_IO without bounce buffers want it; so ``size`` is
    rounded up to whole pages. The memory is given back when the last view of it is gone: a
    thread that hangs in the kernel with one of the buffers keeps it alive.
    """

    def __init__(self, size: int = BUFFER_SIZE, count: int = BUFFERS) -> None:
        if size <= 0 or count <= 0:
            raise ValueError(f"A ring needs buffers: {count} of {size} bytes")
        self.size = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        whole = memoryview(mmap.mmap(-1, self.size * count))
        self.buffers = tuple(whole[i * self.size : (i + 1) * self.size] for i in range(count))
