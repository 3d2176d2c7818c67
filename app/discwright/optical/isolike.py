# SPDX-License-Identifier: GPL-3.0-or-later
"""Which discs are one run of 2048-byte sectors, so that an image or a stick can hold them. Pure.

Whatever copies a disc sector by sector asks here.
"""

from pathlib import Path

from discwright.optical.disc import Disc, DiscStatus, Protection, TrackMode
from discwright.optical.profile import Family
from discwright.transfer.outcome import Refusal
from discwright.wording import _, counted, shown


def refuse_disc(disc: Disc) -> Refusal | None:
    """Say why this disc can't become an ISO; None if it can."""
    if disc.status is DiscStatus.BLANK:
        return Refusal("blank", _("The disc is blank: there is nothing to copy."))
    if disc.length.sectors <= 0:
        return Refusal("empty", _("The disc says that it holds nothing."))
    return _refuse_tracks(disc) or (_refuse_file(disc) if disc.virtual else None)


def _refuse_tracks(disc: Disc) -> Refusal | None:
    """Refuse what an ISO, one run of 2048-byte sectors, would cut or lose."""
    # An image file is what it is; a CD in a drive can be copied whole.
    is_cd = not disc.virtual and disc.profile.family in {Family.CD, Family.OTHER}
    instead = _("BIN/CUE holds all of it.") if is_cd else ""
    data, audio = disc.data_tracks, disc.audio_tracks
    if audio and not data:
        return Refusal(
            "audio",
            counted(
                "This is an audio CD with {n} track: an ISO image can't hold music.",
                "This is an audio CD with {n} tracks: an ISO image can't hold music.",
                len(audio),
            ),
            instead,
        )
    if audio:
        return Refusal(
            "mixed",
            counted(
                "This CD holds data and {n} audio track: an ISO image would lose the music.",
                "This CD holds data and {n} audio tracks: an ISO image would lose the music.",
                len(audio),
            ),
            instead,
        )
    if any(t.mode in {TrackMode.MODE2_FORM2, TrackMode.MODE2_MIXED} for t in data):
        return Refusal(
            "form2",
            _(
                "This CD holds sectors of 2324 bytes (Mode 2 Form 2, as on Video CDs): "
                "an ISO image would cut them off."
            ),
            instead,
        )
    if disc.sessions > 1:
        return Refusal(
            "sessions",
            _(
                "This disc was written in {n} sessions: an ISO image can't hold the gaps "
                "between them, and a single session alone can't be used."
            ).format(n=disc.sessions),
            instead,
        )
    if len(data) > 1:
        return Refusal(
            "tracks",
            _("This CD holds {n} data tracks: an ISO image can hold only one.").format(n=len(data)),
            instead,
        )
    return None


def _refuse_file(disc: Disc) -> Refusal | None:
    """Refuse files that aren't whole images; a real disc would be copied for what it gives."""
    if not disc.volumes.file_systems:
        return Refusal(
            "not-a-disc",
            _("{name} is no disc image: no file system was found in it.").format(
                name=shown(Path(disc.source).name)
            ),
        )
    if disc.odd_bytes:
        return Refusal(
            "truncated",
            _("{name} ends within a sector: it was cut off, or is no disc image.").format(
                name=shown(Path(disc.source).name)
            ),
            _("Get the image again."),
        )
    if disc.wholeness.truncated:
        return Refusal("truncated", disc.wholeness.message, _("Get the image again."))
    return None


def disc_warnings(disc: Disc) -> tuple[str, ...]:
    """Say what the user should know before the disc is copied; sentences."""
    found = []
    if disc.protection is Protection.CSS:
        found.append(
            _(
                "This DVD is copy-protected with CSS. Discwright doesn't break the protection: "
                "the drive may refuse the protected sectors, and those that it gives stay "
                "scrambled in the image."
            )
        )
    elif disc.protection is not Protection.NONE:
        found.append(
            _(
                "This disc is copy-protected with {system}. Discwright doesn't break the "
                "protection: what is encrypted on the disc stays encrypted in the image, and "
                "can't be decrypted from the image alone."
            ).format(system=disc.protection.value)
        )
    if disc.status is DiscStatus.APPENDABLE:
        found.append(
            _("The disc isn't closed: more may be added to it later. What is on it is copied.")
        )
    if disc.wholeness.message:
        found.append(disc.wholeness.message)
    return (*found, *disc.length.warnings, *disc.remarks, *disc.volumes.remarks)
