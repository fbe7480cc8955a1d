#!/usr/bin/env python3
"""Installs relevent's Debian packages in a root of its own, runs programs, and removes them again.

First the package that goes beside the system's libevent, then the one that takes its place. Each
time tmux and memcached must map what is expected, and afterwards the packages, their states and all
files must be what they were.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import machine
from roots import DebootstrapRoot, Failure, MachineRoot, wait_until

ROOTS = {"machine": MachineRoot, "debootstrap": DebootstrapRoot}
NAMES = {"relevent", "relevent-libevent", "relevent-dev", "relevent-dbgsym"}
# Only if relevent was built with Mbed TLS; nothing else may need that.
MBEDTLS_NAMES = {"relevent-mbedtls", "relevent-mbedtls-dev"}
# Loads the object and a function of it, which takes all that it needs.
LOAD_MBEDTLS = ("import ctypes; "
                "ctypes.CDLL('libevent_mbedtls-2.1.so.7').bufferevent_mbedtls_dyncontext_new")
# Mounts and processes end with it. CMakeLists.txt asks whether it can be made.
NAMESPACE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# Begins a string that every object of relevent holds (src/api/ident.c).
RELEVENT_MARK = b"$relevent: "
TMUX = ("tmux", "-L", "packages", "-f", "/dev/null")


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_mapped(root, pid, title, is_relevent, is_beside=False):
    """The process has mapped libevents, all of them relevent or none, all in the one folder."""
    mapped = root.mapped_libevents(pid)
    check(mapped, f"{title} maps no libevent")
    for path in mapped:
        check((RELEVENT_MARK in path.read_bytes()) == is_relevent,
              f"{title}: {path} is {'not ' if is_relevent else ''}relevent")
        check((path.parent.name == "relevent") == is_beside, f"{title} maps {path}")


@contextlib.contextmanager
def tmux_server(root, *launcher):
    """A tmux server with a session; yields its process id."""
    root.run(*launcher, *TMUX, "new-session", "-d", "cat")
    pid = int(root.run(*TMUX, "display-message", "-p", "#{pid}"))
    try:
        yield pid
    finally:
        root.run(*TMUX, "kill-server")
        # What goes into the background becomes ours, as we are the first process in here.
        wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, "tmux ends")


def run_tmux(root, *launcher, **expected):
    with tmux_server(root, *launcher) as pid:
        check_mapped(root, pid, "tmux", **expected)
        root.run(*TMUX, "send-keys", "does it work?", "Enter")
        wait_until(lambda: root.run(*TMUX, "capture-pane", "-p").split("\n")[:2] ==
                   ["does it work?"] * 2, "cat in tmux answers")


def run_memcached(root, *launcher, **expected):
    path = root.folder / "tmp/memcached"
    process = root.start(*launcher, "memcached", "-u", "root", "-s", "/tmp/memcached")
    try:
        wait_until(path.exists, "memcached listens")
        check_mapped(root, process.pid, "memcached", **expected)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(str(path))
            stream = client.makefile("rwb")
            stream.write(b"set key 0 0 5\r\nvalue\r\nget key\r\n")
            stream.flush()
            answer = b"".join(stream.readline() for _ in range(4))
            check(answer == b"STORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n",
                  f"memcached answers {answer}")
    finally:
        process.terminate()
        process.wait(30)
        path.unlink(missing_ok=True)


def run_programs(root, *launcher, **expected):
    run_tmux(root, *launcher, **expected)
    run_memcached(root, *launcher, **expected)


class State:
    """What a root has installed."""

    def __init__(self, root):
        self._root = root
        self._packages = root.packages()
        self._files = root.files()

    def check_unchanged(self, after):
        packages, files = self._root.packages(), self._root.files()
        differences = sorted(self._packages ^ packages)
        differences += sorted(name for name in self._files.keys() | files.keys()
                              if self._files.get(name, "") != files.get(name, ""))
        check(not differences, f"{after} left behind or changed: {differences[:20]}")


def beside(root, debs):
    before = State(root)
    root.install(debs["relevent"], debs["relevent-dbgsym"])
    run_programs(root, "relevent-run", is_relevent=True, is_beside=True)
    run_programs(root, is_relevent=False)
    root.remove("relevent", "relevent-dbgsym")
    before.check_unchanged("removing relevent")
    return "beside libevent: relevent-run takes it, nothing else does, and it leaves no trace"


def instead(root, debs):
    before = State(root)
    names = [name for name in debs if name != "relevent"]
    root.install(*(debs[name] for name in names))
    check(not root.run("dpkg", "--audit"), "dpkg finds packages in disorder")
    run_programs(root, is_relevent=True)
    if MBEDTLS_NAMES <= debs.keys():
        root.run("python3", "-c", LOAD_MBEDTLS)
    root.remove(*(name for name in names if name != "relevent-libevent"))
    root.restore()
    run_programs(root, is_relevent=False)
    before.check_unchanged("going back to libevent")
    return "instead of libevent: all programs take it, and libevent comes back as it was"


def found_packages(folder):
    """The packages to install, by name."""
    found = {path.name.partition("_")[0]: path for path in sorted(folder.glob("relevent*.deb"))}
    check(found.keys() - MBEDTLS_NAMES == NAMES,
          f"{folder} has {sorted(found)}, not {sorted(NAMES)}")
    for name in NAMES:
        needed = machine.needed_by([found[name]])
        check(not any("mbed" in package for package in needed), f"{name} needs {needed}")
    return found


def copied_into(root, packages):
    """Puts the packages into the root; returns their paths there, by name."""
    (root.folder / "packages").mkdir()
    for path in packages.values():
        shutil.copy(path, root.folder / "packages")
    return {name: f"/packages/{path.name}" for name, path in packages.items()}


def check_packages(kind, packages_folder, folder):
    """Runs within a namespace of its own."""
    try:
        packages = found_packages(packages_folder)
        root = ROOTS[kind](folder, packages.values())
        root.mount()
        debs = copied_into(root, packages)
        for scenario in (beside, instead):
            print(f"  ok: {scenario(root, debs)}", flush=True)
    except Failure as failure:
        print(f"FAIL: {failure}")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", choices=ROOTS, default="machine")
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="where they are")
    parser.add_argument("--within", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.within:
        return check_packages(args.root, args.packages, args.within)
    # What is mounted in there is not seen out here, so that removing the folder cannot reach it.
    with tempfile.TemporaryDirectory(prefix="relevent-packages-") as folder:
        user = ["--map-root-user"] if os.geteuid() else []
        return subprocess.run([*NAMESPACE, *user, sys.executable, *sys.argv, "--within",
                               f"{folder}/root"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
