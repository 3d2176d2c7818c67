# SPDX-License-Identifier: GPL-3.0-or-later
"""The one small hierarchy of errors.

Each error carries a sentence that a person can act on and, beside it, the technical cause.
"""


class DiscwrightError(Exception):
    """Something went wrong that a person can be told.

    ``message``: what happened, to what. ``remedy``: what to do about it ("" if nothing is
    known). ``cause``: the technical side: errno, sense key/ASC/ASCQ in words and hex.
    """

    def __init__(self, message: str, *, remedy: str = "", cause: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.cause = cause

    def sentence(self) -> str:
        """Give message and remedy as one text."""
        return f"{self.message} {self.remedy}".strip()


class SourceError(DiscwrightError):
    """The source can't be opened or isn't what it should be."""


class TargetError(DiscwrightError):
    """The target can't be written: full, gone, not permitted."""


class ReadError(DiscwrightError):
    """Sectors couldn't be read. ``lba``, ``count``: the request, in sectors of the reader."""

    def __init__(
        self, message: str, *, lba: int, count: int, remedy: str = "", cause: str = ""
    ) -> None:
        super().__init__(message, remedy=remedy, cause=cause)
        self.lba = lba
        self.count = count
