# SPDX-License-Identifier: GPL-3.0-or-later
"""Blank discs, sticks and images for them as plain data, and jobs that do what a test says."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from discwright.burn.erase import plan_erase
from discwright.burn.image import BurnImage
from discwright.burn.options import Blank
from discwright.burn.programs import Installed
from discwright.burn.report import BurnReport
from discwright.burn.surroundings import Surroundings
from discwright.devices.identity import Identity
from discwright.devices.targets import Kind, StickFacts, StickTarget
from discwright.errors import SourceError
from discwright.gui.burning import Burner, CopyPlace
from discwright.gui.writing import Material, Place, write_work
from discwright.image.boot import BootEntry, BootReport
from discwright.image.volumes import FileSystem
from discwright.jobs.burn_work import BurnWork
from discwright.jobs.copy_work import CopyDiscWork
from discwright.jobs.erase_work import EraseDiscWork, EraseStickWork
from discwright.jobs.joint import joined
from discwright.optical.disc import DriveIdentity
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.optical.writing_answers import Loading, WriteFeatures
from discwright.stick.erase import EraseOptions
from discwright.stick.erase import plan_erase as plan_stick_erase
from discwright.stick.installer_source import Tools
from discwright.stick.report import WriteReport
from discwright.stick.source import Table, WriteSource
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal, Report, State
from discwright.transfer.progress import Listener, Phase, Progress

DVD = 2_295_104
TOOLS = Tools(wimlib="/usr/bin/wimlib-imagex", scratch=Path("/var/tmp"), scratch_free=10**12)
BURNER = DriveIdentity("ASUS", "BW-16D1HT", "3.10", "K1234")
HYBRID = BootReport(
    el_torito=(BootEntry("BIOS", True, 100, 4), BootEntry("UEFI", True, 200, 0)),
    isohybrid_mbr=True, gpt=True, esp=True, efi_loaders=("BOOTX64.EFI",),
    stick_loaders=("BOOTX64.EFI",),
)  # fmt: skip


def medium(
    node: str = "/dev/sr0", profile: Profile = Profile.DVD_PLUS_R, **changes: object
) -> WritableMedium:
    """Give a blank DVD+R."""
    found = WritableMedium(
        node, MediumStatus.BLANK, profile, free_sectors=DVD, capacity_sectors=DVD,
        features=WriteFeatures(incremental=True, underrun_free=True, dvd_dao=True),
        speeds_kb=(5540, 11080, 16620, 22160), maker="MCC-004", drive=BURNER,
        writes=(profile,), loading=Loading.TRAY,
    )  # fmt: skip
    return replace(found, **changes)


def rewritable(node: str = "/dev/sr0", label: str = "OLD_BACKUP") -> WritableMedium:
    """Give a DVD+RW with something on it."""
    return medium(
        node, Profile.DVD_PLUS_RW, status=MediumStatus.OVERWRITABLE, formatted=True,
        label=label, used=True, erasable=True,
    )  # fmt: skip


def burn_image(path: Path, **changes: object) -> BurnImage:
    """Give an image that fits onto a DVD."""
    found = BurnImage(
        str(path), 1_900_000, label="UBUNTU 24.04", file_systems=(FileSystem.ISO9660,), boot=HYBRID
    )
    return replace(found, **changes)


def facts(node: str = "/dev/sdb", **changes: object) -> StickFacts:
    """Give a stick that may be overwritten."""
    found = StickFacts(
        node, Kind.DISK, Identity(61_530_439_680, 7, "4C53", "8:16"), vendor="SanDisk",
        model="Ultra Fit", bus="usb", removable=True, contents=("BACKUP (exfat, 61.5 GB)",),
        hint_system=False,
    )  # fmt: skip
    return replace(found, **changes)


def source(path: Path, **changes: object) -> WriteSource:
    """Give an image that starts PCs from a stick."""
    found = WriteSource(path, 3_891_200_000, 3_891_200_000, boot=HYBRID, table=Table.BLOCKS_512)
    return replace(found, **changes)


Doing = Callable[[str, Sequence[str], Callable[[str, Progress], None], Listener, CancelToken],
                 Report]  # fmt: skip


def well(
    kind: str,
    nodes: Sequence[str],
    _each: Callable[[str, Progress], None],
    _listener: Listener,
    _cancel: CancelToken,
) -> Report:
    """Do everything at once, and well."""
    return joined([good(kind, node) for node in nodes])


def good(kind: str, node: str) -> Report:
    """Give the report of a device that went well."""
    if not node.startswith("/dev/sr"):
        return WriteReport(
            State.COMPLETE, f"The image was written to {node} and read back: every byte as it "
            "should be. Computers with BIOS and with UEFI start from the stick.", target=node,
            name="SanDisk Ultra Fit", bytes=3_891_200_000, digests={"sha256": "ab" * 32},
            verified=True, touched=True, duration_s=290,
        )  # fmt: skip
    return BurnReport(
        State.COMPLETE, "The disc was burned and read back: every byte as it should be.",
        target=node, bytes=3_891_200_000, digests={"sha256": "ab" * 32}, verified=True,
        kind="DVD+R", drive=BURNER, medium_after=MediumStatus.CLOSED, duration_s=610,
    )  # fmt: skip


class HeldWriting:
    """Goes half the way on each device, then waits for the test (or for Cancel)."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.began = threading.Event()

    def __call__(
        self,
        kind: str,
        nodes: Sequence[str],
        each: Callable[[str, Progress], None],
        listener: Listener,
        cancel: CancelToken,
    ) -> Report:
        for number, node in enumerate(nodes):
            done = 1_945_600_000 + number * 900_000_000
            progress = Progress(Phase.WRITING, done, 3_891_200_000, 22.1e6, 88.0 - 20 * number)
            each(node, progress)
            listener.progress(progress)
        self.began.set()
        with cancel.calling(self.go.set):
            self.go.wait(20)
        if cancel.cancelled:
            return BurnReport(State.CANCELLED, "It was cancelled. This DVD+R is spoilt.")
        return well(kind, nodes, each, listener, cancel)


@dataclass
class Targets:
    """What a test says of discs, sticks and images, and what was asked and begun."""

    media: dict[str, WritableMedium | Refusal] = field(default_factory=dict)
    images: dict[str, BurnImage] = field(default_factory=dict)
    sticks: dict[str, StickFacts] = field(default_factory=dict)
    materials: dict[str, Material | SourceError] = field(default_factory=dict)
    packed: dict[str, WriteSource] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    """Bytes free in a folder, if not plenty."""
    doing: Doing = well
    begun: list[object] = field(default_factory=list)
    """The works, in their order."""
    asked: list[str] = field(default_factory=list)
    """The drives that were asked."""

    def ports(self) -> dict[str, object]:
        """Give the ports."""
        return {
            "burn_image": lambda path: self.images.get(str(path)) or burn_image(path),
            "burner": self._burner,
            "burn_work": self._burn_work,
            "copy_work": self._copy_work,
            "copy_place": self._copy_place,
            "disc_material": lambda disc, _cancel: Material(
                source(Path(disc.source), disc=disc, table=Table.NONE)
            ),
            "erase_disc": self._erase_disc,
            "material": self._material,
            "place": lambda node, **_kind: Place(self.sticks.get(node) or facts(node), TOOLS),
            "disk_image": lambda path: self.packed.get(str(path)),
            "write_work": self._write_work,
            "erase_stick": self._erase_stick,
        }

    def _burner(self, node: str, cancel: CancelToken) -> Burner:
        cancel.raise_if_cancelled()
        self.asked.append(node)
        found = self.media.get(node) or medium(node)
        if isinstance(found, Refusal):
            return Burner(node, problem=found)
        return Burner(node, found, Surroundings(Installed("1.5.6")))

    def _material(self, path: Path, cancel: CancelToken) -> Material:
        cancel.raise_if_cancelled()
        found = self.materials.get(str(path)) or Material(source(path))
        if isinstance(found, SourceError):
            raise found
        return found

    def _burn_work(self, plans, each):
        return self._scripted(BurnWork(plans), [plan.node for plan in plans], each)

    def _copy_work(self, plan):
        node = plan.disc.source if plan.burn is None else plan.burn.node
        return self._scripted(CopyDiscWork(plan), [node], lambda _node, _progress: None)

    def _copy_place(self, _node: str, folder: Path) -> CopyPlace:
        free = self.room.get(str(folder), 10**12)
        place = Destination(folder / "copy.iso", parent_exists=True, writable=True, free_bytes=free)
        return CopyPlace(Surroundings(Installed("1.5.6")), place)

    def _write_work(self, plans, each):
        return self._scripted(write_work(plans, each), [plan.stick.node for plan in plans], each)

    def _erase_disc(self, burner: Burner, how: Blank):
        plan = plan_erase(burner.medium, how, burner.around)
        if isinstance(plan, Refusal):
            return plan
        return self._scripted(EraseDiscWork(plan), [plan.node], lambda _node, _progress: None)

    def _erase_stick(self, stick: StickTarget):
        plan = plan_stick_erase(stick, EraseOptions())
        if isinstance(plan, Refusal):
            return plan
        return self._scripted(EraseStickWork(plan), [stick.node], lambda _node, _progress: None)

    def _scripted(self, work, nodes, each):
        work.run = lambda listener, cancel: self.doing(work.kind, nodes, each, listener, cancel)
        self.begun.append(work)
        return work
