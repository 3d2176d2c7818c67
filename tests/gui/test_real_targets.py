# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way through the real rooms: a file stands for the disc, another one for the stick."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.devices.model import Stick
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import TargetOptions, judge_target
from discwright.gui import writing
from discwright.gui.burning import Burner
from discwright.gui.ports import Ports
from discwright.gui.warming import STEPS
from discwright.gui.writing import Place
from discwright.image.sample import make_sample
from discwright.transfer.outcome import State

from .conftest import Open, button, choose, click, settle, texts
from .fake_targets import facts
from .fakes import Bench, blank_disc, stick
from .test_burning import burner
from .test_disc_page import answer


@pytest.mark.skipif(shutil.which("xorriso") is None, reason="xorriso is not installed")
def test_the_sample_is_burned_to_a_file_that_stands_for_a_disc(
    qtbot: QtBot, open_window: Open, bench: Bench, real: Ports, tmp_path: Path
) -> None:
    image, written = make_sample(tmp_path / "sample.iso"), tmp_path / "disc.img"
    node = f"stdio:{written}"
    bench.devices = (burner(),)
    bench.discs["/dev/sr0"] = blank_disc()
    ports = replace(
        real,
        look=bench.ports().look,
        burner=lambda _node, cancel: Burner(
            "/dev/sr0", read_target(node, cancel), look_around(node)
        ),
    )
    window = open_window(ports)
    window.page.burn(image, "/dev/sr0")
    settle(qtbot, window)
    click(qtbot, button(window, "Burn"))
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=60_000)
    outcome = window.page.result.outcome
    assert outcome.state is State.COMPLETE, outcome
    assert "read back and compared" in texts(window.stack)
    size = image.stat().st_size
    assert written.read_bytes()[:size] == image.read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_an_image_is_written_to_a_file_that_stands_for_a_stick(
    qtbot: QtBot, open_window: Open, bench: Bench, real: Ports, tmp_path: Path, packed: bool
) -> None:
    image, file = tmp_path / "disk.img", tmp_path / "stick"
    head = bytearray(512)
    head[446:462] = bytes([0x80, 0, 0, 0, 0x0C, 0, 0, 0, 8, 0, 0, 0, 0, 8, 0, 0])
    head[510:512] = b"\x55\xaa"
    content = bytes(head) + bytes(range(256)) * 8192
    image.write_bytes(content)
    if packed:
        subprocess.run(["gzip", "-k", str(image)], check=True)
        image = image.with_name("disk.img.gz")
    file.write_bytes(b"\xee" * (4 << 20))
    bench.devices = (replace(stick(), size=4 << 20),)

    def work(plans, each):
        target = judge_target(survey_target(str(file)), TargetOptions(allow_file=True))
        return writing.write_work([replace(plan, stick=target) for plan in plans], each)

    ports = replace(
        real,
        place=lambda node, **_kind: Place(
            facts(node, identity=replace(facts().identity, size=4 << 20))
        ),
        write_work=work,
    )
    window = open_window(ports)
    window.open_paths([str(image)])
    settle(qtbot, window)
    assert "Image of a disk" in texts(window.stack) or packed
    click(qtbot, button(window, "Write USB stick…"))
    settle(qtbot, window)
    view = window.page.task.view
    if not view.go.isEnabled():
        view.consent.box.setChecked(True)
    asked = answer("Overwrite")
    click(qtbot, view.go)
    qtbot.waitUntil(lambda: window.page.result is not None, timeout=60_000)
    assert asked
    outcome = window.page.result.outcome
    assert outcome.state is State.COMPLETE, outcome
    assert file.read_bytes()[: len(content)] == content


def test_a_stick_in_the_list_that_is_no_stick_is_refused(
    qtbot: QtBot, open_window: Open, bench: Bench, real: Ports, tmp_path: Path
) -> None:
    file = tmp_path / "precious"
    file.write_bytes(b"\xee" * (4 << 20))
    bench.devices = (Stick(str(file), "A", "B", "C", "usb", 4 << 20, 1),)
    window = open_window(real)
    choose(qtbot, window, str(file))
    window.page.write(make_sample(tmp_path / "sample.iso"), str(file))
    settle(qtbot, window)
    assert "is a file, not a USB stick" in window.page.task.view.message.text
    assert not window.page.task.view.go.isEnabled()


WARM = """
import importlib, sys
from discwright.gui.warming import STEPS
import discwright.gui.window
for step in STEPS:
    importlib.import_module(step)
before = set(sys.modules)
import discwright.gui.pages.source, discwright.gui.pages.stick, discwright.gui.burn_task
import discwright.gui.write_task, discwright.gui.pages.working, discwright.rip.run
import discwright.devices.opening, discwright.burn.plan, discwright.stick.plan
print(*sorted(name for name in set(sys.modules) - before if name.startswith("discwright")))
"""


def test_what_is_loaded_ahead_is_there_and_is_all_that_the_first_disc_needs() -> None:
    assert len(set(STEPS)) == len(STEPS)
    done = subprocess.run(
        [sys.executable, "-c", WARM], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
