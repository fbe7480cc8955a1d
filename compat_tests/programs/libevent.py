"""Which libevent a program gets, by which of the loader's ways, and how to see that it did."""

import atexit
import os
import pathlib
import re
import subprocess
import tempfile

MODES = ("relevent-path", "relevent-preload", "reference")
REFERENCE_DIR = pathlib.Path("/usr/lib") / f"{os.uname().machine}-linux-gnu"
# Begins a string that every object of relevent holds (src/api/ident.c).
RELEVENT_MARK = b"$relevent: "
SONAME = re.compile(r"libevent(?:_[a-z]+)?-2\.1\.so\.7")


class Failure(Exception):
    """The program, or the library under it, did not do what the conversation expects."""


def check(condition, text):
    if not condition:
        raise Failure(text)


class Libevent:
    """One libevent for one program."""

    def __init__(self, mode, lib_dir, binary):
        check(mode in MODES, f"unknown mode {mode}")
        self.mode = mode
        self.is_relevent = mode != "reference"
        self.dir = pathlib.Path(lib_dir if self.is_relevent else REFERENCE_DIR).resolve()
        self.files = [self._file(name) for name in needed_libevents(binary)]

    def _file(self, name):
        path = self.dir / name
        check(path.exists(), f"{path} does not exist; build the libraries first")
        marked = RELEVENT_MARK in path.read_bytes()
        check(marked == self.is_relevent, f"{path} is {'' if marked else 'not '}relevent")
        return path

    def environment(self):
        """The environment in which the loader takes this libevent."""
        if self.mode == "relevent-preload":
            folder = preloadable(self.dir)
            files = ":".join(f"{folder}/{path.name}" for path in self.files)
            return clean_environment() | {"LD_PRELOAD": files}
        return clean_environment() | {"LD_LIBRARY_PATH": str(self.dir)}

    def check_mapped(self, pid):
        """Checks that the process maps these files and no other libevent; returns the lines."""
        lines = [line for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
                 if "/libevent" in line]
        # Address, permissions, offset, device and inode come before the path, which may hold blanks.
        mapped = {line.split(maxsplit=5)[5] for line in lines}
        wanted = {str(path.resolve()) for path in self.files}
        check(mapped == wanted, f"process {pid} maps {sorted(mapped)}, not {sorted(wanted)}")
        return [line for line in lines if " r-xp " in line]


def preloadable(folder):
    """The folder, or a link to it: what separates names in LD_PRELOAD cannot be in one."""
    if not re.search(r"[\s:]", str(folder)):
        return folder
    scratch = tempfile.TemporaryDirectory(prefix="relevent-preload-")
    atexit.register(scratch.cleanup)
    link = pathlib.Path(scratch.name) / "lib"
    link.symlink_to(folder)
    return link


def clean_environment():
    """Ours without what would change the loader's choice or the library's behaviour."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("LD_", "EVENT_"))}


def needed_libevents(binary):
    """The sonames of the libevent objects that the loader would map for this binary or library."""
    trace = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True, timeout=20,
                           env=clean_environment())
    names = sorted(set(SONAME.findall(trace.stdout)))
    check(names, f"{binary} is not linked against libevent 2.1")
    return names
