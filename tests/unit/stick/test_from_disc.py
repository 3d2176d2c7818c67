# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc as the source of sticks: what is lost is listed, and every stick gets the same."""

import threading
from dataclasses import replace

import pytest

from discwright.errors import ReadError, SourceError
from discwright.image.sample import make_sample
from discwright.image.wholeness import Wholeness
from discwright.optical.disc import DiscStatus, Protection, Track, TrackMode
from discwright.optical.fill import filler
from discwright.optical.source import examine, open_source
from discwright.stick import disc_reading
from discwright.stick.disc_reading import DiscReading
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.run import run_write
from discwright.stick.source_survey import survey_disc
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Silent

from .disk import Fault, starts
from .writing import Heard, stick_of

SECTOR = 2048


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    return make_sample(tmp_path_factory.mktemp("disc") / "disc.iso")


@pytest.fixture
def disc(iso):
    return examine(iso)


class Scratched:
    """A disc of which some sectors can't be read; ``opened`` counts how often it was opened."""

    def __init__(self, monkeypatch, bad=(), *, later=()):
        self.bad, self.later, self.opened = set(bad), set(later), 0
        self.reads_later = False
        monkeypatch.setattr(disc_reading, "open_source", self.open)

    def open(self, source):
        self.opened += 1
        bad = self.bad
        if self.opened > 1:
            bad = self.later if self.reads_later else self.bad | self.later
        return _Opened(open_source(source), bad)


class _Opened:
    def __init__(self, real, bad):
        self._real, self._bad = real, bad
        self.reader = self
        self.sector_size, self.sectors = SECTOR, 0  # as a drive's that wasn't examined

    def __getattr__(self, name):
        return getattr(self._real, name)

    def read_into(self, lba, count, buffer):
        if any(one in self._bad for one in range(lba, lba + count)):
            raise ReadError("scratched", lba=lba, count=count)
        self._real.reader.read_into(lba, count, buffer)


def plan(disc, disk, **options):
    wanted = WriteOptions(**{"probe": False, "unbootable_ok": True, "retries": 1, **options})
    made = plan_write(survey_disc(disc), stick_of(disk), wanted)
    assert isinstance(made, WritePlan), made
    return made


def copy(disc, *disks, heard=None, cancel=None, **options):
    plans = [plan(disc, disk, **options) for disk in disks]
    by_node = {one.stick.node: disk for one, disk in zip(plans, disks, strict=True)}
    return run_write(
        plans,
        heard or Heard(),
        cancel or CancelToken(),
        opener=lambda stick, say: by_node[stick.node].opener(stick, say),
    )


def filled(iso, *bad):
    """The image with the pattern in the place of bad sectors."""
    data = bytearray(iso.read_bytes())
    for lba in bad:
        data[lba * SECTOR : (lba + 1) * SECTOR] = filler(lba)
    return bytes(data)


def test_the_stick_holds_the_disc(iso, disc, new_disk):
    disk = new_disk()
    (report,) = copy(disc, disk)
    assert (report.state, report.verified) == (State.COMPLETE, True)
    assert report.bytes == iso.stat().st_size
    assert disk.content()[: report.bytes] == iso.read_bytes()


def test_bad_sectors_are_filled_listed_and_never_plain_complete(monkeypatch, iso, disc, new_disk):
    Scratched(monkeypatch, {600, 601})
    disk, heard = new_disk(), Heard()
    (report,) = copy(disc, disk, heard=heard)
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.to_json()["bad_sectors"] == [[600, 2]]
    assert len(report.files_affected) == 1
    assert "2 sectors" in report.message
    assert "every byte" not in report.message
    assert report.remedy
    assert disk.content()[: report.bytes] == filled(iso, 600, 601)
    assert heard.progresses[-1].bad_sectors == 2


def test_bad_sectors_of_the_head_are_filled_too(monkeypatch, iso, disc, new_disk):
    Scratched(monkeypatch, {0})
    disk = new_disk()
    (report,) = copy(disc, disk)
    assert report.to_json()["bad_sectors"] == [[0, 1]]
    assert disk.content()[: report.bytes] == filled(iso, 0)


def test_several_sticks_from_one_reading_are_told_the_same(monkeypatch, iso, disc, new_disk):
    scratched = Scratched(monkeypatch, {600})
    disks = [new_disk("sdb"), new_disk("sdc")]
    reports = copy(disc, *disks)
    assert scratched.opened == 1
    assert {report.state for report in reports} == {State.COMPLETE_WITH_ERRORS}
    assert all(disk.content()[: iso.stat().st_size] == filled(iso, 600) for disk in disks)


def test_what_is_written_a_second_time_is_what_was_read_the_first(monkeypatch, iso, disc, new_disk):
    """The bad sector reads the second time: the pattern stays, for the digest is of that."""
    scratched = Scratched(monkeypatch, {1500})
    scratched.reads_later = True
    disk = new_disk(faults=[Fault("read", "flip", nth=2)])
    (report,) = copy(disc, disk)
    assert report.rewritten
    assert scratched.opened == 2
    assert disk.content()[: report.bytes] == filled(iso, 1500)


def test_a_later_reading_fills_what_the_first_could_not_read(monkeypatch, iso, disc):
    scratched = Scratched(monkeypatch, {600})
    reading = DiscReading(disc, 0, Silent(), CancelToken())
    first = read(reading.open())
    scratched.reads_later = True
    assert read(reading.open()) == first == filled(iso, 600)


def test_a_later_reading_never_fills_what_the_first_could_read(monkeypatch, disc):
    Scratched(monkeypatch, later={700})
    reading = DiscReading(disc, 0, Silent(), CancelToken())
    read(reading.open())
    with pytest.raises(SourceError, match="700"):
        read(reading.open())


def read(opened):
    found, buffer = bytearray(), memoryview(bytearray(1 << 20))
    while count := opened.read_into(buffer):
        found += buffer[:count]
    opened.close()
    return bytes(found)


def test_a_reading_goes_on_where_it_is_told_to(disc, iso):
    reading = DiscReading(disc, 0, Silent(), CancelToken())
    opened = reading.open()
    opened.skip_to(1 << 20)
    assert read(opened) == iso.read_bytes()[1 << 20 :]


def test_another_disc_is_noticed_before_the_stick_is_touched(disc, new_disk):
    disk = new_disk()
    before = disk.content()
    (report,) = copy(replace(disc, fingerprint="another"), disk)
    assert report.state is State.REFUSED
    assert "Another disc" in report.message
    assert report.touched is False
    assert disk.content() == before


def test_a_drive_that_gives_less_than_the_files_need_is_no_success(disc, new_disk):
    cut = Wholeness(True, 9000, 50, truncated=True, files=("big.bin",), message="It is cut off.")
    (report,) = copy(replace(disc, virtual=False, wholeness=cut), new_disk())
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.missing_sectors == 50
    assert report.files_affected == ("big.bin",)
    assert "It is cut off." in report.message


def test_a_hanging_drive_keeps_no_cancel_waiting(monkeypatch, disc, new_disk):
    held, go = threading.Event(), threading.Event()

    class Hanging(Scratched):
        def open(self, source):
            opened = super().open(source)
            real = opened.read_into

            def read_into(lba, count, buffer):
                if lba >= 1000:
                    held.set()
                    go.wait(30)
                real(lba, count, buffer)

            opened.read_into = read_into
            return opened

    Hanging(monkeypatch)
    cancel, disk, reports = CancelToken(), new_disk(), []
    job = threading.Thread(target=lambda: reports.extend(copy(disc, disk, cancel=cancel)))
    job.start()
    assert held.wait(20)
    cancel.cancel()
    job.join(10)
    assert not job.is_alive()
    go.set()
    assert reports[0].state is State.CANCELLED
    assert not starts(disk.content())


AUDIO = Track(1, 1, 0, 1000, TrackMode.AUDIO)

REFUSED = {
    "audio": {"tracks": (AUDIO,)},
    "blank": {"status": DiscStatus.BLANK},
    "sessions": {"sessions": 2},
    "form2": {"tracks": (replace(AUDIO, mode=TrackMode.MODE2_FORM2),)},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_stick_cannot_hold_is_refused(disc, new_disk, kind):
    source = replace(survey_disc(disc), disc=replace(disc, **REFUSED[kind]))
    refusal = plan_write(source, stick_of(new_disk()), WriteOptions(unbootable_ok=True))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind
    assert "BIN/CUE" not in refusal.remedy


def test_a_protected_disc_is_told_of_before(disc, new_disk):
    made = plan(replace(disc, protection=Protection.CSS), new_disk())
    assert any("CSS" in warning for warning in made.warnings)


def test_a_disc_is_called_by_its_label(disc):
    in_drive = replace(disc, virtual=False, source="/dev/sr0")
    assert replace(survey_disc(disc), disc=in_drive).name == disc.label
