# SPDX-License-Identifier: GPL-3.0-or-later
"""Files come out as they went in; nothing that is there is touched unasked."""

import errno
import os
import random
import shutil
import threading
from pathlib import Path

import pytest

from discwright.errors import SourceError
from discwright.extract import folder as folders
from discwright.extract import run as running
from discwright.extract.plan import Existing, ExtractOptions, ExtractPlan
from discwright.extract.run import run_extract
from discwright.extract.source import DiscContents, read_disc
from discwright.extract.survey import prepare
from discwright.image.tree import What
from discwright.optical.source import open_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Silent
from unit.image.udf_maker import metadata_image

from .conftest import extract, plan_for, run, tree


@pytest.fixture
def image(source: Path, tmp_path: Path) -> Path:
    path = tmp_path / "disc.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", path, source)
    return path


@pytest.mark.parametrize(
    "options", [["-R"], ["-J", "-joliet-long"], ["-udf", "-iso-level", "3"], ["-R", "-J", "-udf"]]
)
def test_all_files_come_out_as_they_went_in(options, source, tmp_path):
    path = tmp_path / "image.iso"
    run("genisoimage", "-quiet", "-input-charset", "utf-8", *options, "-o", path, source)
    report = extract(path, tmp_path / "out")
    assert (report.state, report.message) == (State.COMPLETE, report.message)
    assert tree(tmp_path / "out") == tree(source)
    assert report.files == sum(file.is_file() for file in source.rglob("*"))
    assert report.bytes == sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    assert (tmp_path / "out" / "docs" / "readme.txt").stat().st_mtime == 981_173_106


def test_a_udf_image_with_a_file_in_pieces_and_one_in_its_entry(tmp_path):
    path = tmp_path / "bd.iso"
    data = metadata_image()
    path.write_bytes(data)
    report = extract(path, tmp_path / "out")
    assert report.state is State.COMPLETE
    found = tree(tmp_path / "out")
    assert set(found) == {"MOVIE.M2TS", "ordner", "ordner/klein.txt"}
    assert all(content in data for content in (found["ordner/klein.txt"],))
    contents = read_disc(str(path)).contents
    pieces = [data[r.offset : r.offset + r.length] for r in contents.find("MOVIE.M2TS").runs]
    assert found["MOVIE.M2TS"] == b"".join(pieces)


def test_files_and_folders_that_are_named_come_out_alone(image, source, tmp_path):
    report = extract(image, tmp_path / "out", "DOCS/deep", "zero")
    assert report.state is State.COMPLETE
    assert set(tree(tmp_path / "out")) == {
        "docs", "docs/deep", "docs/deep/big.bin", "docs/deep/er",
        "docs/deep/er/Ü – naïve 日本.txt", "zero",
    }  # fmt: skip


def test_a_file_that_is_not_there_is_refused(image, tmp_path):
    refusal = plan_for(image, tmp_path / "out", "docs/none")
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "no-such-file"
    assert not (tmp_path / "out").exists()


def test_executables_stay_so_and_no_more_than_that(source, tmp_path):
    tool = source / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o6755)
    (source / "private").write_text("x")
    (source / "private").chmod(0o400)
    path = tmp_path / "image.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", path, source)
    extract(path, tmp_path / "out")
    umask = os.umask(0)
    os.umask(umask)
    modes = {one.name: one.stat().st_mode & 0o7777 for one in (tmp_path / "out").iterdir()}
    assert modes["tool"] == 0o755 & ~umask
    assert modes["private"] == 0o600


def test_links_that_stay_inside_are_made_and_others_named(source, tmp_path):
    (source / "good").symlink_to("docs/readme.txt")
    (source / "docs" / "up").symlink_to("../zero")
    (source / "evil").symlink_to("/etc/passwd")
    (source / "docs" / "worse").symlink_to("deep/../../../etc")
    os.mkfifo(source / "pipe")
    path = tmp_path / "image.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", path, source)
    report = extract(path, tmp_path / "out")
    found = tree(tmp_path / "out")
    assert (found["good"], found["docs/up"]) == ("docs/readme.txt", "../zero")
    assert {name for name, _why in report.left_out} == {"evil", "docs/worse", "pipe"}
    assert not {"evil", "docs/worse", "pipe"} & set(found)
    assert "3 entries were left out" in report.message


def test_nothing_that_is_there_is_replaced_unasked(image, tmp_path):
    out = tmp_path / "out"
    (out / "docs").mkdir(parents=True)
    (out / "docs" / "readme.txt").write_text("mine")
    before = tree(out)
    refusal = plan_for(image, out)
    assert isinstance(refusal, Refusal)
    assert (refusal.kind, "docs/readme.txt" in refusal.message) == ("exists", True)
    assert tree(out) == before
    skipped = extract(image, out, existing=Existing.SKIP)
    assert (skipped.state, skipped.skipped) == (State.COMPLETE, 1)
    assert (out / "docs" / "readme.txt").read_text() == "mine"
    replaced = extract(image, out, existing=Existing.REPLACE)
    assert replaced.state is State.COMPLETE
    assert (out / "docs" / "readme.txt").read_text() == "read me\n"


def test_a_link_in_the_folder_leads_nothing_out_of_it(image, tmp_path):
    out, outside = tmp_path / "out", tmp_path / "outside"
    out.mkdir()
    outside.mkdir()
    (out / "docs").symlink_to(outside)
    refusal = plan_for(image, out, existing=Existing.REPLACE)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "in-the-way"
    # ... nor one that appears after the look
    (out / "docs").unlink()
    plan = plan_for(image, out)
    assert isinstance(plan, ExtractPlan)
    (out / "docs").symlink_to(outside)
    report = run_extract(plan, Silent(), CancelToken())
    assert report.state is State.FAILED
    assert tree(outside) == {}


def test_a_link_in_place_of_a_file_is_replaced_itself(image, tmp_path):
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.write_text("precious")
    (out / "zero").symlink_to(precious)
    assert extract(image, out, "zero", existing=Existing.REPLACE).state is State.COMPLETE
    assert precious.read_text() == "precious"
    assert not (out / "zero").is_symlink()


def test_a_file_that_appears_meanwhile_stays(image, tmp_path):
    plan = plan_for(image, tmp_path / "out")
    assert isinstance(plan, ExtractPlan)
    (tmp_path / "out" / "docs").mkdir(parents=True)
    (tmp_path / "out" / "docs" / "readme.txt").write_text("mine")
    report = run_extract(plan, Silent(), CancelToken())
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert [name for name, _why in report.left_out] == ["docs/readme.txt"]
    assert (tmp_path / "out" / "docs" / "readme.txt").read_text() == "mine"


def test_the_image_itself_is_not_replaced(source, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (source / "disc.iso").write_text("a file of the image's own name")
    path = out / "disc.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", path, source)
    refusal = plan_for(path, out, existing=Existing.REPLACE)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "same-file"


def test_too_little_room_and_too_large_files_are_refused_before(image, tmp_path, monkeypatch):
    there = Destination(
        tmp_path / "out", parent_exists=True, writable=True, free_bytes=1000, file_system="ext4"
    )
    monkeypatch.setattr("discwright.extract.survey.survey", lambda _path: there)
    refusal = plan_for(image, tmp_path / "out")
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "no-space"


class BadSource:
    """An image some of whose sectors can't be read, and that ends early."""

    def __init__(self, path: str, bad: set[int], cancel_at: int | None = None) -> None:
        self._opened = open_source(path)
        self._bad = bad
        self.token = CancelToken()
        self._cancel_at = cancel_at
        self.sector_size = 2048
        self.asked: list[int] = []

    def __getattr__(self, name: str):
        return getattr(self._opened, name)

    @property
    def reader(self):
        return self

    @property
    def sectors(self) -> int:
        return self._opened.reader.sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        from discwright.errors import ReadError  # noqa: PLC0415

        self.asked += range(lba, lba + count)
        if self._cancel_at is not None and lba + count > self._cancel_at:
            self.token.cancel()
        if self._bad & set(range(lba, lba + count)):
            raise ReadError("bad", lba=lba, count=count, cause="bad")
        self._opened.reader.read_into(lba, count, buffer)


def test_files_with_bad_sectors_are_kept_with_filling_and_named(
    image, source, tmp_path, monkeypatch
):
    plan = plan_for(image, tmp_path / "out")
    big = next(item for item in plan.files if item.file.path == "docs/deep/big.bin")
    lba = big.file.offset // 2048 + 7
    bad = BadSource(str(image), {lba, 3})  # sector 3 belongs to no file
    monkeypatch.setattr(running, "open_source", lambda _path: bad)
    report = run_extract(plan, Silent(), CancelToken())
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.files_affected == ("docs/deep/big.bin",)
    assert [(run.lba, run.count) for run in report.bad_sectors] == [(lba, 1)]
    whole = (source / "docs/deep/big.bin").read_bytes()
    found = (tmp_path / "out" / "docs/deep/big.bin").read_bytes()
    assert found[: 7 * 2048] + found[8 * 2048 :] == whole[: 7 * 2048] + whole[8 * 2048 :]
    assert f"SECTOR {lba:010} COULD NOT BE READ".encode() in found
    assert (tmp_path / "out" / "docs/small 9").read_bytes() == bytes([9]) * 9 * 37


def test_the_disc_is_read_in_its_order_and_nothing_but_the_files(image, tmp_path, monkeypatch):
    plan = plan_for(image, tmp_path / "out", "docs")
    spy = BadSource(str(image), set())
    monkeypatch.setattr(running, "open_source", lambda _path: spy)
    spy.examine(CancelToken())
    spy.asked.clear()
    assert run_extract(plan, Silent(), CancelToken()).state is State.COMPLETE
    wanted = {
        lba
        for item in plan.files
        for one in item.file.runs
        if one.length
        for lba in range(one.offset // 2048, -(-(one.offset + one.length) // 2048))
    }
    assert spy.asked == sorted(wanted)


def test_a_cancel_leaves_whole_files_only(image, source, tmp_path, monkeypatch):
    plan = plan_for(image, tmp_path / "out")
    big = next(item for item in plan.files if item.file.path == "docs/deep/big.bin")
    spy = BadSource(str(image), set(), cancel_at=big.file.offset // 2048 + 1000)
    monkeypatch.setattr(running, "open_source", lambda _path: spy)
    report = run_extract(plan, Silent(), spy.token)
    assert report.state is State.CANCELLED
    found = tree(tmp_path / "out") if (tmp_path / "out").exists() else {}
    kept = {name: content for name, content in found.items() if content is not None}
    assert kept == {name: (source / name).read_bytes() for name in kept}
    assert len(kept) == report.files
    assert not [name for name in found if ".part" in name]


def test_a_full_disk_is_said_and_nothing_is_there_by_halves(image, source, tmp_path, monkeypatch):
    plan = plan_for(image, tmp_path / "out")
    write, written = os.write, 0
    filled = [item for item in plan.files if item.file.size]
    room = sum(item.file.size for item in filled[:-1])

    def full(descriptor: int, data: bytes) -> int:
        nonlocal written
        if threading.current_thread().name.startswith("pump"):
            written += len(data)
            if written > room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr("discwright.extract.writing.os.write", full)
    report = run_extract(plan, Silent(), CancelToken())
    assert report.state is State.FAILED
    assert "no space left" in report.message
    assert report.files == len(filled) - 1  # what was whole before stays
    found = tree(tmp_path / "out") if (tmp_path / "out").exists() else {}
    for name, content in found.items():
        assert content is None or content == (source / name).read_bytes()
    assert not [name for name in found if ".part" in name]


def test_what_a_killed_run_left_is_removed_by_the_next(image, tmp_path):
    out = tmp_path / "out"
    left = out / f"{folders.PREFIX}123{folders.SUFFIX}"
    left.mkdir(parents=True)
    (left / "17").write_text("half")
    other = out / f"{folders.PREFIX}456{folders.SUFFIX}"
    other.mkdir()
    (other / "keep me").write_text("somebody's")
    assert extract(image, out).state is State.COMPLETE
    assert not left.exists()
    assert (other / "keep me").read_text() == "somebody's"


def test_an_image_that_is_cut_off_gives_the_rest_and_names_what_is_missing(image, tmp_path):
    plan = plan_for(image, tmp_path / "none")
    last = max(plan.files, key=lambda item: item.file.offset)
    cut = tmp_path / "cut.iso"
    cut.write_bytes(image.read_bytes()[: last.file.offset - last.file.offset % 2048])
    report = extract(cut, tmp_path / "out")
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert last.file.path in report.files_affected
    assert report.files == len(plan.files) - len(report.files_affected)


def test_files_that_share_their_sectors_all_come_out(source, tmp_path):
    os.link(source / "docs" / "deep" / "big.bin", source / "twin.bin")
    path = tmp_path / "image.iso"
    run("genisoimage", "-quiet", "-R", "-cache-inodes", "-o", path, source)
    contents = read_disc(str(path)).contents
    assert contents.find("twin.bin").runs == contents.find("docs", "deep", "big.bin").runs
    assert extract(path, tmp_path / "out").state is State.COMPLETE
    assert tree(tmp_path / "out") == tree(source)


def test_a_compressed_file_is_not_passed_off_as_its_content(source, tmp_path):
    path = tmp_path / "image.iso"
    shutil.rmtree(source / "docs")
    (source / "text").write_bytes(b"abc" * 50_000)
    run("xorriso", "-outdev", path, "-zisofs", "by_magic=on", "-map", source, "/",
        "-set_filter_r", "--zisofs", "/text", "--")  # fmt: skip
    found = read_disc(str(path)).contents.find("text")
    assert found is not None
    assert found.attributes.what is What.PACKED
    report = extract(path, tmp_path / "out")
    assert [name for name, _why in report.left_out] == ["text"]


def test_another_image_in_its_place_is_noticed(image, source, tmp_path):
    plan = plan_for(image, tmp_path / "out")
    (source / "zero").write_text("not zero")
    image.unlink()
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", image, source)
    report = run_extract(plan, Silent(), CancelToken())
    assert (report.state, report.files) == (State.FAILED, 0)
    assert not (tmp_path / "out").exists()


def test_what_is_no_disc_is_refused(tmp_path):
    path = tmp_path / "noise.iso"
    path.write_bytes(os.urandom(1 << 20))
    try:
        found = read_disc(str(path))
    except SourceError:
        return
    assert isinstance(found, Refusal)


def test_a_disc_of_the_mac_alone_is_refused_with_the_reason(tmp_path, source):
    path = tmp_path / "mac.iso"
    run("genisoimage", "-quiet", "-hfs", "-R", "-o", path, source)
    assert isinstance(read_disc(str(path)), DiscContents)  # as it has ISO 9660 too
    with path.open("r+b") as file:
        file.seek(16 * 2048)
        file.write(bytes(4 * 2048))
    found = read_disc(str(path))
    assert isinstance(found, Refusal)
    assert found.kind == "file-system"
    assert "HFS" in found.message


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_directories_say_nothing_leaves_the_folder(image, tmp_path, seed):
    data = bytearray(image.read_bytes())
    dice = random.Random(seed)
    for _ in range(60):
        at = dice.randrange(16 * 2048, 40 * 2048)
        data[at] = dice.choice([0, 1, 2, 0x2E, 0x2F, 0x80, 0xFF, dice.randrange(256)])
    path = tmp_path / "hostile" / "hostile.iso"
    path.parent.mkdir()
    path.write_bytes(data)
    before = tree(tmp_path)
    try:
        found = read_disc(str(path))
    except SourceError:
        return
    if isinstance(found, Refusal):
        return
    plan = prepare(found, tmp_path / "hostile" / "out", ExtractOptions())
    if isinstance(plan, ExtractPlan):
        run_extract(plan, Silent(), CancelToken())
    after = tree(tmp_path)
    assert before == {name: after[name] for name in before}
    assert {name.split("/")[0] for name in set(after) - set(before)} <= {"hostile"}
    assert {name.split("/")[1] for name in set(after) - set(before)} <= {"out"}
    links = [one for one in (tmp_path / "hostile").rglob("*") if one.is_symlink()]
    assert all(one.resolve().is_relative_to(tmp_path / "hostile" / "out") for one in links)


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    out = folders.Folder(tmp_path / "out")
    try:
        out.make_directory(("docs",))
        (tmp_path / "out" / "docs").rmdir()
        (tmp_path / "out" / "docs").symlink_to(outside)
        descriptor, part = out.begin()
        os.close(descriptor)
        for replace in (False, True):
            with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
                out.name(part, ("docs", "x"), replace=replace)
        with pytest.raises(FileExistsError):
            out.make_directory(("docs",))
        with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
            out.make_directory(("docs", "deeper"))
    finally:
        out.close()
    assert tree(outside) == {}
    assert set(tree(tmp_path / "out")) == {"docs"}
