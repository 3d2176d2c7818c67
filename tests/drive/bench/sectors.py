# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a disc's sectors, as the drive and as a test that compares with it."""

import os
from types import TracebackType

from . import raw
from .medium import RAW, SECTOR, Disc, Mode, Store, Track

AUDIO_SEED_STEP = 0x9E37
SAMPLE = 4
"""Bytes of one moment of music: 16 bits for left and right."""


class Unreadable(Exception):  # noqa: N818 - told to the drive, which answers with sense
    """The first sector of a request that can't be read in the asked way."""

    def __init__(self, lba: int, why: str):
        super().__init__(f"sector {lba}: {why}")
        self.lba = lba
        self.why = why
        """"gap", "mode", "run-out", "damage" or "scrambled"."""


class SectorSource:
    """The sectors of one disc. Holds the files open; close it or use ``with``."""

    def __init__(self, disc: Disc):
        self.disc = disc
        self._fds: dict[str, int] = {}
        self._last: tuple[Track, range] | None = None

    def __enter__(self) -> "SectorSource":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Close the files."""
        for fd in self._fds.values():
            os.close(fd)
        self._fds = {}

    def becomes(self, disc: Disc) -> None:
        """Take the same medium after a step of a burn."""
        self.disc = disc
        self._last = None

    def track(self, lba: int) -> Track:
        """Give the track of a readable sector, or raise :class:`Unreadable`."""
        return self._span(lba)[0]

    def _span(self, lba: int) -> tuple[Track, range]:
        found = self._last
        if found is None or lba not in found[1]:
            found = self.disc.span_at(lba)
            if found is None:
                raise Unreadable(lba, "gap")
            self._last = found
        track, _span = found
        if lba >= track.end - track.runout:
            raise Unreadable(lba, "run-out")
        return found

    def read_data(self, lba: int, room: memoryview) -> None:
        """Fill ``room`` with 2048-byte user data from ``lba`` on, as READ(10) does."""
        count = len(room) // SECTOR
        done = 0
        while done < count:
            at = lba + done
            track, span = self._span(at)
            if track.mode in (Mode.AUDIO, Mode.FORM2, Mode.FORMLESS):
                raise Unreadable(at, "mode")
            step = min(count - done, span.stop - at, track.recorded_end - track.runout - at)
            part = room[done * SECTOR : (done + step) * SECTOR]
            if track.store.sector == SECTOR:
                self._fill(track.store, at - track.start, part, SECTOR)
            else:
                self._extract(track, at, part)
            done += step
        self._check(lba, count, self.disc.unreadable, "damage")
        self._check(lba, count, self.disc.scrambled, "scrambled")

    def _check(self, lba: int, count: int, spans: tuple[range, ...], why: str) -> None:
        for span in spans:
            if lba < span.stop and span.start < lba + count:
                raise Unreadable(max(lba, span.start), why)

    def data(self, lba: int, count: int) -> bytes:
        """Give user data, 2048 bytes a sector."""
        room = bytearray(count * SECTOR)
        self.read_data(lba, memoryview(room))
        return bytes(room)

    def raw_sector(self, lba: int, *, late: int = 0) -> tuple[Mode, bytes]:
        """Give a whole sector of 2352 bytes, and its mode (never MIXED).

        ``late``: samples by which the drive gives music too late.
        """
        track = self.track(lba)
        self._check(lba, 1, self.disc.unreadable, "damage")
        late += track.late
        if late and track.mode is Mode.AUDIO:
            return track.mode, self._music(lba * RAW - late * SAMPLE)
        return self._sector(track, lba)

    def _music(self, start: int) -> bytes:
        """Give a sector's length of music from a byte on; what isn't music there is silent."""
        first, skip = divmod(start, RAW)
        found = b""
        for lba in (first, first + 1):
            try:
                track = self.track(lba)
                music = track.mode is Mode.AUDIO
                found += self._sector(track, lba)[1] if music and lba >= 0 else bytes(RAW)
            except Unreadable:
                found += bytes(RAW)
        return found[skip : skip + RAW]

    def _sector(self, track: Track, lba: int) -> tuple[Mode, bytes]:
        store = track.store
        size = store.sector
        room = bytearray(size)
        self._fill(store, lba - track.start, memoryview(room), size)
        if size == RAW:
            if track.mode is not Mode.MIXED:
                return track.mode, bytes(room)
            return (Mode.FORM2 if raw.is_form2(room) else Mode.FORM1), bytes(room)
        if track.mode is Mode.MODE1:
            return track.mode, raw.mode1(lba, bytes(room))
        return Mode.FORM1, raw.mode2_form1(lba, bytes(room))

    def _extract(self, track: Track, lba: int, room: memoryview) -> None:
        start = 16 if track.mode is Mode.MODE1 else 24
        for index in range(len(room) // SECTOR):
            mode, sector = self.raw_sector(lba + index)
            if mode is Mode.FORM2:
                raise Unreadable(lba + index, "mode")
            room[index * SECTOR : (index + 1) * SECTOR] = sector[start : start + SECTOR]

    def _fill(self, store: Store, sector: int, room: memoryview, size: int) -> None:
        if not store.path:
            _pattern(store.seed, sector, room, size)
            return
        fd = self._fds.get(store.path)
        if fd is None:
            fd = self._fds[store.path] = os.open(store.path, os.O_RDONLY | os.O_CLOEXEC)
        place = (store.offset + sector) * size
        done = 0
        while done < len(room):
            got = os.preadv(fd, [room[done:]], place + done)
            if not got:
                room[done:] = bytes(len(room) - done)
                return
            done += got


def _pattern(seed: int, sector: int, room: memoryview, size: int) -> None:
    """Sectors that differ from each other and between seeds; never silence."""
    for index in range(len(room) // size):
        value = (seed * AUDIO_SEED_STEP + sector + index) & 0xFFFFFFFF | 0x01000000
        room[index * size : (index + 1) * size] = value.to_bytes(4, "little") * (size // 4)
