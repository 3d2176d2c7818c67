# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums taken piece by piece are those of the whole."""

import hashlib
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.transfer.digests import ALGORITHMS, DigestSet

ONE_SHOT = {
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "md5": lambda data: hashlib.md5(data).hexdigest(),
    "sha1": lambda data: hashlib.sha1(data).hexdigest(),
    "sha512": lambda data: hashlib.sha512(data).hexdigest(),
    "crc32": lambda data: f"{zlib.crc32(data):08x}",
    "blake2b": lambda data: hashlib.blake2b(data).hexdigest(),
}


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_every_checksum_of_the_pieces_is_that_of_the_whole(pieces):
    digests = DigestSet(ONE_SHOT)
    for piece in pieces:
        for consume in digests.consumers():
            consume(memoryview(piece))
    whole = b"".join(pieces)
    assert digests.hexdigests() == {name: make(whole) for name, make in ONE_SHOT.items()}


def test_one_thread_can_take_all_checksums():
    digests = DigestSet(("sha1", "crc32"))
    digests.update(memoryview(b"123456789"))
    assert digests.hexdigests() == {
        "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
        "crc32": "cbf43926",  # the check value of CRC-32/ISO-HDLC
    }


def test_a_crc32_keeps_its_leading_zeros():
    data = next(
        bytes([a, b]) for a in range(256) for b in range(256) if zlib.crc32(bytes([a, b])) < 1 << 24
    )
    digests = DigestSet(["crc32"])
    digests.update(memoryview(data))
    assert len(digests.hexdigests()["crc32"]) == 8


def test_names_keep_their_order_and_doubles_are_dropped():
    assert DigestSet(("sha1", "md5", "sha1", "crc32", "md5")).names == ("sha1", "md5", "crc32")


@pytest.mark.parametrize("name", ["sha3", "SHA256", "", "sha256 ", "shake_128", "\x1b[2J"])
def test_an_unknown_name_is_refused_with_the_names_that_there_are(name):
    with pytest.raises(ValueError, match=r"There is no checksum .* There are: sha256, md5") as told:
        DigestSet(("sha256", name))
    assert "\x1b" not in str(told.value)


def test_sha256_comes_first():
    assert ALGORITHMS[0] == "sha256"


def test_blake3_is_offered_just_when_its_package_is_there():
    pytest.importorskip("blake3", reason="the package blake3 is not installed")
    digests = DigestSet(["blake3"])
    digests.update(memoryview(b""))
    assert digests.hexdigests()["blake3"].startswith("af1349b9f5f9a1a6")


def test_without_its_package_blake3_is_not_offered(tmp_path):
    script = (
        "import sys; sys.modules['blake3'] = None\n"
        "import importlib.util; find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name == 'blake3' else find(name, *a)\n"
        "from discwright.transfer.digests import ALGORITHMS; print('blake3' in ALGORITHMS)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout == "False\n"
