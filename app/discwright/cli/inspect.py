# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright inspect``: what a disc or an image is, and what it can be used for."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.streams import Streams
from discwright.devices.opening import look_at
from discwright.errors import SourceError
from discwright.image.boot import boot_sentence
from discwright.image.recording import minutes
from discwright.jobs.report import JobReport
from discwright.optical.disc import Disc, Protection
from discwright.rip.bin_plan import possible_formats
from discwright.rip.plan import refuse_disc
from discwright.stick.source import WriteSource
from discwright.stick.source_survey import survey_disk_image
from discwright.stick.words import image_facts, image_kind, stick_sentence
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import State
from discwright.wording import _, counted, shown, size


def inspect(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Describe a disc or an image, and give the exit code."""
    try:
        image = survey_disk_image(Path(arguments.source))
        if image is not None:
            return print_outcome(_inspect_disk(image, streams), streams)
        disc = interruption.look(lambda cancel: look_at(arguments.source, cancel))
    except Cancelled:
        report = JobReport(State.CANCELLED, _("The look at the disc was cancelled."))
    except SourceError as error:
        report = JobReport(State.FAILED, error.message, error.remedy, error.cause)
    else:
        refusal = refuse_disc(disc)
        streams.event(
            {
                "event": "disc",
                **disc.to_json(),
                "label": disc.label,
                "sectors": disc.length.sectors,
                "boot_sentence": boot_sentence(disc.boot),
                "rip": {
                    "possible": refusal is None,
                    "formats": [image.value for image in possible_formats(disc)],
                    "refusal": "" if refusal is None else refusal.kind,
                    "message": "" if refusal is None else refusal.sentence(),
                },
            }
        )
        for title, text in description(disc):
            streams.result(f"{title + ':' if title else '':<15} {shown(text, 2000)}")
        report = JobReport(
            State.COMPLETE,
            _("This can be copied to an ISO image.") if refusal is None else refusal.sentence(),
        )
    return print_outcome(report, streams)


def _inspect_disk(image: WriteSource, streams: Streams) -> JobReport:
    """Describe an image that is no disc: packed, or of a disk, a stick or a floppy."""
    streams.event(
        {
            "event": "image",
            "source": str(image.path),
            "kind": image_kind(image),
            "size": image.size,
            "file_size": image.file_size,
            "packed": image.method if image.packed else "",
            "boot": None if image.boot is None else image.boot.to_json(),
            "boot_sentence": stick_sentence(image.boot),
            "checksums": [f"{one.algorithm}:{one.digest}" for one in image.expected],
            "block_map": "" if image.block_map is None else str(image.block_map.path),
        }
    )
    lines = [
        (_("Source"), image.name), (_("Kind"), image_kind(image)), *image_facts(image),
        *((_("Note"), remark) for remark in image.remarks),
    ]  # fmt: skip
    for title, text in lines:
        streams.result(f"{title + ':':<15} {shown(text, 2000)}")
    return JobReport(State.COMPLETE, _("This can be written to a USB stick."))


def _tracks(disc: Disc) -> Iterator[tuple[str, str]]:
    titles = {} if disc.layout is None else {t.number: t.words for t in disc.layout.tracks}
    for track in disc.tracks:
        title = titles.get(track.number, {}).get("TITLE", "")
        where = _("{n}: {mode}, {time}, from LBA {lba}").format(
            n=track.number, mode=track.mode.value, time=minutes(track.sectors), lba=track.start
        )
        yield "", f"{where}, {title}" if title else where


def description(disc: Disc) -> Iterator[tuple[str, str]]:
    """Give what is known of a disc, as pairs of title and text."""
    yield _("Source"), f"{disc.source} ({disc.kind})"
    if disc.drive is not None:
        yield _("Drive"), f"{disc.drive} {disc.drive.firmware}"
    volumes, length = disc.volumes, disc.length
    if disc.label:
        yield _("Label"), disc.label
    yield (
        _("File systems"),
        ", ".join(system.value for system in volumes.file_systems) or _("none was found"),
    )
    sectors = counted("{n} sector", "{n} sectors", length.sectors)
    yield _("Size"), f"{size(disc.held)} ({sectors})"
    yield _("Length"), length.reason
    for candidate in length.candidates:
        yield "", f"{candidate.source}: {candidate.sectors}"
    if len(disc.tracks) > 1 or disc.audio_tracks:
        yield (
            _("Tracks"),
            _("{data} data, {audio} audio").format(
                data=len(disc.data_tracks), audio=len(disc.audio_tracks)
            ),
        )
        yield from _tracks(disc)
    if disc.sessions > 1:
        yield _("Sessions"), str(disc.sessions)
    if disc.protection is not Protection.NONE:
        yield _("Protection"), disc.protection.value
    for title, text in (
        (_("Created"), volumes.created),
        (_("Publisher"), volumes.publisher),
        (_("Made with"), volumes.application),
        (_("Start-up"), boot_sentence(disc.boot)),
    ):
        if text:
            yield title, text
    for remark in (*length.warnings, *volumes.remarks, *disc.remarks):
        yield _("Note"), remark
