# SPDX-License-Identifier: GPL-3.0-or-later
"""SEND CUE SHEET: the layout of a CD's session at once (MMC-6 6.33).

A cue sheet has lines of eight bytes: control and ADR, track, index, data form, SCMS, and the time
as minute, second, frame. The data form says how many bytes a WRITE brings for each sector.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from drive.bench import raw
from drive.bench.codes import INVALID_PARAMETER, Refused, lba_of_msf
from drive.bench.medium import RAW, SECTOR, Mode, Store, Track

LEADOUT = 0xAA
_POSITION, _CATALOG, _ISRC = 1, 2, 3
_DATA, _COPY, _PREEMPHASIS, _FOUR_CHANNEL = 4, 2, 1, 8
_MODE_2 = 2336
_GENERATED = {0x01: Mode.AUDIO, 0x14: Mode.MODE1, 0x24: Mode.MIXED, 0x34: Mode.FORMLESS}
"""Data forms whose sectors the drive makes by itself: lead-in and lead-out."""
SUBCHANNEL = 96
"""Bytes of a sector's sub-channels."""
_PACK = 24
_TEXT = 0x41
"""Data form of a lead-in whose R-W sub-channels the program sends: CD-TEXT."""


@dataclass(frozen=True)
class Form:
    """A data form: what the sectors are, and the bytes of each that the program sends."""

    mode: Mode
    size: int

    @property
    def kept(self) -> int:
        """Bytes of each in the recording."""
        return SECTOR if self.mode is Mode.MODE1 else RAW

    @property
    def user_data(self) -> int:
        """Where in the recorded sector the program's own data begin."""
        return {Mode.MIXED: 24, Mode.FORMLESS: 16}.get(self.mode, 0)

    def recorded(
        self, lba: int, block: memoryview, *, form2_edc: bool = False
    ) -> bytes | memoryview:  # fmt: skip
        """Give what is recorded of a block: the drive itself makes sync and header of data, and
        EDC and ECC where the sector has them (``form2_edc``: of Form 2 too)."""
        body = block[16:] if self.size == RAW else block
        match self.mode:
            case Mode.MODE1:
                return body[:SECTOR]
            case Mode.MIXED:
                return raw.mode2(lba, body, form2_edc=form2_edc)
            case Mode.FORMLESS:
                return raw.formless(lba, body)
        return block


FORMS = {
    0x00: Form(Mode.AUDIO, RAW), 0x10: Form(Mode.MODE1, SECTOR), 0x11: Form(Mode.MODE1, RAW),
    0x20: Form(Mode.MIXED, _MODE_2), 0x21: Form(Mode.MIXED, RAW),
    0x30: Form(Mode.FORMLESS, _MODE_2), 0x31: Form(Mode.FORMLESS, RAW),
}  # fmt: skip
"""The data forms of tracks (MMC-6 table 551)."""


@dataclass
class Session:
    """A CD's session at once, as the cue sheet describes it."""

    tracks: tuple[Track, ...]
    forms: tuple[Form, ...]
    """One for each track."""
    leadout: int
    at: int
    """The next sector that the drive expects, from the first pregap on."""
    mcn: str = ""
    text: bool = False
    """Whether the program sends the sub-channels of the lead-in, before the first pregap."""
    packs: dict[bytes, bytes] = field(default_factory=dict)
    """What came for the lead-in: each pack once, in six bits a byte and as it is."""
    begun: bool = False

    def take_text(self, data: bytes) -> None:
        """Take R-W sub-channels, four packs in the 96 bytes of a sector, again and again."""
        for at in range(0, len(data), _PACK):
            sent = data[at : at + _PACK]
            if sent not in self.packs:
                bits = 0
                for six in sent:
                    bits = bits << 6 | six & 0x3F
                self.packs[sent] = bits.to_bytes(_PACK * 6 // 8, "big")

    def parts(self, lba: int, count: int) -> Iterator[tuple[Form, range]]:
        """Give the sectors of a WRITE, track by track, pregaps with the track that they precede."""
        starts = [track.start - track.pregap for track in self.tracks]
        for form, start, end in zip(self.forms, starts, [*starts[1:], self.leadout], strict=True):
            span = range(max(start, lba), min(end, lba + count))
            if span:
                yield form, span


@dataclass
class _Layout:
    """What was read of one track so far."""

    number: int
    form: int
    control: int
    isrc: str
    indexes: dict[int, int]


def parse(sheet: bytes) -> Session:
    """Read a cue sheet; raises :class:`Refused` for what a drive would not take."""
    layouts: list[_Layout] = []
    mcn = isrc = ""
    leadout = -1
    text = False
    for at in range(0, len(sheet) - 7, 8):
        line = sheet[at : at + 8]
        control, number, index, form = line[0] >> 4, *line[1:4]
        match line[0] & 0x0F:
            case 2:
                mcn += _ascii(line[1:])
            case 3:
                isrc += _ascii(line[2:])
            case 1 if number == LEADOUT:
                leadout = lba_of_msf(*line[5:])
            case 1 if not number:
                text = form == _TEXT
                _need(text or form in _GENERATED)
            case 1:
                if not layouts or layouts[-1].number != number:
                    layouts.append(_Layout(number, form, control, isrc, {}))
                    isrc = ""
                layout = layouts[-1]
                _need((layout.form, layout.control) == (form, control))
                _need(index not in layout.indexes)
                layout.indexes[index] = lba_of_msf(*line[5:])
            case _:
                raise Refused(INVALID_PARAMETER)
    _need(bool(layouts) and 0 in layouts[0].indexes)
    tracks, forms = _tracks(layouts, leadout)
    first = tracks[0].start - tracks[0].pregap
    return Session(tracks, forms, leadout, first, mcn.rstrip("\0")[:13], text)


def _tracks(
    layouts: list[_Layout], leadout: int
) -> tuple[tuple[Track, ...], tuple[Form, ...]]:  # fmt: skip
    places = [place for layout in layouts for place in layout.indexes.values()]
    _need(places == sorted(set(places)) and leadout > places[-1])
    _need(all(1 in layout.indexes for layout in layouts))
    numbers = [layout.number for layout in layouts]
    _need(numbers == list(range(numbers[0], numbers[0] + len(numbers))))
    starts = [layout.indexes[1] for layout in layouts]
    tracks, forms = [], []
    for layout, start, end in zip(layouts, starts, [*starts[1:], leadout], strict=True):
        form = FORMS.get(layout.form)
        if form is None:
            raise Refused(INVALID_PARAMETER)
        forms.append(form)
        tracks.append(_track(layout, form, start, end - start))
    return tuple(tracks), tuple(forms)


def _track(layout: _Layout, form: Form, start: int, sectors: int) -> Track:
    music = form.mode is Mode.AUDIO
    _need(music != bool(layout.control & _DATA))
    track = Track(layout.number, start, sectors, form.mode, Store("", form.kept, start))
    return replace(
        track, copy=bool(layout.control & _COPY), isrc=layout.isrc.rstrip("\0"),
        preemphasis=music and bool(layout.control & _PREEMPHASIS),
        four_channel=music and bool(layout.control & _FOUR_CHANNEL),
        pregap=start - layout.indexes.get(0, start),
        indexes=tuple(place for index, place in sorted(layout.indexes.items()) if index > 1),
    )  # fmt: skip


def _ascii(text: bytes) -> str:
    return text.decode("ascii", "replace")


def _need(fine: bool) -> None:
    if not fine:
        raise Refused(INVALID_PARAMETER)
