# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning music in the window: what is told before, overburning, and the proof at the end."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from discwright.burn.image import read_image
from discwright.burn.report import BurnReport
from discwright.burn.surroundings import Surroundings
from discwright.devices.model import MediumState
from discwright.optical.profile import Profile
from discwright.optical.writing_answers import WriteFeatures
from discwright.transfer.outcome import State

from . import fake_targets
from .conftest import Open, button, click, settle, texts
from .fake_targets import medium
from .fakes import Bench, blank_disc, drive

CD = 359_844


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Give a cue sheet of two songs of ten seconds."""
    (tmp_path / "album.bin").write_bytes(bytes(range(256)) * (1500 * 2352 // 256 + 1))
    path = tmp_path / "album.cue"
    path.write_text(
        'FILE "album.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'
        "TRACK 02 AUDIO\nINDEX 01 00:10:00\n"
    )
    return path


@pytest.fixture
def cd(bench: Bench, album: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Have a drive with a blank CD-R, and cdrdao."""
    bench.devices = (drive(state=MediumState.BLANK, kind="CD-R", label=""),)
    bench.discs["/dev/sr0"] = blank_disc()
    bench.targets.media["/dev/sr0"] = blank_cd()
    bench.targets.images[str(album)] = read_image(album)
    have(monkeypatch, "1.2.4")
    return bench


def blank_cd(**changes):
    return medium(
        profile=Profile.CD_R, free_sectors=CD, capacity_sectors=CD, speeds_kb=(706, 1411, 2822),
        features=WriteFeatures(cd_sao=True, test_write=True, underrun_free=True), **changes,
    )  # fmt: skip


def have(monkeypatch: pytest.MonkeyPatch, cdrdao: str) -> None:
    """Have this version of cdrdao, or none, beside xorriso."""
    installed = replace(Surroundings().installed, xorriso="1.5.6", cdrdao=cdrdao)
    monkeypatch.setattr(fake_targets, "Installed", lambda *_versions: installed)


def test_an_album_is_planned_with_its_tracks_and_minutes(
    qtbot: QtBot, open_window: Open, cd: Bench, album: Path
) -> None:
    window = open_window()
    window.page.burn(album, "/dev/sr0")
    settle(qtbot, window)
    assert "2 tracks of music, 0:21" in texts(window.stack)
    qtbot.waitUntil(lambda: "79:58 free" in texts(window.stack))
    assert button(window, "Burn").isEnabled()


def test_without_cdrdao_the_page_says_what_to_install(
    qtbot: QtBot, open_window: Open, cd: Bench, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(monkeypatch, "")
    window = open_window()
    window.page.burn(album, "/dev/sr0")
    settle(qtbot, window)
    assert "apt install cdrdao" in texts(window.stack)
    assert not button(window, "Burn").isEnabled()


def test_overburning_is_offered_for_cds_and_only_done_if_it_is_ticked(
    qtbot: QtBot, open_window: Open, cd: Bench, album: Path
) -> None:
    cd.targets.media["/dev/sr0"] = replace(blank_cd(), free_sectors=1200, capacity_sectors=1200)
    window = open_window()
    window.page.burn(album, "/dev/sr0")
    settle(qtbot, window)
    assert not button(window, "Burn").isEnabled()
    options = window.page.task.options
    options.unfold.setChecked(True)
    options.overburn.setChecked(True)
    qtbot.waitUntil(lambda: "the disc is lost" in texts(window.stack))
    assert button(window, "Burn").isEnabled()


def test_overburning_is_not_offered_for_other_discs(
    qtbot: QtBot, open_window: Open, cd: Bench, album: Path
) -> None:
    cd.targets.media["/dev/sr0"] = medium()
    window = open_window()
    window.page.burn(album, "/dev/sr0")
    settle(qtbot, window)
    assert window.page.task.options.overburn.isHidden()
    assert "Insert a blank CD-R or CD-RW." in texts(window.stack)


def test_the_result_lists_the_tracks_with_their_checksums(
    qtbot: QtBot, open_window: Open, cd: Bench, album: Path
) -> None:
    report = BurnReport(
        State.COMPLETE, "It was burned.", verified=True, target="/dev/sr0", shift_samples=0,
        tracks=(
            {"number": 1, "form": "mode1", "sectors": 750, "digests": {"sha256": "ab" * 32}},
            {"number": 2, "form": "audio", "sectors": 825, "digests": {"sha256": "cd" * 32}},
        ),
    )  # fmt: skip
    cd.targets.doing = lambda *_words: report
    window = open_window()
    window.page.burn(album, "/dev/sr0")
    settle(qtbot, window)
    click(qtbot, button(window, "Burn"))
    qtbot.waitUntil(lambda: window.page.result is not None)
    (listing,) = window.page.result.outcome.lists
    assert listing.lines == (f" 1  data  0:10  {'ab' * 32}", f" 2  music  0:11  {'cd' * 32}")
