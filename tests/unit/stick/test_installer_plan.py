# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan to copy a Windows installer says and refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.devices.identity import Identity
from discwright.image.contents import Contents, DiscFile, Run
from discwright.image.volumes import FileSystem
from discwright.stick.installer_names import cluster_of, fat_label, name_problem, room_for, room_on
from discwright.stick.installer_plan import (
    InstallerOptions,
    InstallerPlan,
    PartitionTable,
    plan_installer,
)
from discwright.stick.installer_source import InstallerSource
from discwright.transfer.outcome import Refusal

from .installer_disc import STICK, tools

GIB = 1 << 30
FILES = {
    "bootmgr": 400_000,
    "bootmgr.efi": 1_900_000,
    "boot/bootsect.exe": 100_000,
    "efi/boot/bootx64.efi": 1_900_000,
    "efi/microsoft/boot/bcd": 16_384,
    "setup.exe": 90_000,
    "sources/boot.wim": 400_000_000,
    "sources/install.wim": 3 * GIB,
}


def source(files=FILES, **changes) -> InstallerSource:
    offset, made = 1 << 20, []
    for path, size in files.items():
        made.append(DiscFile(tuple(path.split("/")), size, (Run(offset, size),) if size else ()))
        offset += size
    folders = {file.parts[:depth] for file in made for depth in range(1, len(file.parts))}
    contents = Contents(FileSystem.UDF, tuple(made), tuple(sorted(folders)))
    return replace(
        InstallerSource("/images/win.iso", contents, "CCCOMA_X64FRE_EN-US_DV9"), **changes
    )


def planned(files=FILES, stick=STICK, options=None, **changes) -> InstallerPlan:
    plan = plan_installer(source(files, **changes), stick, tools(), options)
    assert isinstance(plan, InstallerPlan), plan
    return plan


def refused(files=FILES, stick=STICK, options=None, with_tools=None, **changes) -> Refusal:
    found = plan_installer(source(files, **changes), stick, with_tools or tools(), options)
    assert isinstance(found, Refusal)
    assert found.message
    assert found.remedy
    return found


def without(*names: str) -> dict[str, int]:
    return {path: size for path, size in FILES.items() if path not in names}


def test_what_makes_the_stick_start_comes_last():
    plan = planned()
    last = {file.path for file in plan.loaders}
    assert last == {"bootmgr", "bootmgr.efi", "efi/boot/bootx64.efi"}
    assert {file.path for file in plan.files} | last == set(FILES)
    assert plan.split is None
    assert not plan.password_needed


def test_files_are_read_in_the_order_in_which_they_lie_on_the_disc():
    offsets = [file.offset for file in planned().files]
    assert offsets == sorted(offsets)


def test_it_says_that_uefi_starts_and_bios_does_not_and_what_helps():
    plan = planned()
    assert "UEFI (x64) start" in plan.boot
    assert "BIOS only won't" in plan.boot
    assert "bootsect /nt60" in plan.boot
    assert plan.boot in plan.warnings


def test_the_advice_for_bios_is_given_only_where_it_helps():
    gpt = InstallerOptions(table=PartitionTable.GPT)
    assert "bootsect" not in planned(options=gpt).boot
    assert "bootsect" not in planned(without("boot/bootsect.exe")).boot


@pytest.mark.parametrize(
    ("loader", "kind"),
    [("bootia32.efi", "IA-32"), ("BOOTAA64.EFI", "ARM64"), ("bootarm.efi", "ARM")],
)
def test_other_processors_are_named(loader, kind):
    files = without("efi/boot/bootx64.efi") | {f"EFI/Boot/{loader}": 1000}
    assert f"UEFI ({kind})" in planned(files).boot


def test_without_a_loader_for_uefi_it_is_refused_unless_wanted():
    files = without("efi/boot/bootx64.efi")
    assert refused(files).kind == "no-uefi"
    plan = planned(files, options=InstallerOptions(unbootable_ok=True))
    assert plan.boot == "No computer will start from this stick."


def test_a_loader_without_content_starts_nothing():
    assert refused(FILES | {"efi/boot/bootx64.efi": 0}).kind == "no-uefi"


def test_a_large_install_wim_is_split():
    plan = planned(FILES | {"sources/install.wim": 5 * GIB})
    assert plan.split is not None
    assert plan.split.path == "sources/install.wim"
    assert plan.split not in plan.files
    assert any("split" in warning for warning in plan.warnings)


@pytest.mark.parametrize(("size", "split"), [((1 << 32) - 1, False), (1 << 32, True)])
def test_fat_ends_one_byte_below_4_gib(size, split):
    assert (planned(FILES | {"sources/install.wim": size}).split is not None) is split


def test_without_wimlib_it_says_what_to_install():
    files = FILES | {"sources/install.wim": 5 * GIB}
    told = refused(files, with_tools=tools(wimlib=""))
    assert told.kind == "no-wimlib"
    assert "wimtools" in told.remedy
    assert isinstance(plan_installer(source(), STICK, tools(wimlib="")), InstallerPlan)


def test_splitting_needs_room_elsewhere_for_a_while():
    files = FILES | {"sources/install.wim": 5 * GIB}
    assert refused(files, with_tools=tools(scratch_free=5 * GIB)).kind == "no-scratch"
    assert refused(files, with_tools=tools(scratch_problem="No.")).message == "No."
    enough = tools(scratch_free=6 * GIB)
    assert isinstance(plan_installer(source(files), STICK, enough), InstallerPlan)
    unknown = tools(scratch_free=None)
    assert isinstance(plan_installer(source(files), STICK, unknown), InstallerPlan)


@pytest.mark.parametrize("name", ["sources/install.esd", "sources/other.wim", "movie.bin"])
def test_other_large_files_are_refused(name):
    told = refused(FILES | {name: 5 * GIB})
    assert told.kind == "file-too-big"
    assert name in told.message


def test_a_wim_that_is_packed_as_one_is_refused():
    files = FILES | {"sources/install.wim": 5 * GIB}
    told = refused(files, unsplittable=frozenset({"sources/install.wim"}))
    assert told.kind == "file-too-big"
    assert "can't be split" in told.remedy


@pytest.mark.parametrize(
    "name",
    ["a:b", "what?", 'say "x"', "a|b", "a\\b", "tab\t", "end.", "end ", "x" * 256, "\ud800", "con",
     "NUL.txt", "Com1.tar.gz", "lpt³", "aux .x", f"{'x' * 100}/{'y' * 100}/{'z' * 100}"],
)  # fmt: skip
def test_names_that_fat_cannot_have_are_refused(name):
    assert refused(FILES | {f"sources/{name}": 1}).kind == "names"


@pytest.mark.parametrize(
    "name",
    ["ein langer Name.mit.Punkten", "Größe €", ".hidden", "x" * 255, "console", "COM10.x", "a~1"],
)
def test_names_that_fat_can_have_are_taken(name):
    assert name_problem(name) == ""
    planned(FILES | {name: 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [("Setup.EXE", "setup.exe"), ("sources/GRÖSSE", "Sources/größe"), ("bootmgr/x", "bootmgr")],
)
def test_names_that_are_one_on_fat_are_refused(one, other):
    told = refused(FILES | {one: 1, other: 2})
    assert told.kind == "clash"


@pytest.mark.parametrize("name", ["sources/install.swm", "Sources/Install2.SWM"])
def test_a_file_where_a_part_of_install_wim_may_lie_is_refused(name):
    files = FILES | {"sources/install.wim": 5 * GIB, name: 1}
    assert refused(files).kind == "clash"


def test_a_small_stick_is_refused_before_anything_is_lost():
    small = replace(STICK, identity=Identity(3 * GIB))
    told = refused(stick=small)
    assert told.kind == "too-big"
    assert "larger stick" in told.remedy


def test_many_small_files_take_whole_clusters():
    files = [DiscFile((f"{n:04}",), 1, ()) for n in range(1000)]
    assert room_for(files, (), 32768) == 1000 * 32768 + 2 * 32768
    many = FILES | {f"small/{n}": 1 for n in range(40_000)}
    large = replace(STICK, identity=Identity(33 * GIB))
    assert planned(many, stick=large).need > planned(stick=large).need + 40_000 * 32768


@pytest.mark.parametrize(
    ("gib", "cluster"), [(1, 4096), (7.9, 4096), (8, 8192), (16, 16384), (32, 32768), (128, 32768)]
)
def test_clusters_are_those_of_mkfs(gib, cluster):
    assert cluster_of(int(gib * GIB)) == cluster
    assert int(gib * GIB) * 0.99 < room_on(int(gib * GIB)) + 8_000_000 < int(gib * GIB) + 8_000_000


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"regular_file": True}, "file"),
        ({"identity": Identity(3 << 40)}, "too-large"),
    ],
)
def test_sticks_that_cannot_serve_are_refused(changes, kind):
    assert refused(stick=replace(STICK, **changes)).kind == kind


def test_the_stick_that_the_image_lies_on_is_refused():
    assert refused(devices=frozenset({"8:16"})).kind == "image-on-target"


def test_a_system_that_cannot_make_fat_is_told_what_to_install():
    told = refused(with_tools=tools(formatter_missing="mkfs.vfat"))
    assert told.kind == "no-formatter"
    assert "dosfstools" in told.remedy


def test_an_image_of_which_files_are_missing_is_refused():
    hurt = replace(source().contents, damage=("Directories can't be read, at sector 300.",))
    told = refused(contents=hurt)
    assert told.kind == "damaged"
    assert "sector 300" in told.message


@pytest.mark.parametrize("missing", [("sources/install.wim", "sources/boot.wim"), tuple(FILES)])
def test_what_is_no_windows_installer_is_refused(missing):
    assert refused(without(*missing)).kind == "not-an-installer"


def test_what_is_on_the_stick_is_said_to_be_lost():
    plan = planned(stick=replace(STICK, contents=("“Photos” (exfat, 8.00 GB)",)))
    assert "Photos" in plan.warnings[0]


@pytest.mark.parametrize(
    ("label", "fat"),
    [
        ("CCCOMA_X64FRE_EN-US_DV9", "CCCOMA_X64F"),
        ("Größe", "GR_SSE"),
        ("", "WINDOWS"),
        ("___", "WINDOWS"),
        ('a*b"c', "A_B_C"),
    ],
)
def test_the_label_is_one_that_fat_can_have(label, fat):
    assert fat_label(label) == fat


def test_paths_from_a_disc_are_safe_to_show():
    told = refused(FILES | {"sources/\x1b[2J": 1})
    assert told.message.isprintable()


def test_the_source_is_named_by_its_file():
    assert source().name == "win.iso"
    assert Path(source().path).is_absolute()


def test_a_checksum_that_is_not_checked_is_named():
    plan = planned(published="win.iso.sha256")
    assert any("win.iso.sha256 is not checked" in one for one in plan.warnings)
