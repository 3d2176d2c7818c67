# SPDX-License-Identifier: GPL-3.0-or-later
"""The same disc is known again though not every sign of it can be read each time."""

import pytest

from discwright.optical.fingerprint import UNKNOWN, fingerprint, same, sign

ONE = fingerprint([sign(b"capacity"), sign(b"toc"), sign(b"descriptor")])


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (ONE, True),
        (fingerprint([sign(b"capacity"), sign(b"toc"), UNKNOWN]), True),
        (fingerprint([sign(b""), sign(b"toc"), sign(b"descriptor")]), True),
        (fingerprint([sign(b"capacity"), sign(b"toc"), sign(b"other")]), False),
        (fingerprint([sign(b"smaller"), sign(b"toc"), UNKNOWN]), False),
        (fingerprint([sign(b"capacity")]), False),
        ("", True),
    ],
)
def test_only_what_both_know_tells_discs_apart(other, verdict):
    assert same(ONE, other) is verdict
    assert same(other, ONE) is verdict
