"""Runs one example program in a terminal, so that each line can be seen as it is printed."""

import contextlib
import ctypes
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import time
import tty

from harness import LIBC, die_with_parent
from libevent import Failure, check

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
SECONDS = 40


class Skipped(Exception):
    """The conversation cannot be held here, for a reason outside the program."""


class Example:
    """A running example. Use it in a `with` statement, which ends it."""

    def __init__(self, build, program, folder, *arguments):
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self._popen = subprocess.Popen(
            [str(build.folder / program), *arguments], cwd=folder, env=build.environment(program),
            stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, preexec_fn=die_with_parent)
        os.close(slave)
        self.pid = self._popen.pid
        self._libevent = build.libevent(program)
        self.text = ""
        self._seen = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._popen.kill()
        self._popen.wait()
        os.close(self._master)

    def check_mapped(self):
        self._libevent.check_mapped(self.pid)

    def expect(self, pattern, seconds=SECONDS):
        """Waits for what matches next in the output; returns the match."""
        limit = time.monotonic() + seconds
        while not (match := re.compile(pattern).search(self.text, self._seen)):
            if not self._read(limit):
                raise Failure(f"no {pattern!r} within {seconds} s in {self.text!r}")
        self._seen = match.end()
        return match

    def _read(self, limit):
        """False at the end of the output and when time is up."""
        if not select.select([self._master], [], [], max(0, limit - time.monotonic()))[0]:
            return False
        try:
            self.text += os.read(self._master, 65536).decode()
        except OSError:  # The program has left the terminal.
            return False
        return True

    def until_caught(self, number):
        """Waits until the program has a handler for the signal."""
        limit = time.monotonic() + SECONDS
        while not caught_signals(self.pid) >> (number - 1) & 1:
            check(self._popen.poll() is None, f"it ended: {self.text!r}")
            check(time.monotonic() < limit, f"no handler for {signal.Signals(number).name}")
            time.sleep(0.01)

    def signal(self, number):
        self._popen.send_signal(number)

    def running(self):
        return self._popen.poll() is None

    def end(self, status):
        """Waits for the program's end; returns all that it printed."""
        limit = time.monotonic() + SECONDS
        while self._read(limit):
            pass
        try:
            found = self._popen.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"it does not end; it printed {self.text!r}") from None
        check(found == status, f"exit status {found}, not {status}; it printed {self.text!r}")
        return self.text


def caught_signals(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt:"))


@contextlib.contextmanager
def port_of_our_own(port, lock_file):
    """Makes sure that nobody else uses the port: by a network of our own, or else by a lock."""
    if own_network():
        yield
        return
    with open(lock_file) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if port_is_taken(port):
            raise Skipped(f"port {port} is in use, and a network namespace may not be made")
        yield


def own_network():
    """Puts this process into a network of its own, where only loopback is; False if it may not."""
    flags = CLONE_NEWNET | (CLONE_NEWUSER if os.geteuid() != 0 else 0)
    if LIBC.unshare(ctypes.c_int(flags)) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    return True


def port_is_taken(port):
    with socket.socket() as probe:
        # As the program's own listener does: what lingers of earlier connections does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False
