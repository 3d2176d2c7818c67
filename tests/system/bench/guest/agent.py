#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the machine: starts programs for the tests and passes their output on.

Usage: agent.py PORT. A message is a line of JSON; "size" says how many raw bytes follow it.
Asked: start (id, argv, env, terminal), input (id, size), close (id), signal (id, number).
Told: output (id, stream, size), end (id, code).
"""

import json
import os
import pty
import selectors
import subprocess
import sys
import termios
import time
import tty

CHUNK = 1 << 16


class Program:
    """A running program: where its input goes, where its output comes from."""

    def __init__(self, order):
        env = {**os.environ, **order.get("env", {})}
        if order.get("terminal"):
            self.input, end = pty.openpty()
            settings = termios.tcgetattr(end)
            settings[tty.LFLAG] &= ~termios.ECHO
            settings[tty.OFLAG] &= ~termios.OPOST
            termios.tcsetattr(end, termios.TCSANOW, settings)
            self.process = subprocess.Popen(  # setsid: it is the program's own terminal
                ["setsid", "--ctty", *order["argv"]], stdin=end, stdout=end, stderr=end, env=env,
                cwd=order.get("cwd"),
            )  # fmt: skip
            os.close(end)
            self.outputs = {self.input: "out"}
        else:
            self.process = subprocess.Popen(
                order["argv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=env, cwd=order.get("cwd"), start_new_session=True,
            )  # fmt: skip
            self.input = os.dup(self.process.stdin.fileno())
            self.process.stdin.close()
            self.outputs = {}
            for stream, name in ((self.process.stdout, "out"), (self.process.stderr, "err")):
                self.outputs[os.dup(stream.fileno())] = name
                stream.close()
        for output in self.outputs:
            os.set_blocking(output, False)
        self.listening = dict(self.outputs)
        self.pidfd = os.pidfd_open(self.process.pid)


class Agent:
    """Listens to the port and to all programs at once."""

    def __init__(self, port):
        self.port = port
        self.buffer = b""
        self.programs = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(port, selectors.EVENT_READ, (self.hear, None))

    def tell(self, message, data=b""):
        rest = memoryview(json.dumps({**message, "size": len(data)}).encode() + b"\n" + data)
        while rest:
            rest = rest[os.write(self.port, rest) :]

    def run(self):
        while True:
            for key, _mask in self.selector.select():
                call, argument = key.data
                call(key.fd, argument)

    def hear(self, port, _argument):
        got = os.read(port, CHUNK)
        if not got:  # nobody at the other end
            time.sleep(0.02)
        self.buffer += got
        while b"\n" in self.buffer:
            line, _, rest = self.buffer.partition(b"\n")
            order = json.loads(line)
            size = order.get("size", 0)
            while len(rest) < size:
                rest += os.read(port, max(CHUNK, size - len(rest)))
            self.buffer = rest[size:]
            self.obey(order, rest[:size])

    def obey(self, order, data):
        identity = order["id"]
        if order["do"] == "start":
            try:
                program = Program(order)
            except OSError as error:
                self.tell({"is": "output", "id": identity, "stream": "err"}, str(error).encode())
                self.tell({"is": "end", "id": identity, "code": 127})
                return
            self.programs[identity] = program
            for output in program.outputs:
                self.selector.register(output, selectors.EVENT_READ, (self.pass_on, identity))
            self.selector.register(program.pidfd, selectors.EVENT_READ, (self.finish, identity))
            self.tell({"is": "started", "id": identity, "pid": program.process.pid})
            return
        program = self.programs.get(identity)
        if program is None:
            return
        if order["do"] == "input":
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(program.input, rest) :]
            except OSError:
                pass  # it reads no more
        elif order["do"] == "close" and program.input not in {-1, *program.outputs}:
            os.close(program.input)
            program.input = -1
        elif order["do"] == "signal":
            os.killpg(program.process.pid, order["number"])

    def pass_on(self, output, identity):
        """Pass on what is there; give whether there may be more."""
        program = self.programs[identity]
        try:
            data = os.read(output, CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # a terminal whose last user is gone
            data = b""
        if not data:
            self.selector.unregister(output)
            del program.listening[output]
            return False
        self.tell({"is": "output", "id": identity, "stream": program.listening[output]}, data)
        return True

    def finish(self, pidfd, identity):
        program = self.programs[identity]
        code = program.process.wait()
        for output in list(program.listening):
            while output in program.listening and self.pass_on(output, identity):
                pass
        for output in program.listening:
            self.selector.unregister(output)
        for descriptor in {pidfd, program.input, *program.outputs} - {-1}:
            os.close(descriptor)
        self.selector.unregister(pidfd)
        del self.programs[identity]
        self.tell({"is": "end", "id": identity, "code": code})


def open_port(path):
    """Open the port as soon as udev has made it."""
    for _attempt in range(600):
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            time.sleep(0.05)
    sys.exit(f"no port {path}")


if __name__ == "__main__":
    agent = Agent(open_port(sys.argv[1]))
    agent.tell({"is": "ready", "id": 0})
    agent.run()
