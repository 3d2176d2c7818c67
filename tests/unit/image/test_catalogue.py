# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues come from strangers: what they say of an image is read, and nothing else happens."""

from pathlib import Path

import pytest

from discwright.errors import SourceError
from discwright.image.catalogue import is_catalogue, read_catalogue

HEAD = """<?xml version="1.0"?>
<!DOCTYPE datafile PUBLIC "-//Logiqx//DTD ROM Management Datafile//EN"
 "http://www.logiqx.com/Dats/datafile.dtd">
<datafile>
<header><name>Sony - PlayStation</name><version>2026</version></header>
"""
MD5, SHA1 = "AB" * 16, "cd" * 20


def rom(name: str = "Title.bin", size: object = 4096, crc: str = "0000beef", md5: str = MD5) -> str:
    return f'<rom name="{name}" size="{size}" crc="{crc}" md5="{md5}" sha1="{SHA1}"/>'


def game(name: str, *roms: str) -> str:
    return f'<game name="{name}"><category>Games</category>{"".join(roms)}</game>'


@pytest.fixture
def dat(tmp_path: Path):
    def write(body: str, head: str = HEAD) -> Path:
        path = tmp_path / "discs.dat"
        path.write_text(f"{head}{body}</datafile>\n")
        return path

    return write


def test_files_of_the_wanted_size_are_found_with_all_their_checksums(dat):
    path = dat(game("A", rom(size=1)) + game("B (Europe)", rom("B.cue", 99), rom("B.bin")))
    assert is_catalogue(path)
    found = read_catalogue(path, {4096})
    assert (found.name, found.known) == ("Sony - PlayStation", 2)
    (only,) = found.games
    assert only.name == "B (Europe)"
    (content,) = only.content
    assert content.name == "B.bin"
    assert dict(content.digests) == {"crc32": "0000beef", "md5": MD5.lower(), "sha1": SHA1}


def test_a_file_of_the_same_name_is_found_too(dat):
    found = read_catalogue(dat(game("A", rom("Game.ISO", 1))), {4096}, {"game.iso"})
    assert [one.name for one in found.games] == ["A"]


def test_a_sheet_of_the_wanted_size_is_no_disc(dat):
    assert read_catalogue(dat(game("A", rom("A.cue", 4096))), {4096}).games == ()


@pytest.mark.parametrize(
    "broken",
    [rom(size="-1"), rom(size="１２"), rom(size="9" * 30), rom(size=""),
     '<rom name="x" size="4096"/>', '<rom name="x" size="4096" crc="xyz" md5="12"/>'],
)  # fmt: skip
def test_what_says_neither_size_nor_checksum_is_passed_over(dat, broken):
    assert read_catalogue(dat(game("A", broken)), {4096}).games == ()


@pytest.mark.parametrize(
    "text",
    [
        "", "<datafile>", "no catalogue", "<datafile><game></datafile>",
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]><datafile>&b;</datafile>',
        '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><datafile>&a;</datafile>',
        '<?xml version="1.0" encoding="no-such"?><datafile></datafile>',
    ],
)  # fmt: skip
def test_what_is_broken_or_hostile_is_refused_with_a_sentence(tmp_path, text):
    path = tmp_path / "bad.dat"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"bad\.dat is no catalogue"):
        read_catalogue(path, {1})


def test_a_catalogue_that_is_gone_says_so(tmp_path):
    with pytest.raises(SourceError, match="can't be read"):
        read_catalogue(tmp_path / "gone.dat", {1})
    assert not is_catalogue(tmp_path / "gone.dat")


def test_checksum_files_and_images_are_no_catalogues(tmp_path):
    for number, content in enumerate((b"0" * 64 + b"  a.iso\n", bytes(4096), b"<html></html>")):
        path = tmp_path / str(number)
        path.write_bytes(content)
        assert not is_catalogue(path)
