# SPDX-License-Identifier: GPL-3.0-or-later
"""Many sticks: one reading of the image, one verdict each, none holds or spoils the others."""

import errno
import threading
import time

import pytest

from discwright.image.decoders import PlainDecoder
from discwright.image.expected import Expected, Where
from discwright.jobs.joint import joined
from discwright.stick import board, fanout, run
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State

from .disk import MIB, Fault, starts
from .writing import Heard, make_image, plan_for, write


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "large.iso"
    make_image(path, 24 * MIB + 512)
    return path


class Gate:
    """Holds a stick's requests of one kind from the ``nth`` on until it is opened."""

    def __init__(self, op, nth):
        self.op, self.nth = op, nth
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, op, count, _offset):
        if op == self.op and count >= self.nth:
            self.reached.set()
            assert self.opened.wait(60)


def in_thread(work):
    """Run it beside; give the thread and the list that its answer will be in."""
    answer = []
    thread = threading.Thread(target=lambda: answer.append(work()))
    thread.start()
    return thread, answer


def test_each_gets_the_image(image, new_disk):
    disks = [new_disk(f"sd{letter}") for letter in "bcde"]
    reports = write(image, *disks)
    assert [report.state for report in reports] == [State.COMPLETE] * 4
    wanted = image.read_bytes()
    for disk, report in zip(disks, reports, strict=True):
        assert disk.content()[: len(wanted)] == wanted
        assert report.target == f"/dev/{disk.path.name}"


def test_the_image_is_read_once(image, new_disk, monkeypatch):
    opened = []
    really = run.open_stream
    monkeypatch.setattr(run, "open_stream", lambda *a, **o: opened.append(a) or really(*a, **o))
    write(image, *(new_disk(f"sd{letter}") for letter in "bcde"))
    assert len(opened) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("open", errno.EBUSY),
        Fault("check", errno.ENODEV),
        Fault("write", errno.EIO, 1),
        Fault("write", errno.ENODEV, 4, gone=True),
        Fault("write", errno.ENOSPC, 5),
        Fault("flush", errno.EIO, 3),
        Fault("read", errno.ENODEV, 3, gone=True),
        Fault("write", "flip", at=5 * MIB),
        Fault("close", errno.EIO, 1),
    ],
    ids=lambda fault: f"{fault.op} {fault.nth} {fault.effect}",
)
def test_a_dying_stick_does_not_spoil_the_others(fault, image, new_disk):
    good, bad, other = new_disk("sdb"), new_disk("sdc", faults=[fault]), new_disk("sdd")
    reports = write(image, good, bad, other)
    ended = State.FAILED if reports[1].touched else State.REFUSED
    assert [report.state for report in reports] == [State.COMPLETE, ended, State.COMPLETE]
    assert joined(reports).state is State.FAILED
    assert "sdc" in reports[1].message
    wanted = image.read_bytes()
    assert good.content()[: len(wanted)] == other.content()[: len(wanted)] == wanted


def test_all_may_fail(image, new_disk):
    disks = [new_disk(name, faults=[Fault("write", errno.EIO, 4)]) for name in ("sdb", "sdc")]
    assert [report.state for report in write(image, *disks)] == [State.FAILED] * 2
    assert not any(starts(disk.content()) for disk in disks)


def test_a_stick_that_hangs_is_fed_alone_later_and_the_others_do_not_wait(
    large, new_disk, monkeypatch
):
    monkeypatch.setattr(fanout, "WINDOW_S", 0.3)
    fast, slow = new_disk("sdb", size=64 * MIB), new_disk("sdc", size=64 * MIB)
    slow.before = gate = Gate("write", 5)
    heard = Heard()
    thread, answer = in_thread(lambda: write(large, fast, slow, heard=heard))
    assert gate.reached.wait(20)
    deadline = time.monotonic() + 20
    while fast.count("close") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert fast.count("close") == 1, "the fast stick waited for the slow one"
    gate.opened.set()
    thread.join(30)
    assert [report.state for report in answer[0]] == [State.COMPLETE] * 2
    wanted = large.read_bytes()
    assert slow.content()[: len(wanted)] == wanted
    assert any("alone" in line for line in heard.lines)


def test_a_slow_stick_is_fed_alone_while_the_others_go_on(large, new_disk, monkeypatch):
    monkeypatch.setattr(fanout, "WINDOW_S", 0.05)
    fast = [new_disk(f"sd{letter}", size=64 * MIB) for letter in "bcd"]
    slow = new_disk("sde", size=64 * MIB)
    for disk, pace in (*((one, 0.04) for one in fast), (slow, 0.12)):
        disk.before = lambda op, _n, _at, pace=pace: time.sleep(pace) if op == "write" else None
    write(large, *fast, slow)
    written = [offset for op, offset, length in slow.calls if op == "write" and length == MIB]
    image = [offset for offset in written if 0 < offset < 24 * MIB]
    assert len(image) == len(set(image)), "the others' reading fed it too"


def test_a_stick_that_comes_late_is_written_from_the_start(image, new_disk, monkeypatch):
    monkeypatch.setattr(run, "LATE_S", 0.1)
    fast, late = new_disk("sdb"), new_disk("sdc")
    late.before = gate = Gate("flush", 1)
    thread, answer = in_thread(lambda: write(image, fast, late))
    deadline = time.monotonic() + 20
    while fast.count("close") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert fast.count("close") == 1
    gate.opened.set()
    thread.join(30)
    assert [report.state for report in answer[0]] == [State.COMPLETE] * 2


def test_a_late_stick_is_read_back_in_any_case_as_it_has_a_reading_of_its_own(
    new_disk, tmp_path, monkeypatch
):
    monkeypatch.setattr(run, "LATE_S", 0.1)
    copy = tmp_path / "copy.iso"
    make_image(copy)
    early, late = new_disk("sdb"), new_disk("sdc")
    late.before = gate = Gate("flush", 1)
    thread, answer = in_thread(lambda: write(copy, early, late, verify=False))
    deadline = time.monotonic() + 20
    while early.count("close") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    with copy.open("r+b") as file:
        file.seek(5 * MIB)
        file.write(b"something else")
    gate.opened.set()
    thread.join(20)
    first, second = answer[0]
    assert first.state is State.COMPLETE
    assert second.state is State.FAILED
    assert not starts(late.content())


def test_a_stick_that_is_ahead_waits_for_the_verdict_on_the_image(image, new_disk, monkeypatch):
    monkeypatch.setattr(run, "LATE_S", 0.1)
    slow, late = new_disk("sdb"), new_disk("sdc")
    slow.before, late.before = Gate("write", 4), Gate("flush", 1)
    wrong = (Expected("sha256", "1" * 64, Where.CONTENT),)
    thread, answer = in_thread(lambda: write(image, slow, late, expect=wrong))
    assert slow.before.reached.wait(20)
    late.before.opened.set()
    deadline = time.monotonic() + 20
    while late.count("write") < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    slow.before.opened.set()
    thread.join(30)
    assert [report.state for report in answer[0]] == [State.FAILED] * 2
    for disk, report in zip((slow, late), answer[0], strict=True):
        assert not starts(disk.content())
        assert "checksum" in report.message
    assert late.count("write") == 9  # stamp, tail, six pieces, and zeros over the stamp


def test_the_slow_one_may_still_fail_by_itself(large, new_disk, monkeypatch):
    monkeypatch.setattr(fanout, "WINDOW_S", 0.3)
    fast, slow = new_disk("sdb", size=64 * MIB), new_disk("sdc", size=64 * MIB)
    slow.before = gate = Gate("write", 5)
    slow.faults = [Fault("write", errno.EIO, 12)]
    thread, answer = in_thread(lambda: write(large, fast, slow))
    assert gate.reached.wait(20)
    deadline = time.monotonic() + 20
    while fast.count("close") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    gate.opened.set()
    thread.join(30)
    assert [report.state for report in answer[0]] == [State.COMPLETE, State.FAILED]
    assert not starts(slow.content())


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_stick_is_not_let_go_of_while_a_request_is_on_its_way(how, image, new_disk):
    faults = [Fault("write", errno.EIO, 3)] if how == "failed" else []
    cancel, disk, was_open = CancelToken(), new_disk(faults=faults), []

    def linger(op, count, _offset):
        if (op, count) == ("write", 4):
            if how == "cancelled":
                cancel.cancel()
            deadline = time.monotonic() + 0.5
            while disk.open and time.monotonic() < deadline:
                time.sleep(0.02)
            was_open.append(disk.open)

    disk.before = linger
    (report,) = write(image, disk, cancel=cancel)
    assert report.state == how
    assert was_open == [True]


CANCELS = [("write", 1), ("write", 3), ("write", 5), ("flush", 3), ("read", 3), ("read", 5)]


@pytest.mark.parametrize(("op", "nth"), CANCELS)
def test_a_cancel_leaves_nothing_that_starts(op, nth, image, new_disk):
    cancel, disk = CancelToken(), new_disk()

    def strike(kind, count, _offset):
        if (kind, count) == (op, nth):
            cancel.cancel()

    disk.before = strike
    (report,) = write(image, disk, cancel=cancel)
    assert report.state is State.CANCELLED
    assert not starts(disk.content())
    assert disk.content()[: 1 << 20] == bytes(1 << 20)
    assert not report.left_bootable
    assert "cancelled" in report.message


def test_a_cancel_before_anything_was_written_leaves_the_stick_as_it_is(image, new_disk):
    cancel, disk = CancelToken(), new_disk()
    before = disk.content()
    cancel.cancel()
    (report,) = write(image, disk, cancel=cancel)
    assert report.state is State.CANCELLED
    assert disk.content() == before
    assert "Nothing was written" in report.message


def test_a_stick_that_never_answers_does_not_hold_the_cancel(image, new_disk, monkeypatch):
    monkeypatch.setattr(run, "GRACE_S", 0.5)
    cancel, disk = CancelToken(), new_disk()
    disk.before = gate = Gate("write", 4)
    thread, answer = in_thread(lambda: write(image, disk, cancel=cancel))
    assert gate.reached.wait(20)
    cancel.cancel()
    thread.join(20)
    assert not thread.is_alive()
    assert answer[0][0].state is State.CANCELLED
    assert "no longer answers" in answer[0][0].message
    assert not starts(disk.content())
    gate.opened.set()
    deadline = time.monotonic() + 20
    while disk.open and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_password_that_is_not_given_does_not_hold_the_cancel(image, new_disk, monkeypatch):
    monkeypatch.setattr(run, "GRACE_S", 0.3)
    cancel, disk = CancelToken(), new_disk()
    before = disk.content()
    disk.before = gate = Gate("open", 1)
    thread, answer = in_thread(lambda: write(image, disk, cancel=cancel))
    assert gate.reached.wait(20)
    cancel.cancel()
    thread.join(20)
    assert answer[0][0].state is State.CANCELLED
    assert "no longer answers" not in answer[0][0].message
    gate.opened.set()  # and it is given after all
    deadline = time.monotonic() + 20
    while (disk.count("open") == 0 or disk.open) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert disk.content() == before


def test_a_stall_is_told_in_words(image, new_disk, monkeypatch):
    monkeypatch.setattr(board, "STALL_S", 0.2)
    disk, heard = new_disk(), Heard()
    disk.before = gate = Gate("write", 4)
    thread, answer = in_thread(lambda: write(image, disk, heard=heard))
    deadline = time.monotonic() + 20
    while not (heard.progresses and "not answered for" in heard.progresses[-1].stall):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    gate.opened.set()
    thread.join(20)
    assert answer[0][0].state is State.COMPLETE
    assert not heard.progresses[-1].stall
    assert sum("not answered for" in line for line in heard.lines) == 1
    assert any("answers again" in line for line in heard.lines)


def test_an_image_that_gives_nothing_any_more_is_told_in_words(image, new_disk, monkeypatch):
    monkeypatch.setattr(board, "STALL_S", 0.2)
    really, heard, disk = PlainDecoder.read_into, Heard(), new_disk()

    def read_into(decoder, view):
        deadline = time.monotonic() + 20
        while decoder.position and not any("No data has come" in line for line in heard.lines):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return really(decoder, view)

    plans = [plan_for(image, disk)]
    monkeypatch.setattr(PlainDecoder, "read_into", read_into)
    (report,) = run.run_write(plans, heard, CancelToken(), opener=disk.opener)
    assert report.state is State.COMPLETE
    assert sum(f"from {image.name}" in line for line in heard.lines) == 1
    assert not any("not answered" in line for line in heard.lines)


def test_every_stick_tells_its_own_progress(image, new_disk):
    disks = [new_disk("sdb"), new_disk("sdc")]
    heard = []
    plans = [plan_for(image, disk) for disk in disks]
    by_node = {f"/dev/{disk.path.name}": disk for disk in disks}
    run.run_write(
        plans,
        Heard(),
        CancelToken(),
        each=lambda node, progress: heard.append((node, progress.phase)),
        opener=lambda stick, say: by_node[stick.node].opener(stick, say),
    )
    assert {node for node, _phase in heard} == set(by_node)


def test_progress_names_its_phases_and_never_exceeds_the_total(image, new_disk):
    heard, disk = Heard(), new_disk()
    disk.before = lambda *_request: time.sleep(0.02)  # so that each phase is seen
    write(image, disk, heard=heard)
    phases = list(dict.fromkeys(progress.phase.value for progress in heard.progresses))
    assert phases[0] == "preparing" or phases[0] == "writing"
    assert {"writing", "verifying"} <= set(phases)
    assert all(p.total is None or p.done <= p.total for p in heard.progresses)
