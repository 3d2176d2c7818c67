# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of every kind on a stick: compressed, published, mapped, damaged, too large."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import shutil
import subprocess
import zipfile

import pycdlib
import pytest

from discwright.errors import SourceError
from discwright.image.expected import Expected, Where
from discwright.stick.follower import Follower
from discwright.stick.plan import WriteOptions, plan_write
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State
from unit.stick import writing

from .disk import MIB, OLD, Fault, starts
from .writing import IMAGE_SIZE, MAPPED, Heard, block_map, stick_of, write


def command(*words):
    def pack(data, path):
        if shutil.which(words[0]) is None:
            pytest.skip(f"not installed: {words[0]}")
        path.write_bytes(
            subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout
        )

    return pack


def zipped(data, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("image.img", data)


PACKERS = {
    "gz": lambda data, path: path.write_bytes(gzip.compress(data, 1)),
    "bz2": lambda data, path: path.write_bytes(bz2.compress(data, 1)),
    "xz": lambda data, path: path.write_bytes(lzma.compress(data, preset=0)),
    "zip": zipped,
    "zst": command("zstd", "-q", "-1", "-c"),
    "lz4": command("lz4", "-q", "-1", "-c"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Image bytes that pack well, so that packing is quick."""
    path = tmp_path_factory.mktemp("small") / "small.img"
    data = bytearray(writing.make_image(path, 2 * MIB))
    return bytes(data + bytes(3 * MIB) + data[:700])


@pytest.fixture(scope="module", params=PACKERS)
def packed(request, small, tmp_path_factory):
    path = tmp_path_factory.mktemp("packed") / f"image.img.{request.param}"
    PACKERS[request.param](small, path)
    return path


def test_a_compressed_image_is_unpacked_on_the_way(packed, small, new_disk):
    disk, heard = new_disk(), Heard()
    (report,) = write(packed, disk, heard=heard)
    assert report.state is State.COMPLETE, report.message
    assert disk.content()[: len(small)] == small
    assert report.digests == {"sha256": hashlib.sha256(small).hexdigest()}
    assert all(p.total is None or p.done <= p.total for p in heard.progresses)


@pytest.mark.parametrize("asked", [False, True])
def test_who_does_not_read_a_packed_image_back_gets_the_digests_that_were_asked_for(
    small, new_disk, tmp_path, asked
):
    packed, disk = tmp_path / "image.img.gz", new_disk()
    packed.write_bytes(gzip.compress(small, 1))
    digest = hashlib.sha256(small).hexdigest()
    if asked:
        (tmp_path / "image.img.sha256").write_text(f"{digest}  image.img\n")
    (report,) = write(packed, disk, verify=False)
    assert report.state is State.COMPLETE, report.message
    assert disk.content()[: len(small)] == small
    assert report.digests == ({"sha256": digest} if asked else {})


def test_what_starts_is_looked_for_on_the_stick_if_it_was_packed(image, new_disk, tmp_path):
    path = tmp_path / "image.img.gz"
    data = bytes(512) + image.read_bytes()[512:]
    PACKERS["gz"](data, path)
    assert survey_source(path).boot is None
    (report,) = write(path, new_disk())
    assert report.boot == "No PC will start from the stick."
    assert report.boot in report.message


def test_an_archive_that_was_cut_off_leaves_nothing_that_starts(packed, new_disk, tmp_path):
    cut = tmp_path / packed.name
    cut.write_bytes(packed.read_bytes()[:-30])
    disk = new_disk()
    try:
        (report,) = write(cut, disk)
    except SourceError:  # seen before anything was written
        assert disk.content()[: len(OLD)] == OLD
        return
    assert report.state is State.FAILED
    assert not starts(disk.content())


def test_an_archive_that_is_damaged_leaves_nothing_that_starts(packed, new_disk, tmp_path):
    data = bytearray(packed.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 64):
        data[at] ^= 0x55
    damaged = tmp_path / packed.name
    damaged.write_bytes(data)
    disk = new_disk()
    try:
        (report,) = write(damaged, disk)
    except SourceError:
        assert disk.content()[: len(OLD)] == OLD
        return
    assert report.state is State.FAILED
    assert not starts(disk.content())


def test_a_bomb_ends_at_the_end_of_the_stick(new_disk, tmp_path):
    bomb = tmp_path / "bomb.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        for _mib in range(64):
            file.write(bytes(MIB))
    disk = new_disk()
    (report,) = write(bomb, disk)
    assert report.state is State.FAILED
    assert "larger than" in report.message
    assert disk.path.stat().st_size == disk.size


def test_a_piece_that_is_wrong_is_unpacked_again(small, new_disk, tmp_path):
    path = tmp_path / "image.img.gz"
    PACKERS["gz"](small, path)
    disk = new_disk(faults=[Fault("write", "flip", 4)])
    (report,) = write(path, disk)
    assert report.state is State.COMPLETE, report.message
    assert report.rewritten
    assert disk.content()[: len(small)] == small


def test_a_plain_image_gets_a_digest_that_nobody_asked_for(image, new_disk):
    (report,) = write(image, new_disk())
    assert report.digests == {"sha256": digest_of(image)}


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "never reached"])
def test_a_digest_is_only_of_the_file_that_was_written(how, tmp_path):
    path = tmp_path / "image.iso"
    path.write_bytes(bytes(3 * MIB))
    reached = [MIB]
    follower = Follower(path, "sha256", lambda: reached[0])
    if how == "gone":
        path.unlink()
    follower.start()
    if how == "changed":
        with path.open("ab") as file:
            file.write(b"x")
    if how == "cut":
        os.truncate(path, 2 * MIB)
    if how != "never reached":
        reached[0] = 3 * MIB
    assert follower.result(3 * MIB, patience=0.2) == ""
    follower.stop()


# Published checksums


def digest_of(path, name="sha256"):
    return hashlib.new(name, path.read_bytes()).hexdigest()


@pytest.fixture
def copy(image, tmp_path):
    path = tmp_path / "copy.iso"
    os.link(image, path)
    return path


@pytest.mark.parametrize("name", ["sha256", "md5", "sha512"])
def test_the_right_checksum_beside_the_image_is_told(name, copy, new_disk):
    copy.with_name(f"copy.iso.{name}").write_text(f"{digest_of(copy, name)}  copy.iso\n")
    disk = new_disk()
    (report,) = write(copy, disk)
    assert report.state is State.COMPLETE, report.message
    assert report.checked == f"{name}:{digest_of(copy, name)}"


@pytest.mark.parametrize("name", ["sha256", "md5"])
def test_a_wrong_checksum_leaves_a_stick_that_does_not_start(name, copy, new_disk):
    digest = "0" * len(digest_of(copy, name))
    copy.with_name("SHA256SUMS" if name == "sha256" else "MD5SUMS").write_text(
        f"{digest}  copy.iso\n"
    )
    disk = new_disk()
    (report,) = write(copy, disk)
    assert report.state is State.FAILED
    assert not starts(disk.content())
    assert "SUMS" in report.message
    assert digest in report.cause
    (heedless,) = write(copy, disk, published=False)
    assert heedless.state is State.COMPLETE


def test_what_the_user_expects_counts_alone(copy, new_disk):
    copy.with_name("SHA256SUMS").write_text(f"{'0' * 64}  copy.iso\n")
    expected = (Expected("sha256", digest_of(copy), Where.CONTENT),)
    (report,) = write(copy, new_disk(), expect=expected)
    assert report.state is State.COMPLETE
    wrong = (Expected("sha256", "1" * 64, Where.CONTENT),)
    disk = new_disk("sdc")
    (report,) = write(copy, disk, expect=wrong)
    assert report.state is State.FAILED
    assert not starts(disk.content())


@pytest.mark.parametrize("of", ["archive", "content"])
def test_a_checksum_may_be_of_the_archive_or_of_its_content(of, packed, small, new_disk):
    data = packed.read_bytes() if of == "archive" else small
    right = (Expected("sha256", hashlib.sha256(data).hexdigest(), Where.EITHER),)
    (report,) = write(packed, new_disk(), expect=right)
    assert report.state is State.COMPLETE, report.message
    where = Where.FILE if of == "content" else Where.CONTENT
    wrong = (Expected("sha256", right[0].digest, where),)
    disk = new_disk("sdc")
    (report,) = write(packed, disk, expect=wrong)
    assert report.state is State.FAILED
    assert not starts(disk.content())


# Block maps


def test_only_what_the_map_names_is_written(sparse, new_disk):
    disk = new_disk()
    (report,) = write(sparse, disk)
    assert report.state is State.COMPLETE, report.message
    found, data = disk.content(), sparse.read_bytes()
    for first, last in MAPPED:
        assert found[first * 4096 : (last + 1) * 4096] == data[first * 4096 : (last + 1) * 4096]
    assert report.bytes == sum(last - first + 1 for first, last in MAPPED) * 4096
    assert report.digests == {}


def test_a_mapped_piece_that_is_wrong_is_written_again(sparse, new_disk):
    disk = new_disk(faults=[Fault("write", "flip", 4)])
    (report,) = write(sparse, disk)
    assert report.state is State.COMPLETE, report.message
    assert report.rewritten
    assert disk.content()[600 * 4096 : 701 * 4096] == sparse.read_bytes()[600 * 4096 : 701 * 4096]


def test_a_map_of_other_content_is_caught_before_the_stick_starts(sparse, new_disk):
    block_map(sparse, MAPPED, sparse.read_bytes(), wrong=True)
    disk = new_disk()
    (report,) = write(sparse, disk)
    assert report.state is State.FAILED
    assert not starts(disk.content())


def test_the_checksum_of_a_mapped_image_is_checked_as_well(sparse, new_disk):
    right = (Expected("sha256", digest_of(sparse), Where.CONTENT),)
    (report,) = write(sparse, new_disk(), expect=right)
    assert report.state is State.COMPLETE, report.message
    assert report.bytes == sum(last - first + 1 for first, last in MAPPED) * 4096


def test_a_compressed_image_may_have_a_map(sparse, new_disk):
    path = sparse.with_name("sparse.img.gz")
    PACKERS["gz"](sparse.read_bytes(), path)
    disk = new_disk()
    (report,) = write(path, disk)
    assert report.state is State.COMPLETE, report.message
    assert report.bytes == sum(last - first + 1 for first, last in MAPPED) * 4096
    assert report.digests == {"sha256": digest_of(sparse)}


def test_a_map_can_be_left_aside(sparse, new_disk):
    disk = new_disk()
    (report,) = write(sparse, disk, block_map=False)
    assert report.state is State.COMPLETE
    assert disk.content()[: sparse.stat().st_size] == sparse.read_bytes()


# Images that change


def test_an_image_that_was_changed_since_the_plan_is_not_proved(image, new_disk, tmp_path):
    path = tmp_path / "growing.iso"
    path.write_bytes(image.read_bytes()[: 5 * MIB])
    disk = new_disk()
    plan = writing.plan_for(path, disk)
    with path.open("ab") as file:
        file.write(b"more")
    (report,) = writing.run_write([plan], Heard(), CancelToken(), opener=disk.opener)
    assert report.state is State.FAILED
    assert not starts(disk.content())


def test_an_image_that_is_gone_leaves_the_stick_as_it_is(image, new_disk, tmp_path):
    path = tmp_path / "gone.iso"
    path.write_bytes(image.read_bytes())
    disk = new_disk()
    plan = writing.plan_for(path, disk)
    path.unlink()
    (report,) = writing.run_write([plan], Heard(), CancelToken(), opener=disk.opener)
    assert report.state is State.REFUSED
    assert "gone.iso" in report.message
    assert disk.content()[: len(OLD)] == OLD
    assert not report.touched


def test_an_image_that_fills_the_stick_is_written_to_its_last_byte(new_disk, tmp_path):
    path = tmp_path / "full.iso"
    data = writing.make_image(path, 8 * MIB)
    disk = new_disk(size=8 * MIB)
    (report,) = write(path, disk)
    assert report.state is State.COMPLETE
    assert disk.content() == data


@pytest.mark.parametrize("size", [1, 511, 512, 4096, 4097, MIB - 1, MIB, MIB + 1])
def test_small_and_odd_sizes(size, new_disk, tmp_path):
    path = tmp_path / "odd.img"
    data = os.urandom(size)
    path.write_bytes(data)
    disk = new_disk()
    (report,) = write(path, disk)
    assert report.state is State.COMPLETE, report.message
    block = -(-size // 512) * 512
    assert disk.content()[:block] == data + bytes(block - size)
    assert report.bytes == size


def test_an_image_is_surveyed_for_what_plans_need(image, sparse):
    source = survey_source(image)
    assert (source.size, source.file_size, source.packed) == (IMAGE_SIZE, IMAGE_SIZE, False)
    assert source.table == "512"
    assert source.boot is not None
    assert not source.empty
    assert survey_source(sparse).block_map.image_size == 2622 * 4096
    assert survey_source(sparse, block_map=False).block_map is None


@pytest.mark.parametrize("method", ["gz", "xz"])
def test_an_image_for_discs_is_known_as_one_though_it_is_packed(method, tmp_path, new_disk):
    iso = pycdlib.PyCdlib()
    iso.new()
    boot = b"boot code".ljust(2048, b"\x90")
    iso.add_fp(io.BytesIO(boot), len(boot), "/BOOT.;1")
    iso.add_fp(io.BytesIO(bytes(6 * MIB)), 6 * MIB, "/A.;1")
    iso.add_eltorito("/BOOT.;1", bootcatfile="/BOOT.CAT;1")
    iso.write(tmp_path / "disc.iso")
    iso.close()
    packed = tmp_path / f"disc.iso.{method}"
    PACKERS[method]((tmp_path / "disc.iso").read_bytes(), packed)
    source = survey_source(packed)
    refusal = plan_write(source, stick_of(new_disk()), WriteOptions())
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "not-hybrid"


@pytest.mark.parametrize("text", [f"{'a' * 96}\n", f"{'a' * 64}  another.iso\n", ""])
def test_a_checksum_file_that_says_nothing_is_told_of(text, copy, new_disk):
    copy.with_name(copy.name + ".sha256").write_text(text)
    plan = writing.plan_for(copy, new_disk())
    assert any(f"{copy.name}.sha256 holds no checksum" in one for one in plan.warnings)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("disc.cue", b'FILE "disc.bin" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n'),
        ("disc.toc", b"CD_ROM\nTRACK MODE1\n"),
        ("disc.nrg", bytes(4096) + b"NER5" + bytes(7) + b"\x80"),
        ("disc.bin", b"\0" + b"\xff" * 10 + bytes(2352)),
        ("disk.img", b"QFI\xfb" + bytes(4096)),
        ("disk.img.gz", gzip.compress(b"QFI\xfb" + bytes(4096))),
    ],
)
def test_what_holds_an_image_in_a_form_of_its_own_is_not_written_as_it_is(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as raised:
        survey_source(tmp_path / name)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["zstd", "-q", "--no-check"], True), (["zstd", "-q"], False),
        (["lz4", "-q", "--no-frame-crc"], True), (["lz4", "-q"], False),
        (["xz", "--check=none"], True), (["xz"], False), (["gzip"], False),
    ],
)  # fmt: skip
def test_a_packed_image_that_could_be_damaged_unnoticed_is_told(tmp_path, command, said):
    packed = tmp_path / "disc.img.packed"
    content = bytes(range(256)) * 4096
    done = subprocess.run([*command, "-c"], input=content, stdout=subprocess.PIPE, check=True)
    packed.write_bytes(done.stdout)
    remarks = survey_source(packed).remarks
    assert any("could go unnoticed" in text for text in remarks) is said
    digest = hashlib.sha256(done.stdout).hexdigest()
    (tmp_path / "disc.img.packed.sha256").write_text(f"{digest}  {packed.name}\n")
    assert not any("could go unnoticed" in text for text in survey_source(packed).remarks)
