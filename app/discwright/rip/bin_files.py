# SPDX-License-Identifier: GPL-3.0-or-later
"""The two files of a copy to BIN/CUE while they are made: both get their names, or neither."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from discwright.errors import TargetError
from discwright.transfer.partfile import PartFile

_SHEET = 64 * 1024
"""Bytes that are kept free for a sheet, so that a disk that fills up meanwhile still takes it."""


class BinFiles:
    """Image and sheet under construction; as a context manager they go unless they were named."""

    def __init__(self, image: Path, sheet: Path, size: int) -> None:
        """Make both, with room for ``size`` bytes of the image. Raises TargetError."""
        self.image = PartFile(image, size)
        try:
            self.sheet = PartFile(sheet, _SHEET)
        except TargetError:
            self.image.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.image.discard()
        self.sheet.discard()

    @property
    def left(self) -> bool:
        """Whether the finished image is there under the name of a part."""
        return self.image.path.exists()

    def name(self, text: str, *, overwrite: bool) -> tuple[str, ...]:
        """Write the sheet and give both their names, the sheet last: it is what makes an image.

        Gives warnings. Raises TargetError, after which neither has its name.
        """
        self.sheet.write(memoryview(text.encode()))
        self.sheet.flush()
        if overwrite:  # an old sheet must never stand beside the new image
            with suppress(OSError):
                self.sheet.target.unlink()
        doubt = self.image.commit(overwrite=overwrite)
        try:
            doubts = (doubt, self.sheet.commit(overwrite=overwrite))
        except TargetError:
            with suppress(OSError):
                self.image.target.rename(self.image.path)
            raise
        return tuple(one for one in doubts if one)
