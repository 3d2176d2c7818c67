# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was found to the state of a copy to BIN/CUE and the sentences that say it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from discwright.optical.compact_disc import CompactDisc
from discwright.optical.raw_sectors import Content, Doubt
from discwright.rip.bin_layout import BinLayout, place_in
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.outcome import State
from discwright.wording import _, counted, shown, size


class Kind(StrEnum):
    """What is wrong with sectors of the image."""

    UNREADABLE = "unreadable"
    """A pattern stands for them, or silence."""
    WRONG = "wrong"
    """Data as the drive gave it, which by its own EDC is not what was recorded."""
    CONCEALED = "concealed"
    """Music of which the drive made up a part."""


@dataclass(frozen=True)
class Loss:
    """Sectors of one track that are not as they were recorded."""

    kind: Kind
    track: int
    time: str
    """The first one's, in the track: ``MM:SS:FF``; negative in its pause."""
    run: Extent
    silent: bool = False
    """Whether silence stands for what could not be read: in music, and in pauses."""

    def to_json(self) -> dict[str, object]:
        """Give plain data."""
        return {
            "kind": self.kind.value,
            "track": self.track,
            "time": self.time,
            "lba": self.run.lba,
            "count": self.run.count,
        }

    def sentence(self) -> str:
        """Say where it is."""
        what = {
            Kind.UNREADABLE: _("not read"),
            Kind.WRONG: _("wrong checksum"),
            Kind.CONCEALED: _("errors in the music"),
        }[self.kind]
        return _("Track {track}, {time} (LBA {run}): {what}").format(
            track=self.track, time=self.time, run=self.run, what=what
        )


def losses_of(
    disc: CompactDisc, layout: BinLayout, bad: Extents, kept: Mapping[int, Doubt]
) -> tuple[Loss, ...]:
    """List what was lost, by track and time; ``kept``: what is in the image though in doubt."""
    tracks = {track.number: track for track in disc.tracks}
    found: list[Loss] = []
    for whole in bad.runs:
        for stretch, run in layout.within(whole):
            for kind, part in _by_kind(run, kept):
                time = place_in(tracks[stretch.track], part.lba)
                silent = kind is Kind.UNREADABLE and stretch.content is not Content.DATA
                found.append(Loss(kind, stretch.track, time, part, silent))
    return tuple(found)


def _by_kind(run: Extent, kept: Mapping[int, Doubt]) -> Iterator[tuple[Kind, Extent]]:
    first = run.lba
    for lba in range(run.lba, run.end):
        kind = _kind(kept.get(lba))
        if lba + 1 == run.end or _kind(kept.get(lba + 1)) is not kind:
            yield kind, Extent(first, lba + 1 - first)
            first = lba + 1


def _kind(doubt: Doubt | None) -> Kind:
    return Kind.UNREADABLE if doubt is None else Kind(doubt.value)


@dataclass(frozen=True)
class BinFindings:
    """What a copy that came to its end found out."""

    disc: CompactDisc
    layout: BinLayout
    losses: tuple[Loss, ...]
    differing: Extents | None
    """Sectors that a second reading gave otherwise; None if there was none."""
    c2: bool
    """Whether the drive told of errors in music."""
    unchecked: int = 0
    """Sectors of data that carry no EDC."""

    @property
    def state(self) -> State:
        """Complete only if every sector was read and believed, and each reading agreed."""
        differs = self.differing is not None and self.differing.count
        return State.COMPLETE_WITH_ERRORS if self.losses or differs else State.COMPLETE

    @property
    def remedy(self) -> str:
        """Say what to do about the loss; "" if there is none."""
        if self.losses:
            return _("Clean the disc, or put it into another drive, and copy it again.")
        if self.differing is not None and self.differing.count:
            return _("Clean the disc, or try another drive, and copy it again.")
        return ""

    def message(self, name: str, sheet: str, length: int) -> str:
        """Say it: the names of image and sheet, ``length`` of the image in bytes."""
        sentences = [self._reading(name, sheet, length), *self._losses(), *self._limits()]
        if self.differing is not None:
            sentences.append(self._second_reading(self.differing.count))
        return " ".join(sentences)

    def _reading(self, name: str, sheet: str, length: int) -> str:
        if self.losses:
            return _("The disc was copied to {name} and {sheet}, but not without loss.").format(
                name=shown(name), sheet=shown(sheet)
            )
        return _(
            "The disc was copied completely to {name} and {sheet}: {tracks}, {size}, "
            "every sector read."
        ).format(
            name=shown(name),
            sheet=shown(sheet),
            tracks=counted("{n} track", "{n} tracks", len(self.disc.tracks)),
            size=size(length),
        )

    def _losses(self) -> Iterator[str]:
        silent = sum(loss.run.count for loss in self.losses if loss.silent)
        filled = self._count(Kind.UNREADABLE) - silent
        if silent:
            yield counted(
                "{n} sector of music, or of a pause, could not be read: it is silent in the image.",
                "{n} sectors of music, or of a pause, could not be read: they are silent in the "
                "image.",
                silent,
            )
        if filled:
            yield counted(
                "{n} sector of data could not be read: in the image it is filled with a pattern "
                "that says so.",
                "{n} sectors of data could not be read: in the image they are filled with a "
                "pattern that says so.",
                filled,
            )
        if wrong := self._count(Kind.WRONG):
            yield counted(
                "{n} sector of data came with a wrong checksum each time: it is in the image as "
                "the drive gave it.",
                "{n} sectors of data came with wrong checksums each time: they are in the image "
                "as the drive gave them.",
                wrong,
            )
        if concealed := self._count(Kind.CONCEALED):
            yield counted(
                "In {n} sector of music the drive could not correct all errors and made up what "
                "was missing.",
                "In {n} sectors of music the drive could not correct all errors and made up what "
                "was missing.",
                concealed,
            )

    def _limits(self) -> Iterator[str]:
        """Say what could not be checked."""
        if any(one.content is Content.MUSIC for one in self.layout.stretches):
            concealed = self._count(Kind.CONCEALED)
            if self.c2 and not concealed:
                yield _(
                    "Music can't be checked by the disc itself; the drive reported no errors in "
                    "what it read of it."
                )
            elif concealed:
                yield _("Music can't be checked by the disc itself.")
            else:
                yield _(
                    "Music can't be checked by the disc itself, and this drive reports no errors "
                    "in it."
                )
        if self.unchecked:
            yield counted(
                "{n} sector of data carries no checksum.",
                "{n} sectors of data carry no checksum.",
                self.unchecked,
            )

    def _count(self, kind: Kind) -> int:
        return sum(loss.run.count for loss in self.losses if loss.kind is kind)

    @staticmethod
    def _second_reading(differing: int) -> str:
        if not differing:
            return _("A second reading gave the same.")
        return counted(
            "A second reading was different in {n} sector.",
            "A second reading was different in {n} sectors.",
            differing,
        )


def warnings_of(disc: CompactDisc) -> tuple[str, ...]:
    """Say what the drive did not give, and is not in image or sheet therefore."""
    found = []
    if not disc.knows_places:
        found.append(
            _(
                "This drive doesn't give the Q channel: pauses and indices are not known, and not "
                "in the cue sheet."
            )
        )
    if disc.doubtful:
        found.append(
            _("Pauses or indices of these tracks could not be found out for certain: {n}.").format(
                n=", ".join(map(str, disc.doubtful))
            )
        )
    last = max(track.session for track in disc.tracks)
    behind = sum(track.withheld_end for track in disc.tracks if track.session == last)
    withheld = sum(track.withheld + track.withheld_end for track in disc.tracks) - behind
    if withheld:
        found.append(
            counted(
                "The drive says that {n} sector beside a track of data holds nothing to read: it "
                "is not in the image, and the cue sheet says where it was.",
                "The drive says that {n} sectors beside tracks of data hold nothing to read: they "
                "are not in the image, and the cue sheet says where they were.",
                withheld,
            )
        )
    if behind:
        found.append(
            counted(
                "The drive says that {n} sector at the end of the disc holds nothing to read: it "
                "is not in the image.",
                "The drive says that {n} sectors at the end of the disc hold nothing to read: they "
                "are not in the image.",
                behind,
            )
        )
    if disc.text.unread:
        found.append(
            _(
                "Some of the disc's CD-TEXT is damaged, or in letters that are not known here; it "
                "is not in the cue sheet."
            )
        )
    return tuple(found)
