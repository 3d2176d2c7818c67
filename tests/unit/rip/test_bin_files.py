# SPDX-License-Identifier: GPL-3.0-or-later
"""Image and sheet get their names together; what fails costs neither the old files nor the new."""

from discwright.rip.bin_files import BinFiles


def test_a_disk_that_fills_up_meanwhile_still_takes_the_sheet(tmp_path):
    with BinFiles(tmp_path / "a.bin", tmp_path / "a.cue", 1 << 20) as files:
        assert (tmp_path / "a.cue.part").stat().st_blocks * 512 >= 64 * 1024
        files.image.write(memoryview(b"image"))
        files.name("sheet", overwrite=False)
    assert (tmp_path / "a.cue").read_bytes() == b"sheet"
    assert (tmp_path / "a.cue").stat().st_blocks * 512 < 64 * 1024
