# SPDX-License-Identifier: GPL-3.0-or-later
"""A name stands for a whole file on the disk, or there is no such name."""

import errno
import itertools
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discwright.errors import TargetError
from discwright.transfer import kernel, partfile
from discwright.transfer.buffers import Ring
from discwright.transfer.partfile import PartFile, sync_directory


@pytest.fixture
def target(tmp_path):
    return tmp_path / "disc.iso"


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def fails_with(number):
    def fail(*_arguments, **_named):
        raise OSError(number, os.strerror(number))

    return fail


def test_the_name_appears_only_when_the_file_is_whole(target):
    with PartFile(target) as part:
        part.write(memoryview(b"one "))
        assert names(target.parent) == ["disc.iso.part"]
        part.write(memoryview(b"two"))
        part.commit()
        assert names(target.parent) == ["disc.iso"]
    assert target.read_bytes() == b"one two"


def test_what_is_not_committed_leaves_nothing(target):
    def break_off():
        with PartFile(target, 1 << 20) as part:
            part.write(memoryview(b"one"))
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert names(target.parent) == []


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.binary(max_size=5000), max_size=8), st.one_of(st.none(), st.integers(0, 60000)))
def test_the_file_holds_all_that_was_written_whatever_was_reserved(target, pieces, size):
    with PartFile(target, size) as part:
        for piece in pieces:
            part.write(memoryview(piece))
        part.commit(overwrite=True)
    assert target.read_bytes() == b"".join(pieces)


def test_what_was_reserved_and_not_needed_is_given_back(target):
    with PartFile(target, 8 << 20) as part:
        part.write(memoryview(b"x" * 4096))
        part.commit()
    assert target.stat().st_blocks * 512 < 1 << 20


def test_a_new_file_has_the_permissions_that_the_user_wants(target):
    before = os.umask(0o027)
    try:
        with PartFile(target) as part:
            part.commit()
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == 0o640


def test_an_existing_file_is_replaced_only_when_asked(target):
    target.write_bytes(b"precious")
    with PartFile(target) as part:
        part.write(memoryview(b"new"))
        with pytest.raises(TargetError, match="left as it is") as told:
            part.commit()
    assert target.read_bytes() == b"precious"
    assert "disc.iso.part" in told.value.remedy  # hours of reading are not thrown away
    assert (target.parent / "disc.iso.part").read_bytes() == b"new"
    with PartFile(target) as part:
        part.write(memoryview(b"newer"))
        part.commit(overwrite=True)
    assert target.read_bytes() == b"newer"
    assert names(target.parent) == ["disc.iso"]


NOTHING, NO_RENAMEAT2, NO_LINKS = (), ("rename",), ("rename", "link")


@pytest.fixture(params=[NOTHING, NO_RENAMEAT2, NO_LINKS], ids=["all", "no-renameat2", "no-links"])
def poor_file_system(request, monkeypatch):
    if "rename" in request.param:
        monkeypatch.setattr(kernel, "rename_noreplace", fails_with(errno.EINVAL))
    if "link" in request.param:
        monkeypatch.setattr(os, "link", fails_with(errno.EPERM))


@pytest.mark.usefixtures("poor_file_system")
def test_every_file_system_gets_the_name_without_clobbering(target):
    with PartFile(target) as part:
        part.write(memoryview(b"new"))
        part.commit()
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["disc.iso"]
    with PartFile(target) as part, pytest.raises(TargetError, match="left as it is"):
        part.commit()
    assert target.read_bytes() == b"new"


@pytest.mark.usefixtures("poor_file_system")
def test_a_link_that_leads_nowhere_is_not_overwritten_either(target, tmp_path):
    target.symlink_to(tmp_path / "elsewhere")
    with PartFile(target) as part, pytest.raises(TargetError, match="left as it is"):
        part.commit()
    assert target.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_that_cannot_flush_directories_is_no_error(target, monkeypatch):
    flush = os.fsync

    def files_only(descriptor):
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(errno.EINVAL, "no")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    with PartFile(target) as part:
        part.commit()
    assert target.exists()


def test_a_directory_that_the_disk_did_not_take_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", fails_with(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync_directory(tmp_path)


def test_a_name_that_the_disk_did_not_confirm_is_a_warning_about_a_whole_file(target, monkeypatch):
    with PartFile(target) as part:
        part.write(memoryview(b"content"))
        part.flush()
        monkeypatch.setattr(part, "flush", lambda: None)
        monkeypatch.setattr(os, "fsync", fails_with(errno.EIO))
        assert "did not confirm" in part.commit()
    assert target.read_bytes() == b"content"


def test_everything_is_on_the_disk_before_the_name_appears(target, monkeypatch):
    flushed = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: flushed.append((os.fstat(fd).st_ino, target.exists()))
    )
    with PartFile(target) as part:
        inode = part.path.stat().st_ino
        part.commit()
    assert flushed == [(inode, False), (target.parent.stat().st_ino, True)]


def test_a_disk_that_fails_while_flushing_leaves_no_name(target, monkeypatch):
    with PartFile(target) as part:
        part.write(memoryview(b"x"))
        monkeypatch.setattr(os, "fsync", fails_with(errno.EIO))
        with pytest.raises(TargetError, match="reported an error") as told:
            part.commit()
    assert told.value.cause.startswith("EIO")
    assert names(target.parent) == []


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "your share"),
        (errno.EFBIG, "bigger than a file may be"),
        (errno.EIO, "reported an error"),
        (errno.EROFS, "not written"),
        (errno.EBADMSG, "can't be written"),
    ],
)
def test_what_the_system_says_while_writing_becomes_a_sentence(
    target, monkeypatch, number, sentence
):
    with PartFile(target) as part:
        monkeypatch.setattr(os, "pwrite", fails_with(number))
        with pytest.raises(TargetError, match=sentence) as told:
            part.write(memoryview(b"x"))
    assert told.value.remedy
    assert told.value.cause.startswith(errno.errorcode[number])
    assert names(target.parent) == []


def test_a_device_that_is_full_becomes_a_sentence(target):
    with PartFile(target) as part:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, part._descriptor)
        os.close(full)
        with pytest.raises(TargetError, match="no space left"):
            part.write(memoryview(b"x"))


def fill(target, pieces, size=None):
    with PartFile(target, size) as part:
        for _ in range(pieces):
            part.write(memoryview(bytes(1 << 16)))


def test_a_file_that_gets_too_big_becomes_a_sentence(target):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)  # Python ignores SIGXFSZ
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(TargetError, match="bigger than a file may be"):
            fill(target, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(target.parent) == []


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_is_met_with_a_sentence_and_left_clean(small_disk):
    with pytest.raises(TargetError, match="no space left"):
        fill(small_disk / "disc.iso", 40)
    assert names(small_disk) == []


def test_a_disk_that_is_too_small_is_noticed_before_anything_is_read(small_disk):
    with pytest.raises(TargetError, match="no space left"):
        PartFile(small_disk / "disc.iso", 2 << 20)
    assert names(small_disk) == []


def test_a_directory_that_is_not_there_becomes_a_sentence(tmp_path):
    with pytest.raises(TargetError, match="is not there"):
        PartFile(tmp_path / "none" / "disc.iso")


def test_a_directory_that_is_removed_meanwhile_becomes_a_sentence(tmp_path):
    directory = tmp_path / "gone"
    directory.mkdir()
    with PartFile(directory / "disc.iso") as part:
        part.write(memoryview(b"x"))
        part.path.unlink()
        directory.rmdir()
        with pytest.raises(TargetError, match="is not there") as told:
            part.commit()
    assert "kept" not in told.value.remedy


def test_a_directory_with_the_name_becomes_a_sentence(target):
    target.mkdir()
    with PartFile(target) as part, pytest.raises(TargetError, match="is a directory"):
        part.commit(overwrite=True)
    assert target.is_dir()


CHILD = """
import sys
from pathlib import Path
from discwright.transfer.partfile import PartFile
part = PartFile(Path(sys.argv[1]))
part.write(memoryview(b"from the child"))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def writer(target):
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, target], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"ready\n"
        yield child
        child.kill()


def test_a_file_that_another_program_is_writing_is_left_alone(writer, target):
    with pytest.raises(TargetError, match="Another program is writing"):
        PartFile(target)
    assert (target.parent / "disc.iso.part").read_bytes() == b"from the child"


def test_what_a_killed_program_left_behind_is_replaced(writer, target):
    writer.kill()
    writer.wait()
    assert names(target.parent) == ["disc.iso.part"]
    with PartFile(target) as part:
        part.write(memoryview(b"mine"))
        part.commit()
    assert target.read_bytes() == b"mine"


def test_of_many_that_start_at_once_one_gets_the_name(target):
    gate, won, refused = threading.Barrier(8), [], []
    (target.parent / "disc.iso.part").write_bytes(b"leftover")

    def race():
        gate.wait()
        try:
            won.append(PartFile(target))
        except TargetError:
            refused.append(True)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(refused)) == (1, 7)
    won[0].write(memoryview(b"x"))
    won[0].commit()
    assert target.read_bytes() == b"x"


def make_link(path):
    path.symlink_to(path.parent / "victim")


def make_fifo(path):
    os.mkfifo(path)


def make_fifo_with_a_reader(path):
    os.mkfifo(path)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def make_directory(path):
    path.mkdir()


@pytest.mark.parametrize("make", [make_link, make_fifo, make_fifo_with_a_reader, make_directory])
def test_what_is_no_unfinished_image_is_neither_followed_nor_removed(target, make):
    victim = target.parent / "victim"
    victim.write_bytes(b"precious")
    reader = make(target.parent / "disc.iso.part")
    with pytest.raises(TargetError, match="in the way"):
        PartFile(target)
    if reader is not None:
        os.close(reader)
    assert victim.read_bytes() == b"precious"
    assert names(target.parent) == ["disc.iso.part", "victim"]


def test_discarding_removes_only_ones_own_file(target):
    part = PartFile(target)
    part.path.unlink()
    part.path.write_bytes(b"of another")
    part.discard()
    part.discard()
    assert part.path.read_bytes() == b"of another"


def test_a_file_system_without_locks_still_takes_a_new_file(target, monkeypatch):
    monkeypatch.setattr("fcntl.flock", fails_with(errno.ENOLCK))
    with PartFile(target) as part:
        part.write(memoryview(b"x"))
        part.commit()
    assert target.read_bytes() == b"x"
    (target.parent / "disc.iso.part").write_bytes(b"whose?")
    with pytest.raises(TargetError, match="Another program"):
        PartFile(target)


def test_a_finished_file_takes_no_more(target):
    part = PartFile(target)
    part.discard()
    with pytest.raises(ValueError, match="finished"):
        part.write(memoryview(b"x"))
    with pytest.raises(ValueError, match="finished"):
        part.commit()


def test_a_write_that_hangs_does_not_hold_up_the_discarding(target, monkeypatch):
    part = PartFile(target)
    hanging, proceed = threading.Event(), threading.Event()

    def pwrite(_descriptor, data, _offset):
        hanging.set()
        assert proceed.wait(30)
        return len(data)

    monkeypatch.setattr(os, "pwrite", pwrite)
    thread = threading.Thread(target=part.write, args=(memoryview(bytes(1 << 20)),))
    thread.start()
    assert hanging.wait(30)
    part.discard()
    os.fstat(part._descriptor)  # still open: no other file can get its number while it writes
    proceed.set()
    thread.join(30)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(part._descriptor)
    assert names(target.parent) == []


def test_what_is_kept_is_adopted_and_gone_on_with_anywhere(target):
    with PartFile(target, 1 << 20) as part:
        part.write_at(8192, memoryview(b"x" * 4096))
        part.keep()
    assert part.path.stat().st_size == 12288
    with PartFile(target, 1 << 20, adopt=True) as part:
        assert part.written == 12288
        part.write_at(0, memoryview(b"y" * 4096))
        part.commit()
    assert target.read_bytes() == b"y" * 4096 + bytes(4096) + b"x" * 4096


def test_what_is_kept_holds_no_more_of_the_disk_than_it_needs(target):
    with PartFile(target, 64 << 20) as part:
        part.write(memoryview(bytes(4096)))
        part.keep()
    assert part.path.stat().st_blocks * 512 < 1 << 20


def test_what_another_is_writing_is_not_adopted(target):
    with PartFile(target) as part, pytest.raises(TargetError, match="Another program"):
        PartFile(target, adopt=True)
    assert not part.path.exists()


def test_there_must_be_something_to_adopt(target):
    with pytest.raises(TargetError):
        PartFile(target, adopt=True)
    assert names(target.parent) == []


@pytest.fixture(params=["direct", "cached", "refused"])
def way_of_writing(request, monkeypatch):
    if request.param == "cached":
        monkeypatch.setattr(partfile, "DIRECT", frozenset())
    if request.param == "refused":
        monkeypatch.setattr(kernel, "file_system_magic", lambda _descriptor: 0xEF53)
        monkeypatch.setattr(kernel, "writes_directly", fails_with(errno.EINVAL))


@pytest.mark.usefixtures("way_of_writing")
@pytest.mark.parametrize("reserve", [True, False])
@pytest.mark.parametrize("tail", [0, 1, 2048, 4096, 5000])
def test_an_image_ends_where_the_disc_ends(target, reserve, tail):
    ring = Ring(1 << 20, 2)
    for number, buffer in enumerate(ring.buffers):
        buffer[:] = bytes([number + 1]) * len(buffer)
    with PartFile(target, (10 << 20) + tail if reserve else None) as part:
        for number in range(10):
            part.write(ring.buffers[number % 2])
        part.write(ring.buffers[0][:tail])
        part.commit()
    made = target.read_bytes()
    assert len(made) == (10 << 20) + tail
    assert made[10 << 20 :] == b"\1" * tail
    assert made[: 10 << 20] == (b"\1" * (1 << 20) + b"\2" * (1 << 20)) * 5


@pytest.mark.usefixtures("way_of_writing")
def test_pieces_of_any_length_and_place_are_written_whole(target):
    buffer = Ring(1 << 16, 1).buffers[0]
    buffer[:] = os.urandom(len(buffer))
    cuts = [0, 4096, 4097, 8192, 8192 + 512, 20_000, 40_960, 65_536]
    with PartFile(target) as part:
        for start, end in itertools.pairwise(cuts):
            part.write(buffer[start:end])
        part.commit()
    assert target.read_bytes() == bytes(buffer)
