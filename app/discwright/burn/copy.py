# SPDX-License-Identifier: GPL-3.0-or-later
"""From disc to disc: on the fly with two drives, or over a temporary image with one.

The chain of proof is one: what was read from the source has a digest, what is written is checked
against it as it is read back from the copy.
"""

import os
import secrets
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from discwright.burn.feed import Feed, ImageFileFeed
from discwright.burn.image import BurnImage, image_of
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.programs import no_xorriso
from discwright.burn.refusals import refuse_image, refuse_options
from discwright.burn.reload import open_tray
from discwright.burn.report import BurnReport, refused, refused_by
from discwright.burn.run import run_burn
from discwright.burn.surroundings import Surroundings
from discwright.burn.target import aside
from discwright.burn.waiting import WITHIN_S, wait_for_disc
from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.optical.disc import Disc, DiscStatus, Protection
from discwright.optical.drive_source import DriveSource
from discwright.optical.fill import filler
from discwright.optical.patience import PatientReader
from discwright.optical.writable import WritableMedium
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.destination import Destination
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extent
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import pump
from discwright.transfer.reader import SECTOR
from discwright.wording import _, counted, shown, size

READ_RETRIES = 3
"""Further tries for a sector of the source; not one of the options, for a copy can't wait long."""


def temporary_folder() -> Path:
    """Give the usual folder for temporary images; /tmp may be memory."""
    return Path(os.environ.get("TMPDIR") or "/var/tmp")  # noqa: S108


def temporary_image(folder: Path) -> Path:
    """Give a name for the temporary image of a copy that this process makes."""
    return folder / f"discwright-copy-{os.getpid()}-{secrets.token_hex(3)}.iso"


@dataclass(frozen=True)
class CopyPlan:
    """What will happen."""

    disc: Disc
    """The source."""
    image: BurnImage
    options: BurnOptions
    burn: BurnPlan | None
    """With two drives; None: the target comes into the source's drive later."""
    temporary: Path | None = None
    """Where the image lies meanwhile, with one drive."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What will happen, in words."""
        if self.burn is not None:
            return self.burn.sentences
        folder = Path() if self.temporary is None else self.temporary.parent
        return (
            _("The disc is read into a temporary image of {size} first, in {folder}.").format(
                size=size(self.image.size), folder=shown(os.fspath(folder), 400)
            ),
            _("Then {node} opens, and you put a blank disc in.").format(
                node=shown(self.disc.source)
            ),
            _("It is burned, read back and compared; the temporary image is removed.")
            if self.options.verify
            else _("It is burned and not read back; the temporary image is removed."),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before."""
        return self.disc.length.warnings if self.burn is None else self.burn.warnings


def plan_copy(
    disc: Disc, medium: WritableMedium, options: BurnOptions, surroundings: Surroundings
) -> CopyPlan | Refusal:
    """Say what copying ``disc`` onto the medium of another drive will do. Pure."""
    refusal = _refuse_source(disc)
    if refusal is not None:
        return refusal
    image = image_of(disc)
    burn = plan_burn(image, medium, options, surroundings)
    return burn if isinstance(burn, Refusal) else CopyPlan(disc, image, options, burn)


def plan_copy_with_one_drive(
    disc: Disc, options: BurnOptions, surroundings: Surroundings, folder: Destination
) -> CopyPlan | Refusal:
    """Say what copying with one drive will do; ``folder`` surveys a file name to be used. Pure."""
    image = image_of(disc)
    refusal = refuse_options(options) or _refuse_source(disc) or refuse_image(image)
    if refusal is not None:
        return refusal
    if not surroundings.installed.xorriso:
        return no_xorriso()
    if folder.problem or not folder.parent_exists or not folder.writable:
        return Refusal(
            "not-writable",
            _("The temporary image can't be written to {folder}.").format(
                folder=shown(os.fspath(folder.path.parent), 400)
            ),
            _("Choose another folder."),
            folder.problem,
        )
    if folder.free_bytes is not None and folder.free_bytes < image.size:
        return Refusal(
            "no-space",
            _("The temporary image needs {need}, but only {free} are free there.").format(
                need=size(image.size), free=size(folder.free_bytes)
            ),
            _("Make room, choose a folder on another disk, or use a second drive."),
        )
    return CopyPlan(disc, image, options, None, folder.path)


def _refuse_source(disc: Disc) -> Refusal | None:
    if disc.status is DiscStatus.BLANK:
        return Refusal("blank", _("The disc is blank: there is nothing to copy."))
    if disc.protection is not Protection.NONE:
        return Refusal(
            "protected",
            _(
                "The disc is copy-protected with {system}. Discwright doesn't break the "
                "protection, and a copy with what is on it could not be played."
            ).format(system=disc.protection.value),
        )
    return None


def run_copy(plan: CopyPlan, listener: Listener, cancel: CancelToken) -> BurnReport:
    """Copy as planned. Whatever goes wrong with discs and drives is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    copy = _Copy(plan, listener, cancel)
    try:
        report = copy.run()
    except Cancelled:
        report = BurnReport(State.CANCELLED, _("The copy was cancelled before it was burned."))
    except ReadError as error:
        message = _("{what} This was at sector {lba} of {n}.").format(
            what=error.message, lba=error.lba, n=plan.image.sectors
        )
        report = BurnReport(State.FAILED, message, error.remedy, error.cause)
    except DiscwrightError as error:
        report = BurnReport(State.FAILED, error.message, error.remedy, error.cause)
    finally:
        copy.close()
    report = replace(
        report, source=plan.disc.source, started=started, duration_s=time.monotonic() - began
    )
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


class _Copy:
    """One run."""

    def __init__(self, plan: CopyPlan, listener: Listener, cancel: CancelToken) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._source: DriveSource | None = None
        self._feed: Feed | None = None
        self._hanging: list[threading.Thread] = []

    def run(self) -> BurnReport:
        """Do it."""
        try:
            reader = self._open()
        except DiscwrightError as error:
            return refused_by(error)
        burn, temporary = self._plan.burn, self._plan.temporary
        if burn is not None:
            self._feed = _DiscFeed(reader, self._plan.image.sectors, self._plan.options.hashes)
            report = run_burn(burn, self._listener, self._cancel, feed=self._feed)
        elif temporary is not None:
            report = self._over_image(reader, temporary)
        else:
            return refused(Refusal("source", _("There is no place for a temporary image.")))
        return _with_losses(report, reader.bad.runs)

    def close(self) -> None:
        """Let go of the source; later, if a thread is still inside a call to its drive."""
        source, self._source = self._source, None
        if source is None:
            return
        if self._feed is not None:
            self._feed.when_idle(source.close)
            return
        if not self._hanging:
            source.close()
            return

        def wait_and_close() -> None:
            for thread in self._hanging:
                thread.join()
            source.close()

        threading.Thread(target=wait_and_close, name="close-drive", daemon=True).start()

    def _open(self) -> PatientReader:
        disc = self._plan.disc
        source = self._source = DriveSource(disc.source)
        source.wait_ready(self._cancel)
        if disc.fingerprint and source.fingerprint() != disc.fingerprint:
            raise SourceError(
                _("Another disc is in the drive than the one that was looked at."),
                remedy=_("Look at the disc again, then start the copy."),
            )
        return PatientReader(
            source,
            self._plan.image.sectors,
            retries=READ_RETRIES,
            fingerprint=disc.fingerprint,
            listener=self._listener,
            cancel=self._cancel,
        )

    def _over_image(self, reader: PatientReader, temporary: Path) -> BurnReport:
        plan = self._plan
        with PartFile(temporary, plan.image.size) as part:
            digests = self._read(reader, part)
            self.close()
            remark = self._open_tray()
            image = replace(
                plan.image, source=os.fspath(part.path), title=plan.image.name, virtual=True
            )
            burn = wait_for_disc(
                image, plan.disc.source, plan.options, self._listener, self._cancel,
                within_s=WITHIN_S, remark=remark,
            )  # fmt: skip
            feed = ImageFileFeed(part.path, image.sectors, plan.options.hashes)
            try:
                report = run_burn(burn, self._listener, self._cancel, feed=feed)
            finally:
                feed.close()
        if report.digests and dict(report.digests) != digests:
            return replace(
                report,
                state=State.FAILED,
                message=_("The temporary image is not what was read from the disc."),
                remedy=_("Check the disk that it was written to."),
            )
        return report

    def _open_tray(self) -> str:
        """Open the tray; give "" or why it stays closed, which is no reason to lose the image."""
        node = self._plan.disc.source
        try:
            aside(lambda: open_tray(node), self._cancel)
        except DiscwrightError as error:
            self._listener.log(f"{error} {error.cause}".rstrip())
            return error.sentence()
        return ""

    def _read(self, reader: PatientReader, part: PartFile) -> dict[str, str]:
        meter = Meter(self._listener)
        meter.start(Phase.READING, self._plan.image.size)
        digests = DigestSet(self._plan.options.hashes)

        def tell() -> None:
            position = reader.position
            meter.update(position * SECTOR, position=position, bad_sectors=reader.bad.count)

        def fill(buffer: memoryview) -> int:
            length = reader.fill(buffer)
            tell()
            return length

        consumers = (part.write, *digests.consumers())
        pump(fill, consumers, cancel=self._cancel, tick=tell, stuck=self._hanging.append)
        meter.start(Phase.FLUSHING, None)
        part.flush()
        meter.finish()
        return digests.hexdigests()


class _DiscFeed(Feed):
    """A disc that is read while it is burned; what can't be read is filled and listed."""

    def __init__(self, reader: PatientReader, sectors: int, hashes: tuple[str, ...]) -> None:
        self._patient = reader
        super().__init__(sectors * SECTOR, reader.fill, self._read_again, hashes)

    def _read_again(self, offset: int, buffer: memoryview) -> None:
        lba = offset // SECTOR
        for at in range(0, len(buffer), SECTOR):
            sector = lba + at // SECTOR
            piece = buffer[at : at + SECTOR]
            if sector in self._patient.bad:
                piece[:] = filler(sector)
            else:
                self._patient.read_once_more(sector, piece)


def _with_losses(report: BurnReport, bad: tuple[Extent, ...]) -> BurnReport:
    """Add what the source lost: the copy is faithful to what could be read, no more."""
    if not bad:
        return report
    lost = counted(
        "{n} sector of the source could not be read; on the copy it is filled with a pattern that "
        "says so.",
        "{n} sectors of the source could not be read; on the copy they are filled with a pattern "
        "that says so.",
        sum(run.count for run in bad),
    )
    state = report.state
    if state is State.COMPLETE:
        state = State.COMPLETE_WITH_ERRORS
    return replace(
        report,
        state=state,
        message=f"{report.message} {lost}",
        remedy=report.remedy or _("Clean the disc and copy it again, or try another drive."),
        bad_sectors=bad,
    )
