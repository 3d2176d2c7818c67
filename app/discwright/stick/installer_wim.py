# SPDX-License-Identifier: GPL-3.0-or-later
"""Splitting install.wim with wimlib-imagex, and proving the parts.

The parts are other files than the one on the disc, so no comparison of bytes can prove them.
What does: the description of the images is the same in the parts, every piece of content that
the whole names is named by one of them (the trees of directories are such pieces), and each,
read back from the stick and unpacked, has the SHA-1 that the whole says it has.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from discwright.errors import DiscwrightError, SourceError, TargetError
from discwright.stick.installer_names import is_wim_part
from discwright.transfer import kernel
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown

_LOOK_S, _SHORTEST_LOOK_S = 0.25, 0.005
_GRACE_S = 5.0
_PERCENT = re.compile(rb"\((\d{1,3})%\)")
_HASH = re.compile(rb"^Hash\s*= 0x([0-9a-f]{40})\s*$", re.MULTILINE)
_MOST_WORDS = 2000
_FULL = "No space left on device"

FIRST_PART = "install.swm"
"""What Windows' setup looks for where install.wim would be; the next are install2.swm ..."""


class WimFailedError(DiscwrightError):
    """The program said that something is wrong."""


class Wimlib:
    """The program wimlib-imagex. Its methods raise DiscwrightError and Cancelled.

    Below a directory's descriptor it works by /proc, so that it never meets another place that
    has the same name by now.
    """

    def __init__(self, program: str, cancel: CancelToken, tick: Callable[[], None]) -> None:
        self._program = program
        self._cancel = cancel
        self._tick = tick

    def split(
        self, wim: Path, root: int, folder: str, mib: int, tell: Callable[[float], None]
    ) -> tuple[str, ...]:
        """Split into parts of at most so many MiB; give their paths below ``root``.

        ``tell`` hears of the part of the work that is done, from 0 to 1. Raises TargetError, or
        SourceError if it is the whole that is wrong.
        """
        place = _place(root, folder)
        try:
            self._run(
                ["split", str(wim), f"{place}/{FIRST_PART}", str(mib)],
                (root,),
                tell,
                lambda: _push(root, folder),
            )
        except WimFailedError as error:
            if _FULL in error.cause:
                raise TargetError(
                    _("install.wim couldn't be split onto the stick: it is full."),
                    remedy=_("Use a larger stick."),
                    cause=error.cause,
                ) from error
            self._blame(wim)
            raise TargetError(
                _("install.wim couldn't be split onto the stick."),
                remedy=_("Try again, or use another stick."),
                cause=error.cause,
            ) from error
        return parts_in(root, folder)

    def prove(
        self,
        wim: Path,
        root: int,
        folder: str,
        parts: Sequence[str],
        tell: Callable[[float], None],
    ) -> str:
        """Give "" if the parts on the stick hold all that the whole does, or what is wrong.

        Raises SourceError if it is the whole that is wrong.
        """
        place = _place(root, folder)
        try:
            found: set[bytes] = set()
            for part in parts:
                found |= self._pieces(_place(root, part), (root,))
            if not found or found != self._pieces(str(wim), ()):
                return _("the parts don't hold all that install.wim does")
            if self._images(f"{place}/{FIRST_PART}", (root,)) != self._images(str(wim), ()):
                return _("the parts describe other images than install.wim does")
            self._run(
                ["verify", f"{place}/{FIRST_PART}", f"--ref={place}/install*.swm"], (root,), tell
            )
        except WimFailedError as error:
            self._blame(wim)
            return error.cause or error.message
        return ""

    def _blame(self, wim: Path) -> None:
        """Raise SourceError if the whole isn't in order either."""
        try:
            self._run(["verify", str(wim)], (), lambda _part: None)
        except WimFailedError as error:
            raise SourceError(
                _("install.wim is damaged on the disc or in the image already."),
                remedy=_("Get the image again, or clean the disc."),
                cause=error.cause,
            ) from error

    def _pieces(self, wim: str, keep: tuple[int, ...]) -> set[bytes]:
        """Give the SHA-1 of all pieces of content that a WIM or a part of one holds."""
        return set(_HASH.findall(self._run(["info", wim, "--blobs"], keep)))

    def _images(self, wim: str, keep: tuple[int, ...]) -> Any:
        """Give the description of the images, whatever its white space."""
        text = self._run(["info", wim, "--xml"], keep)
        try:
            root = ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError) as error:
            raise WimFailedError(str(error), cause=shown(str(error))) from error
        return [_plain(image) for image in root if image.tag == "IMAGE"]

    def _run(
        self,
        arguments: list[str],
        keep: tuple[int, ...],
        tell: Callable[[float], None] | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> bytes:
        """Run it to its end; give what it printed. Raises WimFailedError, Cancelled."""
        self._cancel.raise_if_cancelled()
        try:
            process = subprocess.Popen(
                [self._program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
                pass_fds=keep,
                process_group=0,
            )
        except OSError as error:
            raise WimFailedError(
                _("The program wimlib-imagex can't be started: {why}.").format(why=error.strerror),
                remedy=_("Install the package wimtools."),
                cause=str(error),
            ) from error
        output, words = _Gathering(process.stdout, tell), _Gathering(process.stderr, None)
        try:
            pause = _SHORTEST_LOOK_S
            while process.poll() is None:
                self._cancel.wait(pause)
                pause = min(_LOOK_S, pause * 2)
                self._tick()
                meanwhile()
        finally:
            _end(process)
            output.join()
            words.join()
        if process.returncode:
            raise _failed(process.returncode, words.text)
        return output.text


def parts_in(root: int, folder: str) -> tuple[str, ...]:
    """Give the paths of the parts in a directory below ``root``. Raises TargetError."""
    try:
        descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=root)
        try:
            with os.scandir(descriptor) as entries:
                names = sorted(one.name for one in entries if is_wim_part(one.name))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise TargetError(
            _("The parts of install.wim can't be found on the stick."), cause=str(error)
        ) from error
    return tuple(f"{folder}/{name}" if folder else name for name in names)


def _push(root: int, folder: str) -> None:
    """Have what is written of the parts brought to the stick, so that little waits at the end."""
    with contextlib.suppress(DiscwrightError, OSError):  # only a hint
        for part in parts_in(root, folder):
            descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC, dir_fd=root)
            try:
                kernel.begin_write_back(descriptor, 0, 0)
            finally:
                os.close(descriptor)


class _Gathering:
    """Reads what a program prints, so that it never waits, and keeps it."""

    def __init__(self, stream: Any, tell: Callable[[float], None] | None) -> None:
        self._stream = stream
        self._tell = tell
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._read, name="wimlib-words", daemon=True)
        self._thread.start()

    @property
    def text(self) -> bytes:
        """All of it; while progress is told, only the end."""
        return b"".join(self._pieces)

    def join(self) -> None:
        """Wait for the end of what is printed."""
        self._thread.join(_GRACE_S)
        if not self._thread.is_alive():  # a program that hangs in the kernel keeps its output open
            self._stream.close()

    def _read(self) -> None:
        while piece := os.read(self._stream.fileno(), 1 << 16):
            if self._tell is not None:
                del self._pieces[:-1]
                told = _PERCENT.findall(b"".join([*self._pieces, piece]))
                if told:
                    self._tell(min(100, int(told[-1])) / 100)
            self._pieces.append(piece)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that still runs, first politely."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)


def _failed(code: int, words: bytes) -> WimFailedError:
    said = shown(words[-_MOST_WORDS:].decode("utf-8", "replace"), 600)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return WimFailedError(
        _("The program wimlib-imagex failed."), cause=f"wimlib-imagex: {how}: {said}"
    )


def _place(root: int, path: str) -> str:
    return f"/proc/self/fd/{root}/{path}" if path else f"/proc/self/fd/{root}"


def _plain(element: Any) -> Any:
    attributes = sorted(element.attrib.items())
    return element.tag, attributes, (element.text or "").strip(), [_plain(one) for one in element]
