"""Builds the samples in the ways that a user would, and runs them."""

import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import die_with_parent
from libevent import REFERENCE_DIR, Libevent, check, clean_environment

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "tools" / "samples"
STRICT = "-O0 -Wall -Wextra -Werror -std=c99 -pedantic"
SECONDS = 20


@dataclasses.dataclass
class Build:
    """The samples as they were compiled, and the library that they run on."""

    name: str
    folder: pathlib.Path
    lib_dir: pathlib.Path

    def libevent(self, program):
        mode = "reference" if self.lib_dir == REFERENCE_DIR else "relevent-path"
        return Libevent(mode, self.lib_dir, self.folder / program)

    def has(self, program):
        return (self.folder / program).exists()


def install(build_dir, prefix):
    """Installs relevent; returns the folder of its libraries."""
    command_succeeds("cmake", "--install", build_dir, "--prefix", prefix)
    return next(prefix.rglob("libevent.so")).parent


def by_cmake(name, folder, prefix, lib_dir):
    command_succeeds("cmake", "-G", "Ninja", "-S", SAMPLES, "-B", folder,
                     f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_FLAGS={STRICT}")
    command_succeeds("cmake", "--build", folder)
    return Build(name, folder, lib_dir)


def by_make(name, folder, lib_dir, *targets):
    folder.mkdir()
    for source in SAMPLES.iterdir():
        (folder / source.name).symlink_to(source)
    command_succeeds("make", "-s", "-C", folder, f"CFLAGS={STRICT}",
                     f"PKG_CONFIG_PATH={lib_dir / 'pkgconfig'}", *targets)
    return Build(name, folder, lib_dir)


def command_succeeds(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=clean_environment())
    check(done.returncode == 0, f"{command[0]}: exit status {done.returncode}\n{done.stdout}")


def run(build, program, *arguments):
    """Runs a sample to its end; returns its exit status and what it printed on both outputs."""
    done = subprocess.run([build.folder / program, *map(str, arguments)], timeout=SECONDS,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=build.libevent(program).environment())
    return done.returncode, done.stdout, done.stderr


class Server:
    """A sample that runs until it is stopped. Use it in a `with` statement."""

    def __init__(self, build, program, *arguments):
        self._libevent = build.libevent(program)
        self._popen = subprocess.Popen(
            [build.folder / program, *map(str, arguments)], env=self._libevent.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """The program has to end well, unless the conversation has failed already."""
        if kind is None:
            self._libevent.check_mapped(self._popen.pid)
            self.signal(signal.SIGTERM)
            status = self._popen.wait(SECONDS)
            check(status == 0, f"exit status {status} after SIGTERM")
        self._popen.kill()
        self._popen.wait()
        self._popen.stdout.close()

    def line(self):
        return self._popen.stdout.readline().rstrip("\n")

    def port(self):
        line = self.line()
        match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)", line)
        check(match, f"no address in {line!r}")
        return int(match[1])

    def signal(self, number):
        self._popen.send_signal(number)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def expect(what, expected):
    check(what == expected, f"expected {expected!r}, got {what!r}")
