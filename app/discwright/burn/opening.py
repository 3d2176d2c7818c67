# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what a planned burn writes: the image as it was looked at, or nothing."""

from pathlib import Path

from discwright.burn.feed import Feed, ImageFileFeed, SectorFeed
from discwright.burn.plan import BurnPlan
from discwright.burn.track_feed import TrackFeed
from discwright.errors import SourceError
from discwright.optical.fingerprint import same
from discwright.optical.iso_file import IsoFile
from discwright.optical.source import open_source
from discwright.wording import _


def open_feed(plan: BurnPlan) -> Feed:
    """Open an image file that was looked at. Raises SourceError if it can't be, or was changed."""
    image, hashes = plan.image, plan.options.hashes
    opened = open_source(image.source)
    try:
        if image.fingerprint and opened.fingerprint() != image.fingerprint:
            raise SourceError(
                _("The image {name} was changed since it was looked at.").format(name=image.name),
                remedy=_("Look at it again, then burn it."),
            )
        if plan.recording is not None:
            return TrackFeed(image, plan.recording, opened, hashes)
        if isinstance(opened.reader, IsoFile):
            feed = ImageFileFeed(Path(image.source), image.sectors, hashes)
            opened.close()
            return feed
    except BaseException:
        opened.close()
        raise

    def unchanged() -> bool:
        return same(opened.fingerprint(), image.fingerprint)

    return SectorFeed(opened.reader, image.sectors, hashes, opened.close, unchanged)
