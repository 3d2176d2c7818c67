# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a burn can't be: the wishes, the image, the drive and its surroundings. Pure."""

from discwright.burn.image import BurnImage
from discwright.burn.options import BurnOptions
from discwright.burn.programs import no_xorriso
from discwright.burn.surroundings import Surroundings, refuse_busy
from discwright.optical.writable import WritableMedium
from discwright.transfer.digests import ALGORITHMS
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown

MOST_COPIES = 999
MOST_RETRIES = 1000
MOST_TIMES = 1000


def refuse_options(options: BurnOptions) -> Refusal | None:
    """Refuse wishes that make no sense."""
    unknown = [name for name in options.hashes if name not in ALGORITHMS]
    if unknown:
        return Refusal(
            "hash",
            _("There is no checksum called “{name}” here.").format(name=shown(unknown[0])),
            _("Choose from: {names}.").format(names=", ".join(ALGORITHMS)),
        )
    if options.speed is not None and not 0 < options.speed <= MOST_TIMES:
        return Refusal("speed", _("The speed must be a factor such as 4 or 8."))
    if not 1 <= options.copies <= MOST_COPIES:
        return Refusal(
            "copies", _("The number of copies must be from 1 to {n}.").format(n=MOST_COPIES)
        )
    if not 0 <= options.retries <= MOST_RETRIES:
        return Refusal(
            "retries", _("The number of retries must be from 0 to {n}.").format(n=MOST_RETRIES)
        )
    return None


def refuse_image(image: BurnImage) -> Refusal | None:
    """Refuse what is no whole image of a disc."""
    if image.problem is not None:
        return image.problem
    if not image.sectors:
        return Refusal("empty", _("{name} is empty.").format(name=image.name))
    again = _("Get the image again.")
    if image.odd_bytes:
        return Refusal(
            "truncated",
            _("{name} ends within a sector: it was cut off, or is no disc image.").format(
                name=image.name
            ),
            again,
        )
    if image.wholeness.truncated:
        return Refusal("truncated", image.wholeness.message, again)
    return None


def refuse_burner(medium: WritableMedium, surroundings: Surroundings) -> Refusal | None:
    """Refuse if the program is missing or the drive can't be had."""
    if not surroundings.installed.xorriso:
        return no_xorriso()
    if surroundings.problem is not None:
        return surroundings.problem
    return refuse_busy(medium.node, surroundings.holders, surroundings.packet_device)
