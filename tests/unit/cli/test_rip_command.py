# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright rip`` as a script sees it: exit codes, files, JSON, signals."""

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from discwright.jobs.lock import DeviceLock

from .conftest import DEADLINE, Command


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def until_reading(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the copy has begun."""
    for line in process.stdout:
        if json.loads(line).get("phase") == "reading":
            return
    pytest.fail(f"no copy: {process.stderr.read()!r}")


def test_the_copy_is_the_same_and_sha256sum_agrees(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "copy.iso")
    assert ended.code == 0
    assert (command.folder / "copy.iso").read_bytes() == sample.read_bytes()
    for line in (ended.out, (command.folder / "copy.iso.sha256").read_text()):
        check = subprocess.run(
            ["sha256sum", "--strict", "-c"], input=line, text=True, cwd=command.folder, check=False
        )
        assert check.returncode == 0
    assert "copied completely" in ended.err
    assert not list(command.folder.glob("*.part"))


def test_several_digests_are_printed_each_on_its_line(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "copy.iso", "--hash", "md5,SHA1,sha512,crc32,blake2b,md5")
    data = sample.read_bytes()
    found = dict(re.findall(r"^(\w+) \(.*copy\.iso\) = (\w+)$", ended.out, re.MULTILINE))
    assert list(found) == ["MD5", "SHA1", "SHA512", "CRC32", "BLAKE2b"]
    for name in ("md5", "sha1", "sha512"):
        assert found[name.upper()] == hashlib.new(name, data).hexdigest()


def test_without_checksums_there_are_none(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "copy.iso", "--hash", "none")
    assert (ended.code, ended.out) == (0, "")
    assert "copy.iso.sha256" not in files(command.folder)


def test_a_folder_gets_a_name_from_the_label(command: Command, sample: Path) -> None:
    (command.folder / "discs").mkdir()
    for word in ("discs", "discs/"):
        ended = command("rip", sample, word, "--force", "--json")
        assert ended.report["target"].endswith("/discs/DISCWRIGHT_SAMPLE.iso")
    assert command("rip", sample, "gone/").code == 4
    assert "gone" not in files(command.folder)


def test_the_json_contract_of_a_good_copy(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "copy.iso", "--json", "--verify")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.isascii()
    plan, *others = ended.events
    size = sample.stat().st_size
    assert plan["event"] == "plan"
    assert (plan["size"], plan["sectors"]) == (size, size // 2048)
    assert plan["label"] == "DISCWRIGHT_SAMPLE"
    assert {"source", "target", "rule", "candidates", "warnings"} <= plan.keys()
    progress = [event for event in others if event["event"] == "progress"]
    assert {"reading", "verifying"} <= {event["phase"] for event in progress}
    assert progress[-1].keys() >= {"phase", "done", "total", "rate", "remaining_s", "bad_sectors"}
    report = ended.report
    assert report["state"] == "complete"
    assert report["bytes"] == size
    assert report["digests"] == {"sha256": hashlib.sha256(sample.read_bytes()).hexdigest()}
    assert (report["bad_sectors"], report["files_affected"]) == ([], [])
    assert report["verified"] is True
    assert report["duration_s"] > 0
    assert report["message"]


def test_progress_comes_at_most_twenty_times_a_second(command: Command, medium: Path) -> None:
    ended = command("rip", medium, "copy.iso", "--json", "--hash", "none")
    count = sum(event["event"] == "progress" for event in ended.events)
    # Beginning and end of the few phases come on top.
    assert 2 <= count <= 20 * ended.report["duration_s"] + 12


def test_an_existing_target_is_not_touched(command: Command, sample: Path) -> None:
    target = command.folder / "copy.iso"
    target.write_text("precious")
    for words in ([], ["--json"]):
        ended = command("rip", sample, target, *words)
        assert ended.code == 4
        assert target.read_text() == "precious"
    assert ended.report["state"] == "refused"
    assert ended.report["refusal"] == "exists"
    assert "--force" in ended.report["remedy"]


@pytest.mark.parametrize("word", ["--force", "--yes"])
def test_an_existing_target_is_replaced_when_told_so(
    word: str, command: Command, sample: Path
) -> None:
    target = command.folder / "copy.iso"
    target.write_text("old")
    assert command("rip", sample, target, word).code == 0
    assert target.read_bytes() == sample.read_bytes()


@pytest.mark.parametrize("target", ["copy.iso", "copy.bin", "copy.cue", "copy"])
def test_an_image_file_is_not_copied_to_bin(target: str, command: Command, sample: Path) -> None:
    ended = command("rip", sample, target, "--json", "--format", "bin")
    assert (ended.code, ended.report["refusal"]) == (4, "image-file")
    assert "is an image file" in ended.report["message"]
    assert files(command.folder) == set()


def hostile() -> dict[str, bytes]:
    return {
        "empty.iso": b"",
        "three.iso": b"abc",
        "random.iso": hashlib.shake_128(b"x").digest(100_000),
        "zero.iso": bytes(100_000),
        "none.cue": b"FILE gone.bin BINARY\n TRACK 01 MODE1/2352\n  INDEX 01 00:00:00\n",
        "garbage.cue": b"\xff\xfe\x00" * 100,
        "garbage.toc": b"\xff\xfe\x00" * 100,
        "garbage.nrg": b"\xff" * 5000,
    }


@pytest.mark.parametrize("name", hostile())
def test_what_is_no_disc_is_met_with_a_sentence(name: str, command: Command) -> None:
    (command.folder / name).write_bytes(hostile()[name])
    ended = command("rip", name, "copy.iso", "--json")
    assert ended.code in {1, 4}
    assert ended.report["state"] in {"failed", "refused"}
    assert ended.report["message"].endswith((".", ".”"))
    assert "error in Discwright" not in ended.report["message"]
    assert files(command.folder) == {name}
    assert "Traceback" not in command("rip", name, "copy.iso").err


@pytest.mark.parametrize("source", ["gone.iso", "/dev/no-such-drive", "/dev/null", ".", ""])
def test_a_source_that_cannot_be_opened_is_named(source: str, command: Command) -> None:
    ended = command("rip", source, "copy.iso", "--json")
    assert ended.code in {1, 4}
    assert "error in Discwright" not in ended.report["message"]
    assert ended.report["message"]
    assert files(command.folder) == set()


def test_names_that_are_not_text_work_and_json_stays_json(command: Command, sample: Path) -> None:
    folder = os.fsencode(command.folder)
    shutil.copyfile(sample, folder + b"/in\xff\n.iso")
    ended = command("rip", os.fsdecode(b"in\xff\n.iso"), os.fsdecode(b"out\xfe.iso"), "--json")
    assert ended.code == 0
    assert ended.out.isascii()
    ended.report["target"].encode("utf-8")
    copy = Path(os.fsdecode(folder + b"/out\xfe.iso"))
    assert copy.read_bytes() == sample.read_bytes()
    ended = command("rip", sample, os.fsdecode(b"again\xfe.iso"))
    check = subprocess.run(
        ["sha256sum", "--strict", "-c"],
        input=os.fsencode(ended.out), cwd=command.folder, check=False,
    )  # fmt: skip
    assert check.returncode == 0


def test_the_log_is_saved_where_it_is_wanted(command: Command, sample: Path) -> None:
    command("rip", sample, "copy.iso", "--log", "rip.log")
    log = (command.folder / "rip.log").read_text()
    for part in ("Discwright", "libcdio", "Python", "Linux", "sectors", "complete:"):
        assert part in log
    command("rip", "gone.iso", "copy2.iso", "--log", "gone.log")
    assert "gone.iso" in (command.folder / "gone.log").read_text()


def test_a_log_that_cannot_be_saved_does_not_spoil_the_copy(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "copy.iso", "--log", "no/such/rip.log")
    assert ended.code == 0
    assert "log could not be saved" in ended.err


def test_the_job_is_remembered(command: Command, sample: Path, tmp_path: Path) -> None:
    command("rip", sample, "copy.iso")
    (line,) = (tmp_path / "state/discwright/history.jsonl").read_text().splitlines()
    assert json.loads(line)["state"] == "complete"
    assert json.loads(line)["target"].endswith("/copy.iso")
    assert len(list((tmp_path / "state/discwright/logs").iterdir())) == 1


def test_in_a_pipe_messages_are_plain_lines(command: Command, sample: Path) -> None:
    err = command("rip", sample, "copy.iso").err
    assert "\r" not in err
    assert "\x1b" not in err
    assert "Reading: 100 %" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_within_a_second_and_leaves_nothing(
    number: signal.Signals, command: Command, large: Path
) -> None:
    with command.start("rip", large, "copy.iso", "--json", "--hash", "md5,sha512") as process:
        until_reading(process)
        began = time.monotonic()
        process.send_signal(number)
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
        assert time.monotonic() - began < 1.5
    assert process.returncode == 130
    report = json.loads(out.splitlines()[-1])
    assert (report["event"], report["state"]) == ("report", "cancelled")
    assert err == b""
    assert files(command.folder) == set()


def test_after_a_kill_there_is_no_image_and_the_next_copy_works(
    command: Command, large: Path, sample: Path
) -> None:
    with command.start("rip", large, "copy.iso", "--json", "--hash", "md5,sha512") as process:
        until_reading(process)
        process.kill()
    assert "copy.iso" not in files(command.folder)
    ended = command("rip", sample, "copy.iso", "--json")
    assert ended.report["state"] == "complete"
    assert "copy.iso.part" not in files(command.folder)


def test_two_commands_never_write_the_same_image(command: Command, large: Path) -> None:
    with command.start("rip", large, "copy.iso", "--json", "--hash", "md5,sha512") as process:
        until_reading(process)
        ended = command("rip", large, "copy.iso", "--json")
        process.terminate()
        process.communicate(timeout=DEADLINE)
    assert ended.code == 4
    assert ended.report["refusal"] == "busy"
    assert str(process.pid) in ended.report["message"]
    assert process.returncode == 130


def test_a_device_that_another_program_holds_is_refused_with_its_number(
    command: Command, sample: Path, tmp_path: Path
) -> None:
    target = command.folder / "copy.iso"
    locks = tmp_path / "tmp" / f"discwright-{os.geteuid()}"
    with DeviceLock([f"file:{target}"], "Their job", locks) as lock:
        assert lock.acquire() is None
        ended = command("rip", sample, target)
    assert ended.code == 4
    assert f"process {os.getpid()}" in ended.err
    assert "Their job" in ended.err
    assert not target.exists()


@pytest.mark.parametrize("words", [["--json"], []])
def test_a_reader_that_leaves_does_not_stop_the_copy(
    words: list[str], command: Command, sample: Path
) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    ended = command("rip", sample, "copy.iso", *words, stdout=theirs)
    os.close(theirs)
    assert ended.code == 0
    assert (command.folder / "copy.iso").read_bytes() == sample.read_bytes()
    assert "Traceback" not in ended.err
    assert "BrokenPipe" not in ended.err


def test_a_result_that_cannot_be_written_is_no_success(command: Command, sample: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = command("rip", sample, "copy.iso", "--json", stdout=full)
    assert (ended.code, ended.err) == (1, "")


def test_closed_outputs_are_no_trouble(command: Command, sample: Path) -> None:
    script = 'exec "$@" >&- 2>&-'
    with command.start("rip", sample, "copy.iso") as process:
        line = process.args
        process.communicate(timeout=DEADLINE)
    (command.folder / "copy.iso").unlink()
    ended = subprocess.run(
        ["sh", "-c", script, "sh", *line, "--force"],
        cwd=command.folder, env=command.environment, check=False,
    )  # fmt: skip
    assert ended.returncode == 0
    assert (command.folder / "copy.iso").exists()


class Terminal:
    """A terminal with a command on it."""

    def __init__(self, command: Command, *words: object) -> None:
        self._ours, theirs = pty.openpty()
        self.text = ""
        self.process = command.start(*words, stdin=theirs, stderr=theirs)
        os.close(theirs)

    def wait_for(self, text: str) -> None:
        """Read until the text has come."""
        deadline = time.monotonic() + DEADLINE
        while text not in self.text:
            assert time.monotonic() < deadline, self.text
            if not self._read():
                pytest.fail(f"the command ended: {self.text!r}")

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Read to the end; give the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        self.process.stdout.close()
        return self.process.wait(DEADLINE)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], DEADLINE)[0]:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)


@pytest.mark.parametrize(
    ("answer", "code"), [("y\n", 0), ("yes\n", 0), ("\n", 4), ("n\n", 4), ("\x04", 4)]
)
def test_on_a_terminal_a_yes_is_needed_to_replace_a_file(
    answer: str, code: int, command: Command, sample: Path
) -> None:
    target = command.folder / "copy.iso"
    target.write_text("precious")
    terminal = Terminal(command, "rip", sample, target)
    terminal.wait_for("[y/N] ")
    terminal.type(answer)
    assert terminal.end() == code
    assert (target.read_bytes() == sample.read_bytes()) == (code == 0)


def test_ctrl_c_at_the_question_leaves_everything(command: Command, sample: Path) -> None:
    target = command.folder / "copy.iso"
    target.write_text("precious")
    terminal = Terminal(command, "rip", sample, target)
    terminal.wait_for("[y/N] ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    assert target.read_text() == "precious"
    assert "Traceback" not in terminal.text


def test_with_json_nothing_is_asked(command: Command, sample: Path) -> None:
    (command.folder / "copy.iso").write_text("precious")
    terminal = Terminal(command, "rip", sample, "copy.iso", "--json")
    assert terminal.end() == 4
    assert terminal.text == ""


def test_on_a_terminal_one_line_is_redrawn_and_then_wiped(command: Command, medium: Path) -> None:
    terminal = Terminal(command, "rip", medium, "copy.iso", "--verify")
    assert terminal.end() == 0
    drawn = [part for part in terminal.text.split("\r") if "█" in part or "░" in part]
    assert len(drawn) >= 3
    assert all("\n" not in part for part in drawn)
    assert max(map(len, drawn)) < 80
    assert "MB/s" in terminal.text or "GB/s" in terminal.text
    assert "copied completely" in terminal.text.splitlines()[-1] or "Note" in terminal.text


MEASURE = """
import resource, subprocess, sys
nowhere = subprocess.DEVNULL
status = subprocess.run(sys.argv[1:], stdout=nowhere, stderr=nowhere).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Run from a small process: a child's peak begins with its parent's size (getrusage(2))."""


def test_memory_stays_small_and_does_not_grow_with_the_image(
    command: Command, sample: Path, medium: Path
) -> None:
    peaks = []
    for source in (sample, medium):
        words = [sys.executable, "-m", "discwright", "rip", str(source), "copy.iso", "--force",
                 "--hash", "sha256,md5"]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, *words],
            cwd=command.folder, env=command.environment, capture_output=True, check=True,
        )  # fmt: skip
        status, peak = map(int, done.stdout.split())
        assert status == 0
        peaks.append(peak / 1024)
    assert max(peaks) < 80
    assert peaks[1] < peaks[0] + 15


def test_a_log_is_saved_over_nothing_but_a_log(command: Command, sample: Path) -> None:
    before = sample.read_bytes()
    ended = command("rip", sample, "copy.iso", "--log", sample)
    assert ended.code == 0
    assert sample.read_bytes() == before
    assert "could not be saved" in ended.err
    for _again in range(2):
        assert command("rip", sample, "copy.iso", "--force", "--log", "the.log").code == 0
        assert "complete" in (command.folder / "the.log").read_text()


def test_a_name_that_is_too_long_is_refused_with_a_sentence(command: Command, sample: Path) -> None:
    ended = command("rip", sample, "x" * 300, "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")


def cut_short(sample: Path, target: Path) -> None:
    """Leave an unfinished copy, as a killed program does."""
    half = sample.stat().st_size // 4096 * 2048
    target.with_name(target.name + ".part").write_bytes(sample.read_bytes()[:half])
    rest = sample.stat().st_size - half
    target.with_name(target.name + ".map").write_text(f"0x0 ? 1\n0x0 {half} +\n{half} {rest} ?\n")


def test_an_unfinished_copy_is_gone_on_with_when_asked(
    command: Command, sample: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copy.iso"
    cut_short(sample, target)
    refused = command("rip", sample, target, "--json")
    assert (refused.code, refused.report["refusal"]) == (4, "unfinished")
    assert "--resume" in refused.report["remedy"]
    done = command("rip", sample, target, "--json", "--resume")
    assert (done.code, done.report["state"]) == (0, "complete")
    assert target.read_bytes() == sample.read_bytes()


def test_it_is_said_how_to_go_on(command: Command, sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "a copy.iso"
    other = bytearray(sample.read_bytes())
    other[16 * 2048 + 50] ^= 1
    cut_short(sample, target)
    target.with_name(target.name + ".part").write_bytes(other)
    ended = command("rip", sample, target, "--resume")
    assert ended.code == 1
    assert "Another disc" in ended.err
    assert f"To go on: discwright rip {sample} '{target}' --resume" in ended.err
