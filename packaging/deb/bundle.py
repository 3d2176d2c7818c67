# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out /usr/lib/discwright: the program, and of the Python packages what it uses.

Usage: bundle.py PACKAGES CHECKOUT TARGET, where PACKAGES is a folder that pip installed into.
Prints the bundled ELF files whose system libraries the package depends on, one a line.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PYTHON_PACKAGES = (
    "pycdlib", "pyudev", "jeepney", "platformdirs", "defusedxml", "xxhash",
    "shiboken6",
    "pycdio.py", "_pycdio*.so",
)  # fmt: skip
UNUSED = shutil.ignore_patterns("*.pyi", "py.typed", "__pycache__", "tests", "include", "lib")

PYSIDE = ("__init__.py", "_config.py", "_git_pyside_version.py")
PYSIDE_SUPPORT = ("__init__.py", "deprecated.py")

PLUGINS = {
    "platforms": ("libqxcb.so", "libqwayland.so", "libqoffscreen.so"),  # the last one for tests
    "platformthemes": ("libqxdgdesktopportal.so", "libqgtk3.so"),  # file dialogs, dark mode
    "platforminputcontexts": (
        "libcomposeplatforminputcontextplugin.so",
        "libibusplatforminputcontextplugin.so",
    ),
    "xcbglintegrations": ("libqxcb-egl-integration.so", "libqxcb-glx-integration.so"),
    "wayland-decoration-client": ("libadwaita.so", "libbradient.so"),
    "wayland-graphics-integration-client": ("libqt-plugin-wayland-egl.so",),
    "wayland-shell-integration": ("libxdg-shell.so",),
    "iconengines": ("libqsvgicon.so",),
    "imageformats": ("libqsvg.so",),
}

OPTIONAL = {"libqgtk3.so"}
"""Qt passes these over if their libraries are missing: suggested, not depended on."""


def copy(source: Path, target: Path) -> Path:
    """Copy a file, or a folder without what is unused; gives where it went."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=UNUSED)
    else:
        shutil.copyfile(source, target)
    return target


def qt_modules(app: Path) -> set[str]:
    """Give the modules of PySide6 that the program imports, such as QtWidgets."""
    found = set()
    for file in app.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
                found.add(str(node.module).split(".")[1])
    return found


def needed(file: Path) -> set[str]:
    """Give the names of the shared libraries that an ELF file asks for."""
    text = subprocess.run(
        ["/usr/bin/readelf", "--dynamic", "--wide", str(file)],
        check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
    ).stdout  # fmt: skip
    return {line.rpartition("[")[2].rstrip("]") for line in text.splitlines() if "(NEEDED)" in line}


def copy_qt(packages: Path, app: Path, target: Path) -> None:
    """Copy the modules that are used, their plugins, and the libraries that these need."""
    source, target = packages / "PySide6", target / "PySide6"
    for name in PYSIDE:
        copy(source / name, target / name)
    for name in PYSIDE_SUPPORT:
        copy(source / "support" / name, target / "support" / name)
    modules = [Path(f"{module}.abi3.so") for module in sorted(qt_modules(app))]
    plugins = [Path("Qt", "plugins", kind, name) for kind in PLUGINS for name in PLUGINS[kind]]
    todo = [copy(source / part, target / part) for part in modules + plugins]
    while todo:
        for name in sorted(needed(todo.pop())):
            for part in (Path(name), Path("Qt", "lib", name)):
                if (source / part).exists() and not (target / part).exists():
                    todo += [copy(source / part, target / part)]


def elf_files(folder: Path) -> Iterator[Path]:
    """Give the ELF files below a folder, in the order of their names."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                if opened.read(4) == b"\x7fELF":
                    yield file


def main(packages: Path, checkout: Path, target: Path) -> None:
    """Fill ``target``, which need not exist."""
    app = checkout / "app" / "discwright"
    copy(app, target / "discwright")
    for pattern in PYTHON_PACKAGES:
        (source,) = packages.glob(pattern)
        copy(source, target / source.name)
    copy_qt(packages, app, target)
    for file in elf_files(target):
        subprocess.run(["/usr/bin/strip", "--strip-unneeded", str(file)], check=True)
        if file.name not in OPTIONAL:
            print(file)  # noqa: T201 - what it is run for


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
