# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window with a drive: it is plugged in, its disc appears, one click rips it."""

import subprocess
from pathlib import Path

import pytest

from drive.bench import media
from drive.bench.medium import Profile
from drive.burners import whole


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disc")
    (folder / "tree").mkdir()
    (folder / "tree" / "noise.bin").write_bytes(bytes(range(256)) * 20_000)
    image = folder / "disc.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-J", "-R", "-V", "WINDOW_DISC", "-o", image, folder / "tree"],
        check=True,
        capture_output=True,
    )
    return image


def test_a_newcomer_plugs_a_drive_in_and_rips_its_disc_with_one_click(bench, iso, tmp_path):
    home = tmp_path / "home"
    (home / "Documents").mkdir(parents=True)
    child = bench.popen(
        ["python", Path(__file__).with_name("window_program.py"), home, tmp_path / "window.png"],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "LC_ALL": "C.UTF-8"},
    )
    drive = None
    said = []
    for line in child.stdout:
        said.append(line.strip())
        if said[-1] == "plug in":
            drive = bench.add_drive(media.dvd_rom(iso))
        elif said[-1] == "unplug":
            drive.unplug()
    child.wait(timeout=20)
    assert child.returncode == 0, (said, child.stderr.read()[-3000:])
    copies = list(home.rglob("*.iso"))
    assert [path.name for path in copies] == ["WINDOW_DISC.iso"]
    assert copies[0].read_bytes() == iso.read_bytes()
    subprocess.run(
        ["sha256sum", "-c", "WINDOW_DISC.iso.sha256"],
        cwd=copies[0].parent, check=True, capture_output=True,
    )  # fmt: skip
    assert said[-1] == "closed"


def test_the_only_drive_copies_its_disc_and_asks_for_the_blank(bench, image, tmp_path):
    drive = bench.add_drive(media.cd_r(image))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    bench.hurry()
    child = bench.popen(
        ["python", Path(__file__).with_name("copy_window_program.py"), tmp_path / "window.png"],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
             "TMPDIR": str(scratch)},
    )  # fmt: skip
    said = []
    for line in child.stdout:
        said.append(line.strip())
        if said[-1] == "insert a blank":
            assert drive.tray_is_open
            assert len(list(scratch.iterdir())) == 1
            drive.insert(media.overwritable(Profile.DVD_PLUS_RW, image))
        elif said[-1] == "explained":
            assert drive.writes() == []
            drive.open_tray()
            drive.insert(media.blank(Profile.DVD_R))
    child.wait(timeout=20)
    assert child.returncode == 0, (said, child.stderr.read()[-3000:])
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert list(scratch.iterdir()) == []
    assert "read back" in " ".join(said)
    assert said[-1] == "closed"
