# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the left list: what is plugged in, what was opened, what is still held. No Qt."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.gui.entries import Entry, Group, device_entry, image_entry
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.devices.model import Device


class Shelf:
    """The entries by key, in their order.

    ``held`` tells whether a page still shows a job or its end: such a drive stays when it is
    unplugged. ``busy`` tells whether a job runs: such an image can't be closed.
    """

    def __init__(self, held: Callable[[str], bool], busy: Callable[[str], bool]) -> None:
        self._held = held
        self._busy = busy
        self._images: dict[str, Entry] = {}
        self.devices: tuple[Device, ...] | None = None
        """None until the first list has come."""
        self.entries: dict[str, Entry] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def get(self, key: str) -> Entry | None:
        """Give the entry, None if there is none."""
        return self.entries.get(key)

    def open_image(self, path: Path) -> str:
        """Put an image file on the shelf and give its key."""
        key = str(path)
        if key not in self.entries:
            self._images[key] = image_entry(path, _file_size(path))
        return key

    def close(self, key: str) -> None:
        """Take an image off; an unplugged drive goes when nothing holds it any more."""
        self._images.pop(key, None)

    def refresh(self) -> list[Entry]:
        """Make the list anew; give the entries that are others now under the same key."""
        old = self.entries
        new = {entry.key: entry for entry in map(device_entry, self.devices or ())}
        for key, entry in old.items():
            if key not in new and entry.group is not Group.IMAGES and self._held(key):
                new[key] = _unplugged(entry)
        for key, entry in self._images.items():
            new[key] = replace(entry, closable=not self._busy(key))
        self.entries = new
        return [entry for key, entry in new.items() if key in old and old[key] != entry]

    def best(self, current: str) -> str:
        """Give what to select when ``current`` is: the first disc, unless that is in use."""
        entry = self.entries.get(current)
        if entry is not None and (entry.has_disc or entry.group is Group.STICKS or entry.closable):
            return current
        found = next((entry for entry in self if entry.has_disc), entry)
        found = found or next((entry for entry in self if entry.group is Group.DRIVES), None)
        return "" if found is None else found.key

    def neighbour(self, key: str) -> str:
        """Give what to select when ``key`` goes."""
        keys = list(self.entries)
        at = keys.index(key)
        left = keys[:at] + keys[at + 1 :]
        return left[min(at, len(left) - 1)] if left else ""


def _unplugged(entry: Entry) -> Entry:
    return replace(
        entry, subtitle=_("Unplugged"), icon="drive", has_disc=False, closable=True, device=None
    )


def _file_size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
