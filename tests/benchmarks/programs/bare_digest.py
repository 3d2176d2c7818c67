# SPDX-License-Identifier: GPL-3.0-or-later
"""One checksum over one file, as plainly as Python can: ALGORITHM FILE."""

import hashlib
import sys

digest, buffer = hashlib.new(sys.argv[1]), bytearray(1 << 20)
with open(sys.argv[2], "rb", buffering=0) as file:  # noqa: PTH123 - no more imports than needed
    while count := file.readinto(buffer):
        digest.update(memoryview(buffer)[:count])
print(digest.hexdigest())
