# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual drive misbehaves exactly as scripted."""

import errno
import subprocess
from pathlib import Path

import pytest

from .asking import CAPACITY, READY, ask, read_10
from .bench import Bench, Drive, Fault, Op, Sense, faults, media

SENSE_OF_A_SCRATCH = Sense(3, 0x11, 5)

READER = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
print("open", flush=True)
for line in sys.stdin:
    start, size = map(int, line.split())
    try:
        os.lseek(fd, start, os.SEEK_SET)
        print(len(os.read(fd, size)), flush=True)
    except OSError as error:
        print("errno", error.errno, flush=True)
"""

RESIDUAL = """
import ctypes, fcntl, os, struct
fd = os.open("/dev/sr0", os.O_RDONLY | os.O_NONBLOCK)
cdb = ctypes.create_string_buffer(bytes((0x28, 0, 0, 0, 0, 16, 0, 0, 4, 0, 0, 0)), 12)
data, sense = ctypes.create_string_buffer(8192), ctypes.create_string_buffer(64)
places = [ctypes.addressof(each) for each in (data, cdb, sense)]
header = bytearray(struct.pack("<iiBBHIQQQIIiiQ24x", ord("S"), -3, 10, 64, 0, 8192, *places,
                               10000, 0, 0, 0, 0))
fcntl.ioctl(fd, 0x2285, header)
print("SG_IO", header[64], header[67], *struct.unpack_from("<i", header, 72), sense.raw[2])
packet = bytearray(struct.pack("<12s4xQIiQBxxxiixxxxQ", cdb.raw, places[0], 8192, 0, places[2], 2,
                               0, 10000, 0))
fcntl.ioctl(fd, 0x5393, packet)
print("CDROM_SEND_PACKET", *struct.unpack_from("<Ii", packet, 24))
try:
    fcntl.ioctl(fd, 0x5393, packet)
except OSError as error:
    print(error.errno, *struct.unpack_from("<i", packet, 28), sense.raw[2])
fcntl.ioctl(fd, 0x2285, header)
print("SG_IO", header[64], header[67], *struct.unpack_from("<i", header, 72), sense.raw[2])
"""


@pytest.fixture
def drive(bench: Bench, image: Path) -> Drive:
    return bench.add_drive(media.cd_rom(image))


def test_a_bad_sector_fails_alone_and_leaves_the_buffer(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.bad_sectors(100))
    before, across, exact, after = ask(
        bench, drive, read_10(84, 16), read_10(96, 16), read_10(100), read_10(101)
    )
    assert before.ok
    assert after.ok
    assert across.sense == exact.sense == SENSE_OF_A_SCRATCH
    assert across.data == b"\xee" * 32768
    assert [entry.ok for entry in drive.reads()] == [True, False, False, True]


def test_a_weak_sector_reads_after_some_tries(bench: Bench, drive: Drive, image: Path) -> None:
    drive.faults(faults.bad_sectors(100, times=2))
    replies = ask(bench, drive, *[read_10(100)] * 3)
    assert [reply.ok for reply in replies] == [False, False, True]
    assert replies[2].data == image.read_bytes()[204800:206848]


def test_the_nth_read_fails(bench: Bench, drive: Drive) -> None:
    drive.faults(Fault(faults.on(Op.READ_10), skip=2, times=1, sense=Sense(4, 0x44)))
    replies = ask(bench, drive, *[read_10(lba) for lba in range(4)])
    assert [reply.ok for reply in replies] == [True, True, False, True]
    assert replies[2].sense == Sense(4, 0x44, 0)


def test_a_unit_attention_strikes_once(bench: Bench, drive: Drive) -> None:
    drive.unit_attention(Sense(6, 0x28))
    first, second = ask(bench, drive, READY, READY)
    assert first.sense == Sense(6, 0x28, 0)
    assert second.ok
    drive.faults(faults.unit_attention())
    assert [reply.ok for reply in ask(bench, drive, READY, READY)] == [False, True]


def test_the_drive_needs_a_while_to_get_ready(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.becoming_ready(3))
    replies = ask(bench, drive, READY, CAPACITY, READY, READY)
    assert [reply.sense for reply in replies] == [Sense(2, 4, 1)] * 3 + [None]


def test_the_disc_is_gone_at_the_nth_read(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.tray_opens_at_read(3))
    replies = ask(bench, drive, *[read_10(lba) for lba in range(4)])
    assert [reply.ok for reply in replies] == [True, True, False, False]
    assert replies[3].sense == Sense(2, 0x3A, 2)
    assert drive.tray_is_open


def test_a_drive_unplugged_in_the_middle_gives_enodev(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.unplugged_at_read(2))
    replies = ask(bench, drive, *[read_10(lba) for lba in range(3)])
    assert [reply.ok for reply in replies] == [True, False, False]
    assert [entry.errno for entry in drive.reads()][:2] == [0, errno.ENODEV]
    gone = bench.run(["python", "-c", "open('/dev/sr0', 'rb')"])
    assert "FileNotFoundError" in gone.stderr
    drive.faults()
    drive.plug()
    assert ask(bench, drive, read_10(0))[0].ok


def test_a_short_transfer_leaves_the_rest_untouched(
    bench: Bench, drive: Drive, image: Path
) -> None:
    drive.faults(faults.short_read(1, 3000))
    (reply,) = ask(bench, drive, read_10(16, 4))
    assert reply.ok
    assert reply.data == image.read_bytes()[32768:35768] + b"\xee" * (8192 - 3000)


def test_the_kernel_says_what_was_not_transferred_and_why(bench: Bench, drive: Drive) -> None:
    short = Fault(faults.on(Op.READ_10), times=2, short=3000)
    drive.faults(short, faults.bad_sectors(17))
    done = bench.run(["python", "-c", RESIDUAL])
    assert done.stdout.splitlines() == [
        "SG_IO 0 0 5192 0",
        "CDROM_SEND_PACKET 5192 0",
        f"{errno.EIO} {-errno.EIO} 3",
        "SG_IO 2 18 8192 3",
    ], done.stderr


def test_silent_corruption_changes_only_its_sectors(
    bench: Bench, drive: Drive, image: Path
) -> None:
    drive.faults(faults.silent_corruption(17))
    (reply,) = ask(bench, drive, read_10(16, 3))
    good = image.read_bytes()[32768 : 32768 + 6144]
    assert reply.ok
    assert reply.data[:2048] == good[:2048]
    assert reply.data[2048:4096] != good[2048:4096]
    assert reply.data[4096:] == good[4096:]


def test_a_slow_sector_takes_its_time(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.slow_sectors(50, 1, 0.4))
    ask(bench, drive, read_10(49), read_10(50), read_10(51))
    before, slow, after = (entry.when for entry in drive.reads())
    assert slow - before >= 0.4
    assert after - slow < 0.4


def test_a_hanging_read_goes_on_when_released(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.hang_at_read(1))
    child = _reader(bench)
    _say(child, "0 2048")
    drive.wait_until_held()
    assert not drive.reads()
    drive.release()
    assert child.stdout is not None
    assert child.stdout.readline() == "2048\n"


def test_a_hanging_read_ends_when_the_drive_is_unplugged(bench: Bench, drive: Drive) -> None:
    drive.faults(faults.hang_at_read(1))
    child = _reader(bench)
    _say(child, "0 2048")
    drive.wait_until_held()
    drive.unplug()
    assert child.stdout is not None
    assert child.stdout.readline() == f"errno {errno.ENODEV}\n"


def test_plain_reads_see_the_disc_and_its_scratches(
    bench: Bench, drive: Drive, image: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    bench.shim.build()
    assert bench.run(["dd", "if=/dev/sr0", f"of={copy}", "bs=64k"]).returncode == 0
    assert copy.read_bytes() == image.read_bytes()
    drive.faults(faults.bad_sectors(300))
    failed = bench.run(["dd", "if=/dev/sr0", f"of={copy}", "bs=2048"])
    assert failed.returncode == 1
    assert copy.stat().st_size == 300 * 2048


def test_ddrescue_works_on_the_drive(
    bench: Bench, drive: Drive, image: Path, tmp_path: Path
) -> None:
    drive.faults(faults.bad_sectors(300, 2))
    copy, log = tmp_path / "copy", tmp_path / "map"
    bench.run(["ddrescue", "-q", "-b2048", "/dev/sr0", copy, log])
    good, got = image.read_bytes(), copy.read_bytes()
    assert got[: 300 * 2048] == good[: 300 * 2048]
    assert got[302 * 2048 :] == good[302 * 2048 :]
    assert f"0x{300 * 2048:08X}  0x00001000  -" in log.read_text()


@pytest.mark.parametrize(
    ("when", "flags", "refused"),
    [("any", "os.O_RDONLY|os.O_NONBLOCK", True), ("excl", "os.O_RDONLY|os.O_EXCL", True),
     ("excl", "os.O_RDONLY", False), ("block", "os.O_RDONLY", True),
     ("block", "os.O_RDONLY|os.O_NONBLOCK", False), ("write", "os.O_RDWR", True)],
)  # fmt: skip
def test_an_open_is_refused_as_asked(
    bench: Bench, drive: Drive, when: str, flags: str, refused: bool
) -> None:
    bench.refuse_open(drive.name, errno.EBUSY, when)
    done = bench.run(["python", "-c", f"import os; os.open('/dev/sr0', {flags})"])
    assert ("Device or resource busy" in done.stderr) is refused
    bench.refuse_open(drive.name, 0)
    assert bench.run(["python", "-c", "open('/dev/sr0', 'rb')"]).returncode == 0


def test_an_ordinary_user_may_not_set_the_speed_by_command(bench: Bench, image: Path) -> None:
    speed = (bytes((0xBB, 0, 0x10, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0)), 0)
    mine = bench.add_drive(media.cd_rom(image))
    roots = bench.add_drive(media.cd_rom(image), ordinary_user=False)
    assert not ask(bench, mine, speed)[0].ok
    assert ask(bench, roots, speed)[0].ok
    assert (mine.read_speed, roots.read_speed) == (0, 2822)


def test_a_rate_limit_slows_reading(bench: Bench, drive: Drive) -> None:
    drive.limit_rate(100 * 2048)
    ask(bench, drive, *[read_10(lba, 10) for lba in (0, 10, 20)])
    first, _second, third = (entry.when for entry in drive.reads())
    assert third - first >= 0.19


def _reader(bench: Bench) -> subprocess.Popen[str]:
    child = bench.popen(["python", "-c", READER, "/dev/sr0"])
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


def _say(child: subprocess.Popen[str], line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()
