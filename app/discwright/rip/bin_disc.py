# SPDX-License-Identifier: GPL-3.0-or-later
"""The CD that is being copied to BIN/CUE: its drive, what is known of it, where its sectors go."""

from discwright.image.layout import RAW_SECTOR
from discwright.optical.compact_disc import CompactDisc
from discwright.optical.drive_source import DriveSource
from discwright.optical.frames import unreadable_frame
from discwright.optical.raw_sectors import CheckedSectors, Content
from discwright.rip.bin_layout import format_of, lay_out

_MODES = {"MODE1/2352": 1, "MODE2/2352": 2}


class CopiedCd:
    """An open CD and its layout."""

    def __init__(self, source: DriveSource, disc: CompactDisc) -> None:
        self.source = source
        self.disc = disc
        self.layout = layout = lay_out(disc)
        self.reader = CheckedSectors(source.reader, layout.stretches, c2=source.tells_c2_errors())

    def offset(self, lba: int) -> int:
        """Give the byte of the image where a sector begins."""
        return self.layout.position(lba) * RAW_SECTOR

    def substitute(self, lba: int) -> bytes:
        """Give what stands for a sector that could not be read."""
        stretch = self.reader.stretch_at(lba)
        if stretch.content is not Content.DATA:
            return bytes(RAW_SECTOR)
        track = next(one for one in self.disc.tracks if one.number == stretch.track)
        mode = _MODES[format_of(track, self.reader.modes.get(track.number, set()))]
        return unreadable_frame(lba, mode)


def contents_of(cd: CopiedCd) -> dict[str, object]:
    """Give for the record what image and sheet are made of, and what is not known."""
    disc, layout, reader = cd.disc, cd.layout, cd.reader
    return {
        "pauses_known": disc.knows_places,
        "pauses_uncertain": list(disc.doubtful),
        "catalog": disc.catalog,
        "cd_text": disc.text.disc,
        "cd_text_unread": disc.text.unread,
        "c2_errors_told": reader.c2,
        "sample_offset": None,
        "sample_offset_corrected": False,
        "stretches": [
            {
                "track": one.track,
                "content": one.content.value,
                "lba": one.lba,
                "sectors": one.count,
                "position": layout.position(one.lba),
            }
            for one in layout.stretches
        ],
        "tracks": [
            {
                "number": track.number,
                "session": track.session,
                "format": format_of(track, reader.modes.get(track.number, set())),
                "start": track.start,
                "end": disc.recorded_end(track),
                "control": track.control,
                "pause": track.pause if disc.knows_places or track.number == 1 else None,
                "not_given_before": track.withheld,
                "not_given_after": track.withheld_end,
                "indices": list(track.indices),
                "isrc": track.isrc,
                "cd_text": dict(track.words),
                "without_checksum": len(reader.unchecked.get(track.number, ())),
            }
            for track in disc.tracks
        ],
    }
