# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the house: what each file may import, be called, and grow to."""

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import discwright
from discwright import APP_ID
from discwright.assets import asset

CHECKOUT = Path(__file__).parent.parent
APP = CHECKOUT / "app"
SPDX = "# SPDX-License-Identifier: GPL-3.0-or-later"
LINES = 400
LONGER: dict[str, int] = {}
"""Files that may be longer than LINES, and how long. Each needs a reason beside it."""

ROOMS_WITH_QT = {"gui"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools", "base"}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def imported(path: Path) -> set[str]:
    """Give the top-level packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=CHECKOUT,
        **options,
    )


def installed_script(name: str) -> Path:
    """Give the script of this very environment, whatever PATH says."""
    script = Path(sysconfig.get_path("scripts")) / name
    if not script.exists():
        pytest.skip(f"{name} is not installed in this environment")
    return script


def test_arrows_between_rooms_point_down_only() -> None:
    result = run(installed_script("lint-imports"), "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_room_stands_in_the_arrows() -> None:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    found = {
        f"discwright.{path.stem}"
        for path in (APP / "discwright").iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert found <= placed


def test_only_the_window_imports_qt() -> None:
    guilty = [
        named(path)
        for path in python_files("app")
        if imported(path) & {"PySide6", "shiboken6"}
        and path.relative_to(APP / "discwright").parts[0] not in ROOMS_WITH_QT
    ]
    assert guilty == []


def test_the_command_line_starts_without_qt() -> None:
    script = (
        "import sys, discwright.cli.main\n"
        "sys.exit(', '.join(n for n in sys.modules if n.startswith('PySide6')) or 0)"
    )
    result = run(sys.executable, "-c", script)
    assert result.returncode == 0, result.stderr


def test_file_names_say_what_is_inside() -> None:
    vague = [
        named(path)
        for path in python_files("app", "tests")
        if VAGUE & {*path.stem.removeprefix("test_").split("_"), *path.parent.parts[-1:]}
    ]
    assert vague == []


def test_no_file_holds_two_ideas() -> None:
    too_long = {
        named(path): lines
        for path in python_files("app")
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > LONGER.get(named(path), LINES)
    }
    assert too_long == {}


def test_exceptions_for_long_files_are_still_needed() -> None:
    needless = [
        name
        for name in LONGER
        if not (file := CHECKOUT / name).exists()
        or len(file.read_text(encoding="utf-8").splitlines()) <= LINES
    ]
    assert needless == []


def test_each_source_file_names_its_licence_and_its_purpose() -> None:
    lacking = []
    for path in python_files("app", "tests"):
        text = path.read_text(encoding="utf-8")
        if not text:  # an empty __init__.py claims nothing
            continue
        body = text.removeprefix("#!/usr/bin/env python3\n")
        if not body.startswith(SPDX + "\n") or not ast.get_docstring(ast.parse(text)):
            lacking.append(named(path))
    assert lacking == []


def test_each_script_names_its_licence() -> None:
    scripts = [*(CHECKOUT / "packaging").glob("*.sh"), CHECKOUT / ".ci" / "run"]
    assert [named(path) for path in scripts if SPDX not in path.read_text(encoding="utf-8")] == []


def test_the_command_tells_the_version_of_the_package() -> None:
    result = run(installed_script("discwright"), "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert discwright.__version__ in result.stdout.split()


def test_the_changelog_and_the_desktop_data_know_the_version() -> None:
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    released = ET.parse(asset(f"{APP_ID}.metainfo.xml")).findall("releases/release")
    assert discwright.__version__ in headings
    assert discwright.__version__ == released[0].get("version")


def test_the_desktop_entry_is_valid() -> None:
    validator = shutil.which("desktop-file-validate")
    if validator is None:
        pytest.skip("desktop-file-validate is not installed")
    result = run(validator, "--no-hints", asset(f"{APP_ID}.desktop"))
    assert (result.returncode, result.stdout) == (0, "")


def test_the_appstream_data_is_valid() -> None:
    validator = shutil.which("appstreamcli")
    if validator is None:
        pytest.skip("appstreamcli is not installed")
    result = run(validator, "validate", "--no-net", asset(f"{APP_ID}.metainfo.xml"))
    assert result.returncode == 0, result.stdout


def test_the_desktop_entry_and_the_appstream_data_agree() -> None:
    entry = dict(
        line.split("=", 1)
        for line in asset(f"{APP_ID}.desktop").read_text(encoding="utf-8").splitlines()
        if "=" in line
    )
    data = ET.parse(asset(f"{APP_ID}.metainfo.xml"))
    types = [element.text for element in data.findall("provides/mediatype")]
    assert entry["Icon"] == data.findtext("id") == APP_ID
    assert entry["MimeType"].rstrip(";").split(";") == types
    assert asset("icons", "hicolor", "scalable", "apps", f"{APP_ID}.svg").is_file()
    assert asset("icons", "hicolor", "symbolic", "apps", f"{APP_ID}-symbolic.svg").is_file()


def test_symbolic_icons_take_the_colour_of_the_text() -> None:
    drawings = sorted(asset("icons", "symbolic").glob("*.svg"))
    assert drawings
    for drawing in drawings:
        root = ET.parse(drawing).getroot()
        paints = {
            value
            for element in root.iter()
            for name, value in element.attrib.items()
            if name in {"fill", "stroke"}
        }
        assert root.get("viewBox") == "0 0 16 16", drawing.name
        assert paints <= {"none", "currentColor"}, drawing.name


def icons_named_in(path: Path) -> set[str]:
    """Give the names in ``icon("name")`` and ``icon="name"``."""
    words = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            words += node.args[:1] if getattr(node.func, "id", "") == "icon" else []
            words += [word.value for word in node.keywords if word.arg == "icon"]
    return {str(word.value) for word in words if isinstance(word, ast.Constant) and word.value}


def test_each_icon_that_the_window_names_exists() -> None:
    wanted = set().union(*map(icons_named_in, python_files("app/discwright/gui")))
    drawn = {drawing.stem for drawing in asset("icons", "symbolic").glob("*.svg")}
    assert wanted
    assert wanted <= drawn


def test_links_and_pictures_in_the_documents_exist() -> None:
    broken = [
        f"{document.name}: {target}"
        for document in CHECKOUT.glob("*.md")
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (CHECKOUT / target).exists()
    ]
    assert broken == []
