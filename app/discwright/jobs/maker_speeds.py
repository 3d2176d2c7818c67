# SPDX-License-Identifier: GPL-3.0-or-later
"""At which speed discs of which maker were burned well, remembered between runs."""

import json
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

from discwright.errors import TargetError
from discwright.transfer.partfile import write_file

_MOST_MAKERS = 500
_MOST_BYTES = 1 << 20


class MakerSpeeds:
    """A small file of maker ids and write speeds in kB/s; one that can't be read is empty."""

    def __init__(self, path: Path | None = None) -> None:
        folder = user_state_path("discwright", appauthor=False)
        self._path = path or folder / "burn-speeds.json"

    def of(self, maker: str) -> int | None:
        """Give the speed that did well with this maker's discs; None if none is known."""
        return self._read().get(maker) if maker else None

    def remember(self, maker: str, kilobytes: int) -> None:
        """Note a speed at which a disc was burned and read back well; never raises."""
        if not maker or kilobytes <= 0:
            return
        known = {key: value for key, value in self._read().items() if key != maker}
        known[maker] = kilobytes
        kept = dict(list(known.items())[-_MOST_MAKERS:])
        with suppress(OSError, TargetError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self._path, json.dumps(kept).encode("ascii"), overwrite=True)

    def _read(self) -> dict[str, int]:
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {str(key): int(value) for key, value in found.items() if isinstance(value, int)}
