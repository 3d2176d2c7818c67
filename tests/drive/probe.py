# SPDX-License-Identifier: GPL-3.0-or-later
"""A program for the bench's own tests: sends commands to a drive through libcdio, prints JSON.

``python probe.py NODE '[["CDB in hex", BYTES], ...]'``: for each command what libcdio gave back
(0 is success), the sense bytes, and the data with untouched bytes left as EEh.
"""

import ctypes
import json
import sys

import cdio


def main() -> None:
    node, commands = sys.argv[1], json.loads(sys.argv[2])
    device = cdio.Device(node)
    library = ctypes.CDLL("libcdio.so.19")
    run = library.mmc_run_cmd_len
    run.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int,
                    ctypes.c_uint, ctypes.c_void_p]  # fmt: skip
    sense_of = library.mmc_last_cmd_sense
    sense_of.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
    handle = int(device.cd)
    answers = []
    for cdb_hex, size in commands:
        cdb = bytes.fromhex(cdb_hex)
        buffer = ctypes.create_string_buffer(b"\xee" * size, size)
        result = run(handle, 10_000, cdb.ljust(12, b"\0"), len(cdb), 0, size, buffer)
        place = ctypes.c_void_p()
        length = sense_of(handle, ctypes.byref(place)) if result else 0
        sense = ctypes.string_at(place, length) if length > 0 else b""
        answers.append([result, sense.hex(), buffer.raw.hex()])
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
