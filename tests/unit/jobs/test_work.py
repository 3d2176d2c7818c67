# SPDX-License-Identifier: GPL-3.0-or-later
"""A rip as a piece of work: its title, what it holds, what its log begins with."""

from dataclasses import replace
from pathlib import Path

from discwright.image.volumes import Volumes
from discwright.jobs import RipWork
from discwright.optical.disc import Candidate, Disc, DiscStatus, DriveIdentity, Length
from discwright.optical.profile import Profile
from discwright.rip.plan import RipOptions, RipPlan

DISC = Disc(
    source="/dev/sr0",
    virtual=False,
    profile=Profile.DVD_ROM,
    status=DiscStatus.COMPLETE,
    length=Length(
        1000, "capacity", "", (Candidate("READ CAPACITY", 1000), Candidate("ISO 9660", 990))
    ),
    volumes=Volumes(label="UBUNTU"),
    drive=DriveIdentity("HL-DT-ST", "DVDRAM", "1.02", "K123"),
)


def work(disc: Disc = DISC, target: Path = Path("/x/u.iso")) -> RipWork:
    return RipWork(RipPlan(disc, target, RipOptions(), ("The disc isn't closed.",)))


def test_the_title_names_disc_and_image() -> None:
    assert work().kind == "rip"
    assert work().title == "Rip “UBUNTU” to u.iso"


def test_without_a_label_the_title_names_the_source() -> None:
    assert work(replace(DISC, volumes=Volumes())).title == "Rip “sr0” to u.iso"


def test_names_from_strangers_are_made_safe() -> None:
    title = work(target=Path("/x/\u202e\x1b[2J\udcff.iso")).title
    assert title == "Rip “UBUNTU” to \ufffd\ufffd[2J\ufffd.iso"


def test_the_drive_and_the_image_are_held(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    held = work(target=tmp_path / "link" / "u.iso").devices
    assert held == {"/dev/sr0", f"file:{tmp_path}/folder/u.iso"}


def test_a_drive_is_the_same_by_any_name(tmp_path: Path) -> None:
    (tmp_path / "cdrom").symlink_to("/dev/null")
    assert "/dev/null" in work(replace(DISC, source=str(tmp_path / "cdrom"))).devices


def test_an_image_file_may_be_read_by_many(tmp_path: Path) -> None:
    image = replace(DISC, source=str(tmp_path / "a.iso"), virtual=True)
    assert work(image).devices == {"file:/x/u.iso"}


def test_the_log_begins_with_drive_medium_length_and_target() -> None:
    text = "\n".join(work().heading)
    for fact in (
        "/dev/sr0", "HL-DT-ST DVDRAM", "firmware 1.02", "DVD-ROM", "complete", "UBUNTU",
        "1000 sectors", "rule capacity", "READ CAPACITY 1000, ISO 9660 990", "/x/u.iso",
        "The disc isn't closed.",
    ):  # fmt: skip
        assert fact in text
