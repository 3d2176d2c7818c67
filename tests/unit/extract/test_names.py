# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the names on a disc are, each file gets a place of its own inside the folder."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.extract.names import LONGEST, Rules, lay_out, rules_of, safe_name, stays_inside

ANYWHERE, ON_FAT = rules_of("ext4"), rules_of("vfat")

names = st.text(min_size=1, max_size=300) | st.sampled_from(
    ["..", ".", "a", "A", "a.", "a ", "e\u0301", "\xe9", "con", "x" * 300, "\u202egpj.exe", "a:b"]
)
paths = st.lists(names, min_size=1, max_size=4).map(tuple)


@given(st.lists(paths, max_size=30), st.lists(paths, max_size=30), st.booleans(), st.booleans())
def test_every_file_has_a_place_of_its_own_inside(folders, files, folds, windows):
    directories = []
    for path in (*folders, *(file[:-1] for file in files)):
        directories += [path[:n] for n in range(1, len(path) + 1)]
    rules = Rules(folds=folds, windows=windows)
    places = lay_out(sorted(directories, key=len), files, rules)
    targets = [*set(places.directories.values()) - {()}, *places.files]
    assert len(places.files) == len(files)

    def key(place):
        if not folds:
            return place
        return tuple(
            unicodedata.normalize("NFC", unicodedata.normalize("NFD", part).casefold())
            for part in place
        )

    assert len({key(place) for place in targets}) == len(targets)
    for place in targets:
        assert place[:-1] in {(), *places.directories.values()}
        for part in place:
            assert part not in {"", ".", ".."}
            assert not set(part) & {"/", "\0", "\n", "\u202e"}
            assert 0 < len(part.encode()) <= LONGEST
            assert not (windows and (set(part) & set('"*:<>?\\|') or part[-1] in ". "))


@given(names)
def test_a_safe_name_stays_as_it_is(name):
    for rules in (ANYWHERE, ON_FAT):
        once = safe_name(name, rules)
        assert safe_name(once, rules) == once


@pytest.mark.parametrize(
    ("name", "linux", "fat"),
    [
        ("readme.txt", "readme.txt", "readme.txt"),
        ("Ü 日本 👩\u200d👧", "Ü 日本 👩\u200d👧", "Ü 日本 👩\u200d👧"),
        ("what?.txt", "what?.txt", "what_.txt"),
        ("dots...", "dots...", "dots___"),
        ("..", "__", "__"),
        ("a\x1bb", "a_b", "a_b"),
        ("photo\u202egpj.exe", "photo_gpj.exe", "photo_gpj.exe"),
        ("caf\udce9", "café", "café"),
    ],
)
def test_names_become_what_the_file_system_can_have(name, linux, fat):
    assert safe_name(name, ANYWHERE) == linux
    assert safe_name(name, ON_FAT) == fat


def test_a_long_name_keeps_its_suffix():
    assert safe_name("日" * 200 + ".jpeg", ANYWHERE).endswith("日.jpeg")


def test_names_that_are_one_on_the_target_are_told_apart():
    files = [("README",), ("readme",), ("Readme",)]
    assert lay_out([], files, ANYWHERE).renamed == []
    assert lay_out([], files, ON_FAT).files == [("README",), ("readme (2)",), ("Readme (3)",)]


def test_a_name_that_is_fine_keeps_it_before_one_that_must_change():
    places = lay_out([], [("a\x01",), ("a_",)], ANYWHERE)
    assert places.files == [("a_ (2)",), ("a_",)]


def test_a_file_and_a_folder_of_one_name_are_both_kept():
    places = lay_out([("a",), ("a", "b")], [("a",), ("a", "c")], ANYWHERE)
    assert places.files == [("a (2)",), ("a", "c")]


@pytest.mark.parametrize(
    ("link", "depth", "inside"),
    [
        ("a", 0, True),
        ("./a/b", 0, True),
        ("../a", 1, True),
        ("../a", 0, False),
        ("../../a", 1, False),
        ("/etc/passwd", 3, False),
        ("/", 3, False),
        ("a/../../b", 2, False),  # a may be a link that leads elsewhere
        ("", 0, False),
        ("x" * 5000, 0, False),
    ],
)
def test_only_links_that_stay_inside_are_made(link, depth, inside):
    assert stays_inside(link, depth) is inside
