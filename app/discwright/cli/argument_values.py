# SPDX-License-Identifier: GPL-3.0-or-later
"""What options of the command line may be given; wrong ones raise ArgumentTypeError."""

import argparse

from discwright.wording import _


def hashes(text: str) -> tuple[str, ...]:
    """Take names of checksums, parted by commas; "none" for none."""
    from discwright.transfer.digests import ALGORITHMS  # noqa: PLC0415 - not needed for --help

    if text.strip().lower() == "none":
        return ()
    names = dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in ALGORITHMS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            _("“{name}” is none of {names}").format(
                name=", ".join(unknown) or text, names=", ".join(ALGORITHMS)
            )
        )
    return tuple(names)


def natural(text: str) -> int:
    """Take a whole number."""
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(_("“{text}” is no whole number").format(text=text))
    return int(text)


def speed(text: str) -> float:
    """Take a speed as a factor, with or without an x."""
    number = text.lower().removesuffix("x")
    try:
        speed = float(number)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1000:
        raise argparse.ArgumentTypeError(
            _("“{text}” is no speed; give a factor such as 4 or 8x").format(text=text)
        )
    return speed
