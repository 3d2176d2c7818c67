# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian package: built as anyone builds it, looked into, and run from where it was unpacked.

Building fetches Python packages from the index; where that can't be reached the tests are skipped.
"""

import gzip
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from discwright import APP_ID, __version__
from discwright.cli.arguments import parser

pytestmark = pytest.mark.timeout(900)

CHECKOUT = Path(__file__).parent.parent.parent
PYTHON = "/usr/bin/python3"
SEEDED = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

NOT_HERE = {
    "after connection broken": "the index of Python packages can't be reached",
    "takes an administrator": "what building needs isn't installed, and installing it takes root",
    "needs the release's own": "this release's own Python is older than 3.11",
    "those for amd64": "the package is made for amd64",
    "is built on Debian": "this is no Debian or Ubuntu",
}
"""What build.sh or pip says, and the reason that is given for skipping."""


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    settings = {"capture_output": True, "text": True, "timeout": 800, "check": False, **options}
    return subprocess.run([str(word) for word in command], **settings)  # noqa: PLW1510


def build(checkout: Path, output: Path, **environment: str) -> Path:
    """Build the package, not compressed to save time; gives its path."""
    built = run(
        checkout / "packaging" / "deb" / "build.sh",
        output,
        env={**os.environ, "DPKG_DEB_COMPRESSOR_TYPE": "none", **environment},
    )
    for words, reason in NOT_HERE.items():
        if built.returncode and words in built.stderr:
            pytest.skip(reason)
    assert built.returncode == 0, built.stderr
    return Path(built.stdout.strip())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(CHECKOUT, tmp_path_factory.mktemp("built"), SOURCE_DATE_EPOCH="1700000000")


@pytest.fixture(scope="module")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the package is unpacked in, not installed."""
    folder = tmp_path_factory.mktemp("unpacked")
    assert run("dpkg-deb", "--extract", package, folder).returncode == 0
    return folder


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """Give an environment that knows neither the checkout nor the user's files."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    return {
        **SEEDED,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
        "QT_QPA_PLATFORM": "offscreen",
    }


def field(package: Path, name: str) -> str:
    return run("dpkg-deb", "--field", package, name).stdout.strip()


def names_in(relations: str) -> set[str]:
    """Give the names of packages in a field such as Depends."""
    return {word.split()[0] for word in re.split(r"[,|]", relations) if word.strip()}


def libraries_of_the_window(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*.so*") if path.is_file())


def test_another_checkout_gives_the_same_package_to_the_byte(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "somewhere else"
    unused = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("app", "resources", "packaging"):
        shutil.copytree(CHECKOUT / folder, other / folder, ignore=unused)
    shutil.copy(CHECKOUT / "CHANGELOG.md", other)
    again = build(
        other, tmp_path, SOURCE_DATE_EPOCH="1700000000", TZ="Asia/Tokyo", LANG="de_DE.UTF-8"
    )
    assert again.name == package.name
    assert again.read_bytes() == package.read_bytes()


def test_the_package_has_the_version_of_the_program(package: Path) -> None:
    assert field(package, "Version").partition("-")[0] == __version__
    assert package.name == f"discwright_{field(package, 'Version')}_amd64.deb"


def test_files_belong_to_root_and_nobody_else_may_write_to_them(package: Path) -> None:
    unpack = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True
    )
    (package.parent / "files.tar").write_bytes(unpack.stdout)
    with tarfile.open(package.parent / "files.tar") as files:
        members = files.getmembers()
    outside = {"./usr/bin", "./usr/lib/discwright", "./usr/share"}
    for member in members:
        assert (member.uid, member.gid) == (0, 0), member.name
        assert member.issym() or not member.mode & 0o7022, member.name
        assert member.isfile() or member.isdir() or member.issym(), member.name
        assert not member.linkname.startswith("/"), member.name
        if not member.isdir():
            assert any(member.name.startswith(f"{place}/") for place in outside), member.name
        assert "__pycache__" not in member.name
        assert not member.name.endswith((".pyc", ".pyi", "~", ".orig"))


def test_the_package_holds_no_path_of_the_machine_that_built_it(tree: Path) -> None:
    foreign = [os.fsencode(CHECKOUT), b"/tmp/tmp.", os.fsencode(Path.home()) + b"/"]
    found = [
        (path.relative_to(tree), word)
        for path in tree.rglob("*")
        if path.is_file()
        for word in foreign
        if word in path.read_bytes()
    ]
    assert found == []


def test_each_library_finds_what_it_needs(tree: Path) -> None:
    lost = {
        f"{path.name}: {line.strip()}"
        for path in libraries_of_the_window(tree)
        if path.name != "libqgtk3.so"  # Qt goes on without it where GTK isn't there
        for line in run("ldd", path, env=SEEDED).stdout.splitlines()
        if "not found" in line or ("libQt6" in line and str(tree) not in line)
    }
    assert lost == set()
    assert any(path.name == "libqxcb.so" for path in libraries_of_the_window(tree))
    assert any(path.name == "libqwayland.so" for path in libraries_of_the_window(tree))


def test_every_program_that_is_called_comes_with_the_package_or_is_named(package: Path) -> None:
    relations = {"Depends", "Recommends", "Suggests"}
    named = set().union(*(names_in(field(package, relation)) for relation in relations))
    sources = "\n".join(p.read_text(encoding="utf-8") for p in (CHECKOUT / "app").rglob("*.py"))
    for program, provider in {
        "xorriso": "xorriso", "cdrdao": "cdrdao", "cdrskin": "cdrskin", "wimlib-imagex": "wimtools",
        "xz": "xz-utils", "zstd": "zstd", "lz4": "lz4",
    }.items():  # fmt: skip
        assert f'"{program}"' in sources, f"{program} is not called any more"
        assert provider in named
    assert {"udisks2", "dosfstools", "exfatprogs", "libudev1", "python3"} <= named
    assert {"libcdio19", "libcdio19t64"} & named


def test_the_package_is_for_one_python_only(package: Path) -> None:
    depends = field(package, "Depends")
    minor = int(run(PYTHON, "-c", "import sys; print(sys.version_info.minor)").stdout)
    assert f"python3 (>= 3.{minor}), python3 (<< 3.{minor + 1})" in depends


def test_the_desktop_finds_entry_icons_and_description(tree: Path) -> None:
    for program in ("desktop-file-validate", "appstreamcli"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    entry = tree / "usr" / "share" / "applications" / f"{APP_ID}.desktop"
    checked = run("desktop-file-validate", "--no-hints", entry)
    assert (checked.returncode, checked.stdout) == (0, "")
    checked = run("appstreamcli", "validate-tree", "--no-net", tree)
    assert checked.returncode == 0, checked.stdout
    icons = tree / "usr" / "share" / "icons" / "hicolor"
    assert (icons / "scalable" / "apps" / f"{APP_ID}.svg").is_file()
    assert (icons / "symbolic" / "apps" / f"{APP_ID}-symbolic.svg").is_file()


def test_files_are_offered_to_be_opened_and_not_taken_over(tree: Path) -> None:
    assert not [*tree.rglob("*mimeapps.list"), *tree.rglob("defaults.list")]
    entry = (tree / "usr" / "share" / "applications" / f"{APP_ID}.desktop").read_text("utf-8")
    assert "MimeType=" in entry
    assert "InitialPreference" not in entry


def test_the_manual_page_has_every_option(tree: Path) -> None:
    page = tree / "usr" / "share" / "man" / "man1" / "discwright.1.gz"
    text = gzip.decompress(page.read_bytes()).decode()
    sections = dict(re.findall(r"(?ms)^\.SS (\w+)$(.*?)(?=^\.S[SH] )", text))
    (commands,) = (a.choices for a in parser()._actions if isinstance(a.choices, dict))
    assert set(sections) == set(commands)
    for name, command in commands.items():
        plain = sections[name].replace(r"\-", "-")
        for action in command._actions:
            for option in action.option_strings:
                if option not in {"-h", "--help"}:
                    assert rf"\fB{option}\fR" in plain, f"{name} {option}"


def test_the_manual_page_can_be_read(tree: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    page = tree / "usr" / "share" / "man" / "man1" / "discwright.1.gz"
    read = run("man", "--warnings", "--local-file", page, env={**SEEDED, "MANWIDTH": "80"})
    assert (read.returncode, read.stderr) == (0, "")
    assert "EXIT STATUS" in read.stdout
    assert "compared and different" in read.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ver"], "verify"),
        (["rip", "/dev/sr0", "--resu"], "--resume"),
        (["burn", "a.iso", "--blank", "f"], "fast full"),
        (["inspect", "a"], ""),
    ],
)
def test_bash_completes_commands_options_and_choices(
    tree: Path, words: list[str], offered: str
) -> None:
    file = tree / "usr" / "share" / "bash-completion" / "completions" / "discwright"
    script = (
        'source "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _discwright; '
        'echo "${COMPREPLY[@]}"'
    )
    completed = run("bash", "-euc", script, "bash", file, "discwright", *words)
    assert (completed.stdout.strip(), completed.stderr) == (offered, "")


def test_it_rips_an_image_from_where_it_was_unpacked(
    tree: Path, surroundings: dict[str, str], tmp_path: Path
) -> None:
    program = tree / "usr" / "bin" / "discwright"
    told = run(program, "--version", env=surroundings, cwd=tmp_path)
    assert (told.stdout, told.stderr) == (f"discwright {__version__}\n", "")
    (tmp_path / "file.txt").write_text("hello\n" * 10_000)
    source = tmp_path / "source.iso"
    made = run("xorriso", "-as", "mkisofs", "-quiet", "-o", source, tmp_path / "file.txt")
    assert made.returncode == 0, made.stderr
    ripped = run(program, "rip", source, "copy.iso", env=surroundings, cwd=tmp_path)
    assert ripped.returncode == 0, ripped.stderr
    assert (tmp_path / "copy.iso").read_bytes() == source.read_bytes()
    assert run("sha256sum", "-c", "copy.iso.sha256", cwd=tmp_path).returncode == 0


WINDOW = """
import os, sys
sys.path.insert(0, sys.argv[1] + "/usr/lib/discwright")
from discwright.gui.icons import app_icon, icon
from discwright.gui.main import application
from discwright.gui.window import Window
from discwright.optical.libcdio import library
from PySide6.QtGui import QImageReader
import importlib, pkgutil, discwright
for one in pkgutil.walk_packages(discwright.__path__, "discwright."):
    if not one.name.endswith("__main__"):
        importlib.import_module(one.name)
app = application([])
window = Window()
window.show()
app.processEvents()
assert window.isVisible()
assert b"svg" in [bytes(kind) for kind in QImageReader.supportedImageFormats()]
assert not app_icon().pixmap(64, 64).isNull()
assert any(icon("disc").pixmap(16, 16).toImage().constBits())
library()
places = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
ours = (sys.argv[1], sys.base_prefix + "/lib/python3")  # relative ones are built into a library
foreign = [place for place in places if place[:1] == "/" and not place.startswith(ours)]
print(*sorted(foreign), sep="\\n", flush=True)
os._exit(0)  # the threads of the window end with it
"""


def test_the_window_opens_with_nothing_but_what_is_in_the_package(
    tree: Path, surroundings: dict[str, str], tmp_path: Path
) -> None:
    opened = run(PYTHON, "-IB", "-c", WINDOW, tree, env=surroundings, cwd=tmp_path)
    assert (opened.returncode, opened.stdout.strip(), opened.stderr) == (0, "", "")
    assert not [*tree.rglob("__pycache__")]


def test_the_pinned_versions_are_such_as_the_program_asks_for() -> None:
    lines = (CHECKOUT / "packaging/deb/requirements.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"(?m)^([\w-]+)==(\S+)", lines))
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert pins[wanted.name.lower()] in wanted.specifier, wanted


def test_the_copyright_names_each_licence_and_gives_its_text(tree: Path) -> None:
    text = (tree / "usr/share/doc/discwright/copyright").read_text(encoding="utf-8")
    stanzas = [s for s in text.split("\n\n") if s.strip()]
    used = {
        name
        for stanza in stanzas
        if stanza.startswith("Files:")
        for name in re.split(r", and | or ", re.search(r"(?m)^License: (.*)$", stanza)[1])
    }
    explained = {s.split()[1] for s in stanzas if s.startswith("License:")}
    assert used == explained
    private = tree / "usr" / "lib" / "discwright"
    for part in private.iterdir():
        if part.name != "discwright":
            assert f"usr/lib/discwright/{part.name.partition('.')[0]}" in text, part.name


def test_lintian_has_nothing_to_say(package: Path) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    own = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball"
    checked = run(
        "lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", own, package
    )
    assert (checked.returncode, checked.stdout) == (0, "")
