# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of disc becomes an identical image of the right length, or is refused with a reason."""

import json
import subprocess

import pytest

from drive.bench import Fault, Sense, faults, media
from drive.bench.codes import Op
from drive.bench.media import Profile, Status
from drive.ripping import SECTOR, rip
from unit.optical.images import raw_image


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    """A disc image with ISO 9660, Joliet and Rock Ridge, of a length that is no round number."""
    folder = tmp_path_factory.mktemp("disc")
    (folder / "tree").mkdir()
    (folder / "tree" / "readme.txt").write_text("hello\n")
    (folder / "tree" / "noise.bin").write_bytes(bytes(range(256)) * 9001)
    image = folder / "disc.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-J", "-R", "-V", "BENCH_DISC", "-o", image, folder / "tree"],
        check=True,
        capture_output=True,
    )
    return image


@pytest.fixture(scope="module")
def udf(tmp_path_factory):
    """A UDF disc without ISO 9660, as mkudffs makes it."""
    image = tmp_path_factory.mktemp("udf") / "udf.img"
    with image.open("wb") as file:
        file.truncate(3000 * SECTOR)
    subprocess.run(
        ["mkudffs", "--media-type=dvd", "--blocksize=2048", "--label=UDF_DISC", image],
        check=True,
        capture_output=True,
    )
    return image


KINDS = {
    "CD-ROM": (media.cd_rom, "lead-out"),
    "CD-R disc at once": (media.cd_r, "lead-out"),
    "CD-R track at once": (lambda i: media.cd_r(i, tao=True), "run-out"),
    "CD-RW track at once": (lambda i: media.cd_rw(i, tao=True), "run-out"),
    "CD-ROM mode 2 form 1": (media.mode2_cd, "lead-out"),
    "DVD-ROM": (media.dvd_rom, "capacity"),
    "DVD-ROM dual layer, opposite": (lambda i: media.dual_layer(i, 640), "capacity"),
    "DVD-ROM dual layer, parallel": (
        lambda i: media.dual_layer(i, 640, opposite=False), "capacity"),
    "DVD+R": (lambda i: media.data_disc(Profile.DVD_PLUS_R, i), "capacity"),
    "DVD-R still open": (lambda i: media.appendable(Profile.DVD_R, i), "capacity"),
    "BD-ROM": (media.bd_rom, "capacity"),
    "BD-ROM dual layer": (
        lambda i: media.dual_layer(i, 640, profile=Profile.BD_ROM), "capacity"),
    "BD-R": (lambda i: media.data_disc(Profile.BD_R, i), "capacity"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_image_is_the_disc_byte_for_byte(bench, iso, tmp_path, kind):
    make, rule = KINDS[kind]
    drive = bench.add_drive(make(iso))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["state"]) == (0, "complete")
    assert done.target.read_bytes() == iso.read_bytes()
    assert done.plan["rule"] == rule
    assert done.files == {"out.iso", "out.iso.sha256", "out.iso.json"}
    check = subprocess.run(
        ["sha256sum", "-c", "out.iso.sha256"], cwd=tmp_path, capture_output=True, check=False
    )
    assert check.returncode == 0, check.stderr
    assert all((read.lba or 0) >= 0 for read in drive.reads())


@pytest.mark.parametrize("profile", [Profile.DVD_PLUS_RW, Profile.DVD_RAM, Profile.BD_RE])
def test_a_rewritable_disc_is_copied_to_the_end_of_its_file_system(bench, iso, tmp_path, profile):
    bench.add_drive(media.overwritable(profile, iso, formatted=100_000))
    done = rip(bench, tmp_path / "out.iso")
    want = iso.read_bytes()
    block = (32 if profile is Profile.BD_RE else 16) * SECTOR
    assert done.code == 0
    assert done.target.stat().st_size == -(-len(want) // block) * block
    assert done.target.read_bytes() == want.ljust(done.target.stat().st_size, b"\0")
    assert done.plan["rule"] == "file-systems"


def test_a_partition_behind_the_file_system_of_a_rewritable_disc_is_copied(bench, iso, tmp_path):
    (tmp_path / "efi.img").write_bytes(bytes(range(256)) * 4000)
    image = tmp_path / "image.iso"
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("hello")
    command = ["xorrisofs", "-quiet", "-append_partition", "2", "0xef", tmp_path / "efi.img"]
    subprocess.run([*command, "-o", image, tmp_path / "tree"], check=True, capture_output=True)
    bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, image, formatted=100_000))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert (tmp_path / "efi.img").read_bytes() in done.target.read_bytes()


def test_a_cd_r_without_a_file_system_loses_no_damaged_end_unsaid(bench, tmp_path):
    raw = tmp_path / "raw.bin"
    raw.write_bytes(bytes(range(256)) * 8 * 500)
    drive = bench.add_drive(media.cd_r(raw))
    drive.faults(faults.bad_sectors(499))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["bad_sectors"]) == (3, [[499, 1]])


def test_a_damaged_last_sector_does_not_shorten_a_disc(bench, iso, tmp_path):
    last = iso.stat().st_size // SECTOR - 1
    drive = bench.add_drive(media.dvd_rom(iso, structure_override=last - 100))
    drive.faults(faults.bad_sectors(last))
    done = rip(bench, tmp_path / "out.iso")
    assert done.target.stat().st_size == iso.stat().st_size
    assert done.report["bad_sectors"] == [[last, 1]]


def test_a_drive_too_old_to_name_the_medium_knows_music_from_data(bench, iso, tmp_path):
    old = Fault(frozenset({Op.GET_CONFIGURATION}), sense=Sense(5, 0x20, 0))
    music = bench.add_drive(media.audio_cd())
    music.faults(old)
    done = rip(bench, tmp_path / "music.iso")
    assert (done.code, done.report["refusal"]) == (4, "audio")
    data = bench.add_drive(media.cd_rom(iso))
    data.faults(old)
    done = rip(bench, tmp_path / "out.iso", node=data.node)
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_a_udf_only_disc_is_copied_whole(bench, udf, tmp_path):
    bench.add_drive(media.bd_rom(udf))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == udf.read_bytes()
    assert done.plan["label"] == "UDF_DISC"


def test_a_drive_that_gives_one_layer_only_is_no_complete_copy(bench, iso, tmp_path):
    sectors = iso.stat().st_size // SECTOR
    bench.add_drive(media.dual_layer(iso, 640, capacity_override=640))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.plan["rule"] == "probed"
    assert done.report["missing_sectors"] == sectors - 640
    assert done.report["files_affected"] == ["noise.bin", "readme.txt"]
    assert "cut off" in done.report["message"]


REFUSED = {
    "audio CD": (lambda i: media.audio_cd(), "audio", "music"),
    "mixed mode CD": (media.mixed_cd, "mixed", "music"),
    "CD-Extra": (media.cd_extra, "mixed", "music"),
    "multi-session CD": (lambda i: media.multisession_cd([i, i]), "sessions", "2 sessions"),
    "blank CD-R": (lambda i: media.blank(Profile.CD_R), "blank", "blank"),
    "blank DVD+R": (lambda i: media.blank(Profile.DVD_PLUS_R), "blank", "blank"),
    "blank BD-R": (lambda i: media.blank(Profile.BD_R), "blank", "blank"),
    "no disc": (lambda i: None, "source", "no disc"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_an_iso_cannot_hold_is_refused_with_the_reason(bench, iso, tmp_path, kind):
    make, refusal, word = REFUSED[kind]
    bench.add_drive(make(iso))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["state"], done.report["refusal"]) == (4, "refused", refusal)
    assert word in done.report["message"]
    assert done.files == set()


def test_a_video_cd_is_refused_because_of_its_long_sectors(bench, iso, tmp_path):
    data = iso.read_bytes()
    raw = tmp_path / "video.raw"
    raw.write_bytes(raw_image(data, 2, 0x08) + raw_image(data, 2, 0x20))
    bench.add_drive(media.video_cd(raw, len(data) // SECTOR))
    (tmp_path / "out").mkdir()
    done = rip(bench, tmp_path / "out" / "out.iso")
    assert (done.code, done.report["refusal"]) == (4, "form2")
    assert done.files == set()


def test_an_open_tray_is_told_from_an_empty_drive(bench, iso, tmp_path):
    bench.add_drive(media.cd_rom(iso)).open_tray()
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 4
    assert "tray" in done.report["message"]


def test_css_is_named_before_the_copy_and_what_cannot_be_read_is_listed(bench, iso, tmp_path):
    bench.add_drive(media.css_dvd(iso, range(300, 310)))
    done = rip(bench, tmp_path / "out.iso")
    assert "CSS" in " ".join(done.plan["warnings"])
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[300, 10]]
    assert (
        json.loads((tmp_path / "out.iso.json").read_text())["disc"]["medium"]["protection"] == "CSS"
    )


@pytest.mark.parametrize(("make", "name"), [(media.cprm_dvd, "CPRM"), (media.aacs_bd, "AACS")])
def test_encrypted_discs_are_named_before_the_copy(bench, iso, tmp_path, make, name):
    bench.add_drive(make(iso))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert name in " ".join(done.plan["warnings"])


def test_an_open_disc_with_several_sessions_is_refused(bench, iso, tmp_path):
    disc = media.multisession_cd([iso, iso], status=Status.APPENDABLE)
    bench.add_drive(disc)
    assert rip(bench, tmp_path / "out.iso").report["refusal"] == "sessions"
