# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer, with a folder in place of the stick's file system."""

import contextlib
import errno
import os
import random
import shutil
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from discwright.errors import DiscwrightError, TargetError
from discwright.optical.iso_file import IsoFile
from discwright.stick import installer_copy, installer_wim
from discwright.stick.installer_plan import InstallerOptions, InstallerPlan, plan_installer
from discwright.stick.installer_report import InstallerReport
from discwright.stick.installer_run import run_installers
from discwright.stick.installer_source import survey_installer
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Phase, Progress

from .installer_disc import PIECE, PIECES, STICK, make_installer, run, tools, tree

if TYPE_CHECKING:
    from collections.abc import Callable

LOADERS = {"bootmgr", "bootmgr.efi", "efi/boot/bootx64.efi"}


class FolderVolume:
    """A folder that is formatted, mounted and unmounted; ``before`` hears of each step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[str] = []
        self.before: Callable[[str, int], None] = lambda _step, _count: None
        self.label = ""
        self.void = False
        self.hidden = False
        self.closed = threading.Event()
        self._root = -1
        folder.mkdir()
        (folder / "old file").write_text("old")

    def _enter(self, step: str) -> None:
        self.steps.append(step)
        self.before(step, self.steps.count(step))

    def check(self) -> None:
        self._enter("check")

    def release(self) -> None:
        self._enter("release")

    def format(self, _cancel: CancelToken) -> None:
        self._enter("format")
        self._clear()
        self.label = "INCOMPLETE"
        self.hidden = True

    def mount(self, *, read_only: bool) -> int:
        self._enter("mount ro" if read_only else "mount rw")
        assert self._root < 0
        self._root = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        return self._root

    def unmount(self) -> None:
        self._enter("unmount")
        self._close()

    def name(self, label: str) -> None:
        self._enter("name")
        self.label = label

    def reveal(self) -> None:
        self._enter("reveal")
        self.hidden = False

    def close(self, *, settled: bool) -> None:
        self._close()
        self.settled = settled
        self.closed.set()

    def make_void(self) -> None:
        self._close()
        self._enter("void")
        self._clear()
        self.void = True

    def eject(self) -> None:
        self._enter("eject")

    def _close(self) -> None:
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _clear(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    @property
    def starts(self) -> bool:
        return any((self.folder / name).exists() for name in LOADERS)


class Ear:
    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.last: dict[Phase, Progress] = {}
        self.lines: list[str] = []
        self.hear: Callable[[Progress], None] = lambda _progress: None

    def progress(self, progress: Progress) -> None:
        if not self.phases or self.phases[-1] is not progress.phase:
            self.phases.append(progress.phase)
        self.last[progress.phase] = progress
        self.hear(progress)

    def log(self, line: str) -> None:
        self.lines.append(line)

    def mark(self, *_what: object) -> None:
        raise AssertionError("files have no sectors to mark")


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    return make_installer(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def with_wim(tmp_path_factory) -> Path:
    return make_installer(tmp_path_factory.mktemp("wim"), wim=True)


@pytest.fixture
def volume(tmp_path) -> FolderVolume:
    return FolderVolume(tmp_path / "stick")


@pytest.fixture
def scratch(tmp_path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def no_leak():
    """Nothing stays open, whatever happened."""
    before = opened()
    threads = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)
    assert opened() - before == set()


def opened() -> set[str]:
    """Give what this process has open, but for pipes and the like that come and go with pytest."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(f"{link.name} {link.readlink()}")
    return {one for one in found if "/proc/" not in one}


def plan_of(image: Path, scratch: Path, **options) -> InstallerPlan:
    plan = plan_installer(
        survey_installer(image), STICK, tools(scratch), InstallerOptions(**options)
    )
    assert isinstance(plan, InstallerPlan), plan
    return plan


def split_plan(image: Path, scratch: Path) -> InstallerPlan:
    if not tools().wimlib:
        pytest.skip("wimlib-imagex is not installed")
    plan = plan_of(image, scratch, file_limit=2_600_000, part_mib=1)
    assert plan.split is not None
    return plan


def go(plan: InstallerPlan, volume: FolderVolume, ear: Ear | None = None, cancel=None):
    (report,) = run_installers(
        [plan], ear or Ear(), cancel or CancelToken(), volume_of=lambda _plan, _log: volume
    )
    return report


def assert_left_in_order(report: InstallerReport, volume: FolderVolume, state: State) -> None:
    """Nothing starts from the stick, nothing is on it, and the report says so."""
    assert report.state is state
    assert volume.void
    assert not volume.starts
    assert list(volume.folder.iterdir()) == []
    assert report.touched
    assert not report.left_bootable
    assert "The stick is empty now" in report.message
    assert report.boot == ""


def test_every_file_is_on_the_stick_as_on_the_disc(plain, volume, scratch):
    ear = Ear()
    report = go(plan_of(plain, scratch), volume, ear)
    assert report.state is State.COMPLETE
    assert tree(volume.folder) == tree(plain.parent / "files")
    assert (volume.folder / "nothing in it").is_dir()
    assert report.verified is True
    assert report.files == len(tree(volume.folder))
    assert report.bytes == sum(len(data) for data in tree(volume.folder).values())
    assert "read back" in report.message
    assert "UEFI (x64)" in report.boot
    assert "BIOS only won't" in report.message
    assert volume.label == "CCCOMA_X64F"
    assert ear.phases[:5] == ["preparing", "formatting", "writing", "flushing", "verifying"]
    assert all(one.done == one.total for one in ear.last.values() if one.total)
    assert list(scratch.iterdir()) == []


def test_the_loaders_come_when_all_else_is_proved(plain, volume, scratch):
    there = []
    volume.before = lambda step, _count: there.append((step, volume.starts))
    go(plan_of(plain, scratch), volume)
    assert there == [
        ("check", False),
        ("release", False),
        ("format", False),
        ("mount rw", False),
        ("unmount", False),
        ("mount ro", False),
        ("unmount", False),
        ("mount rw", False),
        ("unmount", False),
        ("mount ro", False),
        ("unmount", False),
        ("mount rw", False),
        ("unmount", True),
        ("mount ro", True),
        ("unmount", True),
        ("name", True),
        ("reveal", True),
    ]


def test_install_wim_is_there_in_parts_that_hold_all_of_it(with_wim, volume, scratch, tmp_path):
    report = go(split_plan(with_wim, scratch), volume)
    assert report.state is State.COMPLETE, report.message
    parts = sorted((volume.folder / "sources").glob("install*"))
    assert parts[0].name == "install.swm"
    assert len(parts) == len(report.parts) > 1
    assert all(part.stat().st_size < 2_600_000 for part in parts)
    out = tmp_path / "out"
    installer_wim.subprocess.run(
        ["wimlib-imagex", "apply", parts[0], "1", out, f"--ref={parts[0].parent}/install*.swm"],
        check=True,
        capture_output=True,
    )
    assert tree(out) == tree(with_wim.parent / "image")
    assert f"{len(parts)} parts" in report.message
    assert list(scratch.iterdir()) == []


def test_the_source_that_cannot_be_read_leaves_the_stick_as_it_was(
    with_wim, volume, scratch, monkeypatch
):
    """install.wim is fetched before the stick is formatted."""
    plan = split_plan(with_wim, scratch)
    assert plan.split is not None
    break_at(plan.split.offset + 4096, monkeypatch)
    report = go(plan, volume)
    assert report.state is State.REFUSED
    assert "sources/install.wim" in report.message
    assert not report.touched
    assert "Nothing was written" in report.message
    assert (volume.folder / "old file").exists()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["sources/boot.wim", "setup.exe", "efi/boot/bootx64.efi"])
def test_a_file_that_cannot_be_read_is_named(name, plain, volume, scratch, monkeypatch):
    plan = plan_of(plain, scratch)
    file = next(file for file in plan.source.contents.files if file.path == name)
    break_at(file.offset, monkeypatch)
    report = go(plan, volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert name in report.message
    assert str(file.offset // 2048) in report.cause


def test_a_place_that_can_be_read_at_the_next_attempt_does_no_harm(
    plain, volume, scratch, monkeypatch
):
    plan = plan_of(plain, scratch)
    break_at(plan.files[2].offset, monkeypatch, times=2)
    assert go(plan, volume).state is State.COMPLETE


def break_at(offset: int, monkeypatch, times: int = 1000) -> None:
    monkeypatch.setattr(installer_copy, "RETRY_S", 0.0)
    real, left = IsoFile.read_into, [times]

    def read_into(self, lba, count, buffer):
        if lba <= offset // 2048 < lba + count and left[0]:
            left[0] -= 1
            raise installer_copy.ReadError("A sector is bad.", lba=lba, count=count)
        real(self, lba, count, buffer)

    monkeypatch.setattr(IsoFile, "read_into", read_into)


def test_a_stick_that_is_full_says_so(plain, volume, scratch, monkeypatch):
    fail_to_create(monkeypatch, lambda _file: os.open("/dev/full", os.O_WRONLY), nth=3)
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert "is full" in report.message
    assert "larger stick" in report.remedy


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENODEV, "no longer there"),
        (errno.EIO, "failed while it was written"),
        (errno.EROFS, "does not let itself be written"),
    ],
)
@pytest.mark.parametrize("nth", [1, 5, 9])
def test_a_stick_that_fails_is_never_called_good(
    number, says, nth, plain, volume, scratch, monkeypatch
):
    def fail(_file):
        raise OSError(number, os.strerror(number))

    fail_to_create(monkeypatch, fail, nth)
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert says in report.message


@pytest.mark.parametrize("nth", range(1, 13))
def test_a_flush_that_fails_is_no_success(nth, plain, volume, scratch, monkeypatch):
    real, count = os.fsync, [0]

    def fsync(descriptor):
        count[0] += 1
        if count[0] == nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(installer_copy.os, "fsync", fsync)
    assert_left_in_order(go(plan_of(plain, scratch), volume), volume, State.FAILED)


def test_every_file_and_folder_is_brought_to_the_medium(with_wim, volume, scratch, monkeypatch):
    real, brought = os.fsync, set()

    def fsync(descriptor):
        brought.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(installer_copy.os, "fsync", fsync)
    assert go(split_plan(with_wim, scratch), volume).state is State.COMPLETE
    there = [volume.folder, *volume.folder.rglob("*")]
    assert {path.stat().st_ino for path in there} <= brought


def fail_to_create(monkeypatch, instead, nth: int) -> None:
    real, count = installer_copy.create, [0]

    def create(root, file):
        count[0] += 1
        return instead(file) if count[0] == nth else real(root, file)

    monkeypatch.setattr(installer_copy, "create", create)


STEPS = [
    ("check", 1, False),
    ("release", 1, False),
    ("format", 1, True),
    ("mount rw", 1, True),
    ("unmount", 1, True),
    ("mount ro", 1, True),
    ("unmount", 2, True),
    ("mount rw", 2, True),
    ("unmount", 3, True),
    ("mount ro", 2, True),
    ("unmount", 4, True),
    ("mount rw", 3, True),
    ("unmount", 5, True),
    ("mount ro", 3, True),
    ("unmount", 6, True),
    ("reveal", 1, True),
]


@pytest.mark.parametrize(("step", "nth", "touched"), STEPS)
def test_whatever_step_fails_the_stick_neither_starts_nor_mounts(
    step, nth, touched, plain, volume, scratch
):
    def fail(now: str, count: int) -> None:
        if (now, count) == (step, nth):
            raise TargetError("It fails.", remedy="Do something.", cause="EIO")

    volume.before = fail
    report = go(plan_of(plain, scratch), volume)
    if touched:
        assert_left_in_order(report, volume, State.FAILED)
    else:
        assert not report.touched
        assert (volume.folder / "old file").exists()
    assert report.message.startswith("It fails.")
    assert report.remedy == "Do something."


def test_a_stick_that_can_not_be_emptied_is_left_to_who_stands_by(plain, volume, scratch):
    assert go(plan_of(plain, scratch), volume).state is State.COMPLETE
    assert volume.settled

    def fail(now: str, count: int) -> None:
        if (now, count) in {("unmount", 8), ("void", 1)}:
            raise TargetError("It fails.")

    volume.steps = ["unmount"] * 6
    volume.before = fail
    report = go(plan_of(plain, scratch), volume)
    assert report.state is State.FAILED
    assert not volume.settled
    volume.before = lambda now, _count: fail(now, 8) if now == "unmount" else None
    assert go(plan_of(plain, scratch), volume).state is State.FAILED
    assert volume.settled  # it was emptied


@pytest.mark.parametrize(("step", "nth", "touched"), STEPS)
def test_whenever_it_is_cancelled_the_stick_neither_starts_nor_mounts(
    step, nth, touched, plain, volume, scratch
):
    cancel = CancelToken()

    def stop(now: str, count: int) -> None:
        if (now, count) == (step, nth):
            cancel.cancel()

    volume.before = stop
    report = go(plan_of(plain, scratch), volume, cancel=cancel)
    if (step, nth) in {("unmount", 6), ("reveal", 1)}:  # all is done and proved
        assert report.state is State.COMPLETE
    elif touched:
        assert_left_in_order(report, volume, State.CANCELLED)
    else:
        assert report.state is State.CANCELLED
        assert not report.touched


@pytest.mark.parametrize(
    ("failing", "starts", "says"),
    [
        (1, False, "no computer will start"),
        (2, False, "no computer will start"),
        (3, True, "may still start"),
    ],
)
def test_when_it_cannot_be_emptied_the_report_says_what_is_left(
    failing, starts, says, plain, volume, scratch
):
    def fail(now: str, count: int) -> None:
        if now == "void" or (now, count) == ("mount ro", failing):
            raise DiscwrightError("Gone.")

    volume.before = fail
    report = go(plan_of(plain, scratch), volume)
    assert report.state is State.FAILED
    assert volume.starts is starts
    assert report.left_bootable is starts
    assert says in report.message


@pytest.mark.parametrize("name", ["sources/boot.wim", "sources/empty.ini", "autorun.inf"])
@pytest.mark.parametrize("how", ["flipped", "short", "long", "gone"])
def test_what_the_stick_gives_back_otherwise_is_written_again(how, name, plain, volume, scratch):
    volume.before = lambda step, count: (
        spoil(volume.folder / name, how) if (step, count) == ("mount ro", 1) else None
    )
    report = go(plan_of(plain, scratch), volume)
    if how in {"flipped", "short"} and name == "sources/empty.ini":
        assert report.files_rewritten == ()
        return
    assert report.state is State.COMPLETE
    assert report.files_rewritten == (name,)
    assert "second time" in report.message
    assert "wearing out" in report.remedy
    assert tree(volume.folder) == tree(plain.parent / "files")


@pytest.mark.parametrize("name", ["sources/boot.wim", "efi/boot/bootx64.efi"])
def test_a_stick_that_gives_back_otherwise_twice_is_never_called_good(name, plain, volume, scratch):
    def spoil_it(step: str, _count: int) -> None:
        if step == "mount ro" and (volume.folder / name).exists():
            spoil(volume.folder / name, "flipped")

    volume.before = spoil_it
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert report.verified is False
    assert report.files_affected == (name,)
    assert name in report.message
    assert report.to_json()["files_affected"] == [name]


@pytest.mark.parametrize("name", ["sources/boot.wim", "sources/empty.ini", "bootmgr"])
def test_a_name_that_is_the_short_name_of_another_file_overwrites_nothing(
    name, plain, volume, scratch
):
    """FAT answers to LONGNA~1.TXT with a file that was given a longer name."""

    def be_there(step: str, count: int) -> None:
        if (step, count) == ("mount rw", 1):
            path = volume.folder / ("unproved" if name == "bootmgr" else "") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"another's")

    volume.before = be_there
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert f"{name} has the same name on FAT32 as another file." in report.message


def test_what_the_second_copying_spoils_of_the_first_is_found(plain, volume, scratch):
    def spoil_both(step: str, count: int) -> None:
        if (step, count) == ("mount ro", 1):
            spoil(volume.folder / "sources/boot.wim", "flipped")
        if (step, count) == ("mount ro", 2):
            spoil(volume.folder / "setup.exe", "flipped")

    volume.before = spoil_both
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert report.files_affected == ("setup.exe",)


def test_loaders_that_differ_at_their_places_are_never_called_good(plain, volume, scratch):
    def spoil_it(step: str, count: int) -> None:
        if (step, count) == ("mount ro", 3):
            spoil(volume.folder / "efi/boot/bootx64.efi", "flipped")

    volume.before = spoil_it
    report = go(plan_of(plain, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert report.verified is False
    assert report.files_affected == ("efi/boot/bootx64.efi",)


def spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    match how:
        case "flipped" if data:
            data[len(data) // 2] ^= 1
        case "short":
            del data[-1:]
        case "long":
            data += b"\0"
        case "gone":
            path.unlink()
            return
    path.write_bytes(data)


@pytest.mark.parametrize("part", ["install.swm", "install2.swm"])
@pytest.mark.parametrize("how", ["flipped", "gone"])
def test_a_part_of_install_wim_that_is_not_right_is_found(how, part, with_wim, volume, scratch):
    def spoil_it(step: str, count: int) -> None:
        if step == "mount ro" and count in times:
            spoil(volume.folder / "sources" / part, how)

    volume.before = spoil_it
    times = {1}
    report = go(split_plan(with_wim, scratch), volume)
    assert report.state is State.COMPLETE
    assert report.files_rewritten == ("sources/install.wim",)
    times = {n + volume.steps.count("mount ro") for n in (1, 2)}
    report = go(split_plan(with_wim, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert report.files_affected == ("sources/install.wim",)


@pytest.mark.parametrize(
    ("name", "content"), [("Windows 11 Größe", "other"), ("Windows 12", "same")]
)
def test_parts_of_another_install_wim_are_found_though_they_are_in_order(
    name, content, with_wim, volume, scratch, tmp_path, monkeypatch
):
    if content == "other":  # found by its pieces, not by the times in its description
        monkeypatch.setattr(installer_wim.Wimlib, "_images", lambda *_arguments: [])
    inside = shutil.copytree(with_wim.parent / "image", tmp_path / "image")
    if content == "other":
        (inside / "file 0").write_bytes(random.Random(5).randbytes(PIECE))
    other = tmp_path / "other.wim"
    run("wimlib-imagex", "capture", inside, other, name, "--compress=LZX")

    def exchange(step: str, _count: int) -> None:
        if step == "mount ro":
            for part in (volume.folder / "sources").glob("install*.swm"):
                part.unlink()
            run("wimlib-imagex", "split", other, volume.folder / "sources" / "install.swm", "1")

    volume.before = exchange
    report = go(split_plan(with_wim, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert report.files_affected == ("sources/install.wim",)


def test_an_install_wim_that_is_damaged_on_the_disc_is_not_blamed_on_the_stick(
    with_wim, volume, scratch, tmp_path
):
    image = bytearray(with_wim.read_bytes())
    wim = survey_installer(with_wim).contents.find("sources", "install.wim")
    assert wim is not None
    image[wim.offset + PIECE * PIECES // 2] ^= 1
    broken = tmp_path / "broken.iso"
    broken.write_bytes(image)
    report = go(split_plan(broken, scratch), volume)
    assert_left_in_order(report, volume, State.FAILED)
    assert "damaged on the disc or in the image" in report.message


def make_program(folder: Path, text: str) -> str:
    program = folder / "wimlib-imagex"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kill -9 $$", "signal 9"),
        ("echo 'ERROR: it broke' >&2; exit 47", "exit code 47: ERROR: it broke"),
        ("exit 0", "can't be found"),
    ],
)
def test_a_wimlib_that_fails_or_is_killed_is_told(text, says, with_wim, volume, scratch, tmp_path):
    plan = split_plan(with_wim, scratch)
    program = make_program(tmp_path, text)
    plan = replace(plan, tools=tools(scratch, wimlib=program))
    report = go(plan, volume)
    assert report.state is State.FAILED
    assert not volume.starts
    assert volume.void
    if says == "can't be found":
        assert "install.wim" in f"{report.message}{report.cause}"
    else:
        assert says in report.cause
    assert list(scratch.iterdir()) == []


def test_a_wimlib_that_has_vanished_is_told(with_wim, volume, scratch, tmp_path):
    plan = split_plan(with_wim, scratch)
    plan = replace(plan, tools=tools(scratch, wimlib=str(tmp_path / "nowhere")))
    report = go(plan, volume)
    assert_left_in_order(report, volume, State.FAILED)


def test_a_cancel_ends_wimlib(with_wim, volume, scratch, tmp_path):
    mark = tmp_path / "pid"
    program = make_program(tmp_path, f"echo $$ > {mark}; exec sleep 600")
    plan = split_plan(with_wim, scratch)
    plan = replace(plan, tools=tools(scratch, wimlib=program))
    cancel = CancelToken()
    thread = threading.Thread(target=cancel_when, args=(mark, cancel))
    thread.start()
    report = go(plan, volume, cancel=cancel)
    thread.join()
    assert_left_in_order(report, volume, State.CANCELLED)
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), signal.SIG_DFL)


def cancel_when(mark: Path, cancel: CancelToken) -> None:
    waiting = threading.Event()
    for _look in range(2000):
        if mark.exists() and mark.read_text().strip():
            break
        waiting.wait(0.01)
    cancel.cancel()


@pytest.mark.parametrize("phase", [Phase.READING, Phase.WRITING, Phase.VERIFYING])
def test_a_cancel_in_the_middle_of_a_phase_is_heeded(phase, with_wim, volume, scratch):
    cancel, ear = CancelToken(), Ear()
    ear.hear = lambda progress: cancel.cancel() if progress.phase is phase else None
    report = go(split_plan(with_wim, scratch), volume, ear, cancel)
    assert report.state is State.CANCELLED
    assert not volume.starts
    assert volume.void or not report.touched
    assert list(scratch.iterdir()) == []


def test_another_image_under_the_same_name_is_refused_before_the_stick_is_touched(
    plain, volume, scratch, tmp_path
):
    image = tmp_path / "copy.iso"
    shutil.copy(plain, image)
    plan = plan_of(image, scratch)
    os.utime(image, ns=(1, 1))
    report = go(plan, volume)
    assert report.state is State.REFUSED
    assert not report.touched
    assert "another disc or image" in report.message


def test_a_scratch_that_has_vanished_leaves_the_stick_as_it_was(with_wim, volume, scratch):
    plan = split_plan(with_wim, scratch)
    scratch.rmdir()
    report = go(plan, volume)
    assert report.state is State.REFUSED
    assert not report.touched
    assert "TMPDIR" in report.remedy


def test_a_label_that_cannot_be_set_is_only_a_warning(plain, volume, scratch):
    def fail(now: str, _count: int) -> None:
        if now == "name":
            raise DiscwrightError("No fatlabel here.")

    volume.before = fail
    report = go(plan_of(plain, scratch), volume)
    assert report.state is State.COMPLETE
    assert any("INCOMPLETE" in warning for warning in report.warnings)


def test_the_stick_is_ejected_when_wanted_and_a_failure_to_is_a_warning(plain, volume, scratch):
    def fail(now: str, _count: int) -> None:
        if now == "eject":
            raise DiscwrightError("It stays.")

    volume.before = fail
    report = go(plan_of(plain, scratch, eject=True), volume)
    assert report.state is State.COMPLETE
    assert "It stays." in report.warnings


def test_nothing_is_written_outside_of_the_stick(plain, volume, scratch, tmp_path):
    """The mount point goes away in mid-copy: what was opened stays the stick."""
    elsewhere = tmp_path / "moved"

    def move(step: str, count: int) -> None:
        if (step, count) == ("unmount", 1):
            assert not any(volume.folder.iterdir())
            volume.folder.rmdir()
            elsewhere.rename(volume.folder)

    ear = Ear()

    def away(progress: Progress) -> None:
        if progress.phase is Phase.WRITING and not elsewhere.exists() and "gone" not in ear.lines:
            ear.lines.append("gone")
            volume.folder.rename(elsewhere)
            volume.folder.mkdir()

    volume.before, ear.hear = move, away
    report = go(plan_of(plain, scratch), volume, ear)
    assert report.state is State.COMPLETE, report
    assert tree(volume.folder) == tree(plain.parent / "files")
