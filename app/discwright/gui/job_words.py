# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in words: phases, rates, ends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.gui.theme import Tone
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Report, State
from discwright.transfer.progress import Phase, Progress
from discwright.wording import _, counted, duration, shown, size

if TYPE_CHECKING:
    from discwright.gui.bridge import Running
    from discwright.jobs.history import Entry as PastJob


def phase_name(phase: Phase, kind: str = "rip") -> str:
    """Say what is being done by a job of this kind."""
    if phase is Phase.READING and kind == "extract":
        return _("Copying the files")
    if phase is Phase.READING and kind not in {"rip", "copy"}:
        return _("Reading the image")
    if phase is Phase.VERIFYING and kind == "verify":
        return _("Comparing")
    if phase is Phase.VERIFYING and kind in {"burn", "write", "copy"}:
        return _("Reading back and comparing")
    if phase is Phase.FLUSHING and kind == "write":
        return _("Flushing to the stick")
    return {
        Phase.INSERTING: _("Waiting for a disc"),
        Phase.PREPARING: _("Preparing"),
        Phase.BLANKING: _("Erasing the disc"),
        Phase.FORMATTING: _("Formatting"),
        Phase.LEADING_IN: _("Writing the lead-in"),
        Phase.READING: _("Reading the disc"),
        Phase.RETURNING: _("Reading what was skipped"),
        Phase.TRIMMING: _("Trimming damaged areas"),
        Phase.SCRAPING: _("Scraping damaged areas"),
        Phase.RETRYING: _("Retrying bad sectors"),
        Phase.WRITING: _("Writing"),
        Phase.CLOSING: _("Closing the session"),
        Phase.FLUSHING: _("Flushing to the disk"),
        Phase.RELOADING: _("Reloading the disc"),
        Phase.CLOSING_TRAY: _("Waiting for the tray to be closed"),
        Phase.HASHING: _("Computing the checksums"),
        Phase.VERIFYING: _("Reading again and comparing"),
        Phase.STOPPING: _("Stopping"),
        Phase.FINISHING: _("Finishing"),
    }[phase]


def icon_of(kind: str) -> str:
    """Give the symbolic icon of a kind of job."""
    return {
        "burn": "burn", "write": "stick", "erase": "cancel", "copy": "copy", "verify": "check",
        "extract": "folder",
    }.get(kind, "rip")  # fmt: skip


def short_status(running: "Running", node: str = "") -> str:
    """Say in a word or two what is done, with this device if there are several."""
    kind, progress = running.job.work.kind, running.each.get(node, running.progress)
    if progress is not None and progress.note:
        return _("Waiting for you")
    if progress is not None and progress.stall:
        return _("Doesn't answer")
    if progress is not None and progress.phase is Phase.VERIFYING:
        doing = _("Comparing")
    else:
        doing = {
            "burn": _("Burning"), "write": _("Writing"), "erase": _("Erasing"),
            "copy": _("Copying"), "verify": _("Comparing"),
            "extract": _("Extracting"),
        }.get(kind, _("Ripping"))  # fmt: skip
    done = percent(progress)
    if done is None:
        return _("{doing}…").format(doing=doing)
    return _("{doing} {n} %").format(doing=doing, n=done)


def grouped(n: int) -> str:
    """Give a number with its digits in groups of three, which no line break parts."""
    return f"{n:,}".replace(",", "\u202f")


def share(progress: Progress | None) -> str:
    """Say how much of the phase is done."""
    if progress is None or not progress.total:
        return ""
    return _("{done} of {total}").format(done=size(progress.done), total=size(progress.total))


def status_line(running: "Running") -> str:
    """Give phase, amount, rate and remaining time in one line."""
    if running.cancelling:
        return _("Cancelling…")
    if running.progress is None:
        return running.job.waiting_for or _("Waiting to start")
    return progress_line(running.progress, running.job.work.kind)


def progress_line(progress: Progress, kind: str) -> str:
    """Give phase, amount, rate and remaining time of a job of this kind, or of one device.

    What is asked of a person, and what doesn't answer, comes instead of all that.
    """
    if progress.note or progress.stall:
        return progress.note or progress.stall
    parts = [phase_name(progress.phase, kind)]
    if progress.total:
        parts.append(share(progress))
    elif progress.done:
        parts.append(size(progress.done))
    if progress.rate is not None:
        parts.append(_("{rate}/s").format(rate=size(round(progress.rate))))
    if progress.remaining is not None:
        parts.append(_("{time} left").format(time=duration(progress.remaining)))
    if progress.bad_sectors:
        parts.append(counted("{n} bad sector", "{n} bad sectors", progress.bad_sectors))
    return " · ".join(parts)


def percent(progress: Progress | None) -> int | None:
    """Give how far the phase is, None if that is not known."""
    if progress is None or not progress.total:
        return None
    return min(100, progress.done * 100 // progress.total)


@dataclass(frozen=True)
class Listing:
    """Places that were found, and what they are."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """The end of a job as its page shows it, from a report or from what was remembered."""

    state: State
    message: str
    remedy: str = ""
    cause: str = ""
    target: Path | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    bad_sectors: tuple[Extent, ...] = ()
    differing_sectors: tuple[Extent, ...] = ()
    files_affected: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    """Time, amount, second reading, in short phrases."""
    title: str = ""
    """Which device it is of, among several."""
    lists: tuple[Listing, ...] = ()
    """What came back otherwise from a disc or a stick."""
    parts: tuple["Outcome", ...] = ()
    """One for each device of a job that does the same to several."""
    kind: str = ""
    """The kind of job, as far as it is known."""
    kept: bool = False
    """Whether an unfinished image was kept that can be gone on with."""

    @property
    def bad_count(self) -> int:
        """How many sectors could not be read."""
        return sum(run.count for run in self.bad_sectors)

    @property
    def word(self) -> str:
        """The state in one word, with the number of lost sectors if there are any."""
        if self.kind == "verify" and self.state in {State.COMPLETE, State.COMPLETE_WITH_ERRORS}:
            return self._comparison
        if self.state is State.COMPLETE_WITH_ERRORS and self.bad_count:
            return counted(
                "Complete with {n} bad sector", "Complete with {n} bad sectors", self.bad_count
            )
        if self.parts and self.state is not State.COMPLETE:
            good = sum(part.state is State.COMPLETE for part in self.parts)
            if good:
                return _("{good} of {all} complete").format(good=good, all=len(self.parts))
        return {
            State.COMPLETE: _("Complete"),
            State.COMPLETE_WITH_ERRORS: _("Complete with errors"),
            State.FAILED: _("Failed"),
            State.CANCELLED: _("Cancelled"),
            State.REFUSED: _("Refused"),
        }[self.state]

    @property
    def _comparison(self) -> str:
        if self.state is State.COMPLETE:
            return _("The same")
        unread = self.bad_count and len(self.lists) == 1
        return _("Not proved") if unread else _("Different")

    @property
    def tone(self) -> Tone:
        """Which icon and colour go with it."""
        return {
            State.COMPLETE: Tone.GOOD,
            State.COMPLETE_WITH_ERRORS: Tone.WARNING,
            State.FAILED: Tone.BAD,
            State.CANCELLED: Tone.INFO,
            State.REFUSED: Tone.WARNING,
        }[self.state]

    @property
    def icon(self) -> str:
        """The symbolic icon for the state."""
        return "cancel" if self.state is State.CANCELLED else self.tone.icon


def outcome_of(report: Report, said: Collection[str] = (), kind: str = "") -> Outcome:
    """Give the outcome of a report of any kind: what it doesn't have stays empty.

    ``said``: warnings that the user had in sight before. ``kind``: that of the job.
    """
    parts = tuple(outcome_of(part, said) for part in getattr(report, "parts", ()))
    target = getattr(report, "target", None)
    of_image = isinstance(target, Path)
    return Outcome(
        state=report.state,
        message=shown(_whole(report, parts), 800),
        remedy="" if parts else shown(report.remedy, 800),
        cause=shown(getattr(report, "cause", ""), 2000),
        target=target if of_image else None,
        digests=getattr(report, "digests", {}) or _common_digests(parts),
        bad_sectors=getattr(report, "bad_sectors", ()),
        differing_sectors=getattr(report, "differing_sectors", ()) if of_image else (),
        files_affected=tuple(shown(name, 400) for name in getattr(report, "files_affected", ())),
        warnings=tuple(
            shown(text, 800) for text in getattr(report, "warnings", ()) if text not in said
        ),
        details=tuple(_details(report)),
        title="" if of_image or target is None else _device(report),
        lists=(*_places(report), *_left_out(report))
        if of_image
        else tuple(_listings(report, kind)),
        parts=parts,
        kind=kind,
        kept=getattr(report, "kept", None) is not None,
    )


def _whole(report: Report, parts: tuple[Outcome, ...]) -> str:
    if not parts:
        return report.message
    good = sum(part.state is State.COMPLETE for part in parts)
    return _("{good} of {all} are complete.").format(good=good, all=len(parts))


def _common_digests(parts: tuple[Outcome, ...]) -> Mapping[str, str]:
    """Give the checksums of the image that all were made from."""
    return next((part.digests for part in parts if part.digests), {})


def _device(report: Report) -> str:
    target, name = shown(str(getattr(report, "target", ""))), shown(getattr(report, "name", ""))
    drive = getattr(report, "drive", None)
    name = shown(str(drive)) if drive is not None else name
    kind = shown(getattr(report, "kind", ""))
    where = f"{name} ({target})" if name and name != target else target
    return " · ".join(part for part in (where, kind) if part)


def _details(report: Report) -> list[str]:
    details = []
    if written := getattr(report, "bytes", 0):
        details.append(size(written))
    if seconds := getattr(report, "duration_s", 0.0):
        if seconds >= 1:
            details.append(duration(seconds))
        if written and seconds >= 0.5:
            details.append(_("{rate}/s on average").format(rate=size(round(written / seconds))))
    if recovered := getattr(report, "recovered_sectors", 0):
        details.append(
            counted("{n} sector needed retries", "{n} sectors needed retries", recovered)
        )
    if getattr(report, "verified", None) and not isinstance(getattr(report, "target", None), Path):
        details.append(_("read back and compared"))
    if getattr(report, "checked", ""):
        algorithm = report.checked.partition(":")[0].upper()  # type: ignore[attr-defined]
        details.append(_("has the published {algorithm}").format(algorithm=shown(algorithm)))
    if after := _after(str(getattr(report, "medium_after", None) or "")):
        details.append(after)
    return details


def _after(status: str) -> str:
    return {
        "blank": _("the disc is blank"),
        "appendable": _("the disc is not closed"),
        "closed": _("the disc is closed"),
        "overwritable": _("the disc can be written again"),
    }.get(status, "")


def _places(report: Report) -> list[Listing]:
    """Say where in the tracks of a CD its bad sectors are."""
    lines = tuple(loss.sentence() for loss in getattr(report, "losses", ()))
    return [Listing(_("Where in the tracks"), lines)] if lines else []


def _listings(report: Report, kind: str) -> list[Listing]:
    """Give what came back otherwise from a disc (in sectors) or a stick (in bytes)."""
    found = []
    tracks = [track for track in getattr(report, "tracks", ()) if track["digests"]]
    if tracks:
        lines = tuple(_track(track) for track in tracks)
        found.append(Listing(_("Tracks and their checksums"), lines))
    other = _("Bytes that came back with other content")
    if kind == "verify":
        other = _("Bytes that differ or could not be read")
    pattern = _pattern(str(getattr(report, "pattern", "")))
    for title, runs in (
        (_("Sectors that came back with other content"), "differing_sectors"),
        (_("Sectors that could not be read back"), "unreadable_sectors"),
        *(((_("Sectors that could not be read"), "bad_sectors"),) if kind == "verify" else ()),
    ):
        if lines := tuple(str(run) for run in getattr(report, runs, ())):
            found.append(Listing(f"{title} – {pattern}" if pattern else title, lines))
    for title, runs in (
        (other, "differing"),
        (_("Bytes that had to be written a second time"), "rewritten"),
    ):
        lines = tuple(
            _("{first} to {last} ({size})").format(
                first=grouped(run.offset),
                last=grouped(run.offset + run.length - 1),
                size=size(run.length),
            )
            for run in getattr(report, runs, ())
        )
        if lines:
            found.append(Listing(title, lines))
    return found


def _left_out(report: Report) -> tuple[Listing, ...]:
    """Give what was not taken out of a disc whole, if files were."""
    left = getattr(report, "left_out", None)
    if left is None:
        return ()
    lines = tuple(f"{shown(name, 400)} – {shown(why, 200)}" for name, why in left)
    # Beside bad sectors such files are listed anyway.
    bad = getattr(report, "bad_sectors", ())
    lost = () if bad else tuple(shown(name, 400) for name in report.files_affected)  # type: ignore[attr-defined]
    lists = (Listing(_("Left out"), lines), Listing(_("Files that can't be had"), lost))
    return tuple(one for one in lists if one.lines)


def _track(track: Mapping[str, object]) -> str:
    """Say which track it is, how long, and its checksum as it was burned."""
    from discwright.image.recording import minutes  # noqa: PLC0415 - not needed to start

    what = _("music") if track["form"] == "audio" else _("data")
    digests = track["digests"]
    digest = digests.get("sha256", "") if isinstance(digests, Mapping) else ""
    length = minutes(int(str(track["sectors"])))
    return f"{track['number']:>2}  {what}  {length}  {digest}".rstrip()


def _pattern(pattern: str) -> str:
    return {
        "tail": _("all from there to the end"),
        "range": _("in one place"),
        "scattered": _("scattered"),
        "all": _("everything"),
    }.get(pattern, "")


def outcome_of_past(past: "PastJob") -> Outcome:
    """Give the outcome of a remembered job; a state of a newer version counts as failed."""
    state = State(past.state) if past.state in set(State) else State.FAILED
    return Outcome(
        state=state,
        message=shown(past.message, 800),
        target=Path(past.target) if past.target and past.kind == "rip" else None,
        digests=past.digests,
        details=(shown(past.time[:16].replace("T", " ")),) if past.time else (),
    )
