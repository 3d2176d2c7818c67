# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks for a password where no desktop does.

A face of the program that can do it says so for the time of a job; the job's threads find it here.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Asker = Callable[[], AbstractContextManager[object]]
"""Inside a ``with`` on what it gives, polkit's questions reach the user. Raises DiscwrightError."""

_askers: list[Asker] = []


@contextmanager
def asked_by(asker: Asker) -> Iterator[None]:
    """Inside a ``with`` on this, the asker is used where nobody else asks."""
    _askers.append(asker)
    try:
        yield
    finally:
        _askers.remove(asker)


def asker() -> Asker | None:
    """Give who can ask now."""
    return _askers[-1] if _askers else None
