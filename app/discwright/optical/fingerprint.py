# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling whether it is still the same disc, by several signs of which some may be unknown. Pure.

A damaged sector reads today and not tomorrow: a sign that could not be had says nothing.
"""

import hashlib
from collections.abc import Iterable

UNKNOWN = "?"


def sign(data: bytes) -> str:
    """Give a word for an answer of the drive; UNKNOWN for an empty one."""
    return hashlib.blake2b(data, digest_size=8).hexdigest() if data else UNKNOWN


def fingerprint(signs: Iterable[str]) -> str:
    """Join the signs of one disc; always the same ones in the same order."""
    return " ".join(signs)


def same(one: str, other: str) -> bool:
    """Whether two fingerprints may be of one disc: no sign that both know differs."""
    ones, others = one.split(), other.split()
    if not ones or not others:
        return True
    return len(ones) == len(others) and all(
        a == b or UNKNOWN in {a, b} for a, b in zip(ones, others, strict=True)
    )
