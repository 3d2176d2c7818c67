# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the image is the one that was published: decided before any stick becomes bootable."""

from collections.abc import Callable

from discwright.errors import SourceError
from discwright.image.bmap import Bmap, RangeCheck
from discwright.image.expected import (
    Expected,
    content_algorithms,
    file_algorithms,
    wrong,
)
from discwright.stick.feed import Piece
from discwright.stick.record import Record
from discwright.transfer.digests import DigestSet
from discwright.wording import _, shown, size

OWN = "sha256"
"""The digest that is taken even if nobody asks for it."""


class Checks:
    """The digests that are needed beside the record's own, and what they must be."""

    def __init__(
        self,
        expected: tuple[Expected, ...],
        block_map: Bmap | None,
        *,
        packed: bool,
        in_step: bool = True,
    ) -> None:
        """Prepare; ``in_step``: take :data:`OWN` in any case, as fast as the pieces come."""
        self._expected = expected
        algorithms = content_algorithms(expected)
        self.content = DigestSet((*algorithms, OWN) if in_step else algorithms)
        self.file = DigestSet(file_algorithms(expected) if packed else ())
        self._ranges = None if block_map is None else RangeCheck(block_map)
        self.whole = bool(algorithms) or packed
        """The whole image must pass, even what no stick needs of it: for a checksum of it, or to
        see that the archive is in order to its end."""

    @property
    def hear_file(self) -> Callable[[memoryview], None] | None:
        """What has to hear the bytes of the packed file as it lies there; None if nothing has."""
        return self.file.update if self.file.names else None

    @property
    def has_ranges(self) -> bool:
        """Whether the pieces must pass :meth:`check_ranges`."""
        return self._ranges is not None

    def check_ranges(self, piece: Piece) -> None:
        """Compare with the block map, in order. Raises SourceError."""
        if self._ranges is not None:
            self._ranges.take(piece.offset, piece.data)

    def content_digests(self, record: Record) -> dict[str, str]:
        """Give the digests of the image; none if some of it was passed over."""
        if record.gaps:
            return {}
        return self.content.hexdigests()

    def decide(self, record: Record, planned_size: int | None, name: str) -> str:
        """Give the checksum that was found right ("" if none was asked for).

        Raises SourceError if the image isn't whole or isn't the one that was published.
        """
        if record.size == 0:
            raise SourceError(_("The image {name} is empty.").format(name=shown(name)))
        if planned_size not in {None, record.size} and (self.whole or self._ranges is None):
            raise SourceError(
                _("The image {name} has {found} now; it had {planned}.").format(
                    name=shown(name), found=size(record.size), planned=size(planned_size)
                ),
                remedy=_("Wait until it is downloaded completely, then write it again."),
                cause=f"{record.size} bytes, {planned_size} before",
            )
        if self._ranges is not None:
            self._ranges.finish(record.size if self.whole else None)
        content = self.content_digests(record)
        differing = wrong(self._expected, file=self.file.hexdigests(), content=content)
        if differing:
            raise _mismatch(differing[0], {**self.file.hexdigests(), **content}, name)
        return next((f"{one.algorithm}:{one.digest}" for one in self._expected), "")


def _mismatch(one: Expected, found: dict[str, str], name: str) -> SourceError:
    if one.source:
        message = _("The image {name} is not the one that {source} speaks of.").format(
            name=shown(name), source=one.source
        )
    else:
        message = _("The image {name} doesn't have the checksum that it should have.").format(
            name=shown(name)
        )
    return SourceError(
        message,
        remedy=_("It was damaged on its way or is another one: get it again."),
        cause=f"{one.algorithm} is {found.get(one.algorithm, '?')}, should be {one.digest}",
    )
