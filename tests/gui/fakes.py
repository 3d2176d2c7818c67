# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for drives, discs and copying, that a test drives by hand."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from discwright.devices.model import Device, Drive, Medium, MediumState, Stick
from discwright.errors import DiscwrightError
from discwright.extract.source import DiscContents
from discwright.gui.ports import DevicesSeen, Look, Ports, Prospect
from discwright.image.boot import BootEntry, BootReport
from discwright.image.contents import Contents
from discwright.image.volumes import FileSystem, Volumes
from discwright.jobs.job import Job
from discwright.jobs.queue import JobQueue
from discwright.jobs.work import RipWork
from discwright.optical.disc import (
    Disc,
    DiscStatus,
    DriveIdentity,
    Length,
    Protection,
    Track,
    TrackMode,
)
from discwright.optical.profile import Profile
from discwright.optical.writable import WritableMedium
from discwright.rip.bin_plan import bin_path, plan_bin, possible_formats
from discwright.rip.plan import (
    ImageFormat,
    RipOptions,
    RipPlan,
    plan_rip,
    refuse_disc,
    suggested_name,
)
from discwright.rip.report import RipReport
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Report, State
from discwright.transfer.progress import Listener, Mark, Phase, Progress

from .fake_targets import Targets

BURNER = DriveIdentity("ASUS", "BW-16D1HT", "3.10", "K1234")

Script = Callable[[RipPlan, Listener, CancelToken], Report]


def drive(
    node: str = "/dev/sr0",
    *,
    label: str = "UBUNTU 24.04",
    kind: str = "DVD-ROM",
    state: MediumState = MediumState.COMPLETE,
    size: int = 4_700_372_992,
    audio_tracks: int = 0,
    model: str = "BW-16D1HT",
    diskseq: int = 1,
) -> Drive:
    """Give a drive with a disc in it."""
    if state is MediumState.NO_MEDIUM:
        medium = Medium(state)
    else:
        tracks = audio_tracks or 1
        medium = Medium(
            state,
            kind=kind,
            label=label,
            file_system="" if audio_tracks else "iso9660",
            sessions=1,
            tracks=tracks,
            audio_tracks=audio_tracks,
            data_tracks=0 if audio_tracks else 1,
            size=size,
        )
    return Drive(
        node=node, vendor="ASUS", model=model, firmware="3.10", serial="K1234", bus="usb",
        diskseq=diskseq, medium=medium,
    )  # fmt: skip


def stick(node: str = "/dev/sdb", **changes: object) -> Stick:
    """Give a USB stick."""
    found = Stick(
        node=node, vendor="SanDisk", model="Ultra Fit", serial="4C53", bus="usb",
        size=61_530_439_680, diskseq=7, labels=("BACKUP",),
    )  # fmt: skip
    return replace(found, **changes)


def disc(
    source: str = "/dev/sr0",
    *,
    label: str = "UBUNTU 24.04",
    sectors: int = 2_295_104,
    profile: Profile = Profile.DVD_ROM,
    **changes: object,
) -> Disc:
    """Give a data disc that starts PCs."""
    found = Disc(
        source=source,
        virtual=False,
        profile=profile,
        status=DiscStatus.COMPLETE,
        length=Length(
            sectors,
            "capacity",
            "The drive says that the disc has so many sectors, and the file systems agree.",
        ),
        tracks=(Track(1, 1, 0, sectors, TrackMode.DATA),),
        volumes=Volumes(
            (FileSystem.ISO9660, FileSystem.JOLIET, FileSystem.ROCK_RIDGE),
            label,
            created="2024-04-24T11:31:00+00:00",
            publisher="CANONICAL",
        ),
        boot=BootReport(
            el_torito=(BootEntry("BIOS", True, 100, 4), BootEntry("UEFI", True, 200, 0)),
            isohybrid_mbr=True,
            gpt=True,
            esp=True,
            efi_loaders=("BOOTX64.EFI",),
            stick_loaders=("BOOTX64.EFI",),
        ),
        drive=BURNER,
        driver="drive",
        speeds_kb=(22160, 11080, 5540),
    )
    return replace(found, **changes)


def audio_cd(source: str = "/dev/sr0") -> Disc:
    """Give an audio CD."""
    tracks = tuple(Track(n + 1, 1, n * 20000, 20000, TrackMode.AUDIO) for n in range(12))
    return disc(
        source, label="", sectors=240_000, profile=Profile.CD_ROM, tracks=tracks,
        volumes=Volumes(), boot=BootReport(), speeds_kb=(),
    )  # fmt: skip


def blank_disc(source: str = "/dev/sr0") -> Disc:
    """Give a blank DVD+R."""
    return disc(
        source, label="", sectors=0, profile=Profile.DVD_PLUS_R, status=DiscStatus.BLANK,
        tracks=(), volumes=Volumes(), boot=BootReport(),
    )  # fmt: skip


def css_disc(source: str = "/dev/sr0") -> Disc:
    """Give a copy-protected DVD."""
    return disc(source, label="THE_MOVIE", protection=Protection.CSS, boot=BootReport())


class FakeWatch:
    """Says what is plugged in when told to."""

    def __init__(self, callback: DevicesSeen, first: tuple[Device, ...]) -> None:
        self._callback = callback
        self._first = first
        self.stopped = False

    def start(self) -> None:
        self._callback(self._first)

    def stop(self) -> None:
        self.stopped = True

    def plug(self, *devices: Device) -> None:
        """Have exactly these plugged in from now on; called from a thread like the real one."""
        thread = threading.Thread(target=self._callback, args=(devices,))
        thread.start()
        thread.join()


class ScriptedWork(RipWork):
    """A rip that does what the test says instead of reading."""

    def __init__(self, plan: RipPlan, script: Script) -> None:
        super().__init__(plan)
        self._script = script

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        return self._script(self.plan, listener, cancel)


def complete(plan: RipPlan, listener: Listener, _cancel: CancelToken) -> Report:
    """A script: everything is read at once."""
    listener.progress(Progress(Phase.READING, plan.size, plan.size, 20e6, 0.0, plan.sectors))
    listener.mark(0, plan.sectors, Mark.READ)
    return RipReport(
        State.COMPLETE,
        "The disc was copied completely.",
        target=plan.target,
        bytes=plan.size,
        digests=dict.fromkeys(plan.options.hashes, "ab" * 32),
        duration_s=421.0,
    )


class Held:
    """A script that goes half the way, then waits for the test (or for Cancel)."""

    def __init__(self, then: Script = complete) -> None:
        self.go = threading.Event()
        self.began = threading.Event()
        self._then = then

    def __call__(self, plan: RipPlan, listener: Listener, cancel: CancelToken) -> Report:
        half = plan.sectors // 2
        listener.mark(0, half, Mark.READ)
        listener.progress(
            Progress(Phase.READING, half * 2048, plan.size, 11.2e6, 212.0, half, bad_sectors=0)
        )
        self.began.set()
        with cancel.calling(self.go.set):
            self.go.wait(20)
        if cancel.cancelled:
            return RipReport(State.CANCELLED, "The copy was cancelled. Nothing was kept.")
        return self._then(plan, listener, cancel)


@dataclass
class Bench:
    """Fake ports, and what a test changes or looks at behind them."""

    folder: Path
    devices: tuple[Device, ...] = ()
    discs: dict[str, Disc | DiscwrightError] = field(default_factory=dict)
    script: Script = complete
    destination: Callable[[Path], Destination] | None = None
    past: Sequence[object] = ()
    watch: FakeWatch | None = None
    looked: list[str] = field(default_factory=list)
    ejected: list[str] = field(default_factory=list)
    plans: list[RipPlan] = field(default_factory=list)
    gate: threading.Event | None = None
    """Looks that begin while there is one wait for it."""
    jobs: list[Job] = field(default_factory=list)
    contents: Contents = field(default_factory=Contents)
    """What is found on a disc that is looked into."""
    targets: Targets = field(default_factory=Targets)
    """What there is to burn onto and to write to."""

    def ports(self) -> Ports:
        """Give the ports."""
        return Ports(
            watch=self._watch,
            look=self._look,
            consider=self._consider,
            work=self._work,
            list_files=lambda found, _cancel: DiscContents(found, self.contents),
            queue=lambda: JobQueue(
                state=self.folder / "state", locks=self.folder / "locks", notify=None, awake=None
            ),
            sample=self._sample,
            eject=self.ejected.append,
            algorithms=lambda: ("sha256", "md5", "sha1", "sha512", "crc32", "blake2b"),
            past_jobs=(lambda: self.past) if self.past else None,
            settings_file=self.folder / "window.ini",
            **self.targets.ports(),
        )

    def _watch(self, callback: DevicesSeen) -> FakeWatch:
        self.watch = FakeWatch(callback, self.devices)
        return self.watch

    def plug(self, *devices: Device) -> None:
        """Have exactly these plugged in."""
        assert self.watch is not None
        self.watch.plug(*devices)

    def _look(self, source: str, cancel: CancelToken) -> Look:
        self.looked.append(source)
        found = self.discs.get(source, disc(source))
        if self.gate is not None:
            # Like a drive that hangs: it answers when it can, cancelled or not.
            self.gate.wait(20)
        else:
            cancel.raise_if_cancelled()
        if isinstance(found, DiscwrightError):
            raise found
        writable = self.targets.media.get(source)
        formats = possible_formats(found)
        return Look(
            found,
            suggested_name(found, *formats[:1]),
            refuse_disc(found),
            (16.0, 8.0, 4.0),
            writable if isinstance(writable, WritableMedium) else None,
            formats,
        )

    def _consider(self, found: Disc, target: Path, options: RipOptions) -> Prospect:
        survey = self.destination or plenty
        if options.format is ImageFormat.BIN:
            image = bin_path(target)
            there = survey(image)
            plan = plan_bin(found, options, there, survey(image.with_suffix(".cue")))
            return Prospect(plan, there, need=RipPlan(found, image, options).size)
        there = survey(target)
        return Prospect(plan_rip(found, options, there), there)

    def _work(self, plan: RipPlan) -> ScriptedWork:
        self.plans.append(plan)
        return ScriptedWork(plan, self.script)

    def _sample(self) -> Path:
        path = self.folder / "sample.iso"
        path.write_bytes(bytes(65536))
        self.discs[str(path)] = disc(
            str(path), label="DISCWRIGHT_SAMPLE", sectors=700, virtual=True
        )
        return path


def plenty(target: Path) -> Destination:
    """Give a target folder with room for everything."""
    return Destination(
        target.absolute(),
        exists=target.exists(),
        parent_exists=True,
        writable=True,
        free_bytes=212_000_000_000,
        file_system="ext4",
    )
