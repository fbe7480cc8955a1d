"""What the scripts of the ABI gate share: running tools, reading symbols, reporting."""

import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
ABI = "2.1"
SOVERSION = "7"


class Object(NamedTuple):
    """One of the shared objects, and what may stand in its NEEDED besides libc."""

    name: str  # as in -levent_core
    parts: tuple  # the sections of additions.txt and files of missing/ that it is made of
    needed: tuple = ()
    is_new: bool = False  # the reference has no such object: additions.txt has all its names

    @property
    def soname(self):
        return f"lib{self.name}-{ABI}.so.{SOVERSION}"

    @property
    def archive(self):
        return f"lib{self.name}.a"

    @property
    def dev_link(self):
        return f"lib{self.name}.so"


_CORE_SONAME = f"libevent_core-{ABI}.so.{SOVERSION}"
OBJECTS = {
    o.name: o
    for o in (
        Object("event_core", ("core",)),
        Object("event_extra", ("extra",), (_CORE_SONAME,)),
        Object("event", ("core", "extra")),
        Object("event_pthreads", ("pthreads",), (_CORE_SONAME,)),
        Object("event_openssl", ("openssl",), (_CORE_SONAME, "libssl.so.3", "libcrypto.so.3")),
        Object("event_mbedtls", ("mbedtls",),
               (_CORE_SONAME, "libmbedtls.so.14", "libmbedx509.so.1", "libmbedcrypto.so.7"),
               is_new=True),
    )
}


class ToolError(Exception):
    """A tool failed in a way that is no finding of the gate."""


def run(command, **options):
    """Runs a command, returns the finished process; its output is text."""
    return subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          errors="replace", env={**os.environ, "LC_ALL": "C"}, **options)


def output_of(command, **options):
    """What the command prints; it must succeed."""
    done = run(command, **options)
    if done.returncode != 0:
        text = (done.stderr or done.stdout)[-4000:]
        raise ToolError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{text}")
    return done.stdout


def in_parallel(function, items):
    """function(item) for each item, on all processors; the results in order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


class Symbol(NamedTuple):
    name: str
    kind: str  # the letter of nm: T, W, D, ...
    version: str  # "" if unversioned

    @property
    def is_function(self):
        return self.kind in "TWi"


def dynamic_symbols(path, defined):
    """The symbols a shared object exports (defined) or wants from others (not defined)."""
    which = "--defined-only" if defined else "--undefined-only"
    symbols = []
    for line in output_of(["nm", "-D", which, path]).splitlines():
        kind, full_name = line.split()[-2:]
        name, _, version = full_name.partition("@")
        if kind != "A":  # the version names themselves
            symbols.append(Symbol(name, kind, version.lstrip("@")))
    return symbols


class ArchiveSymbol(NamedTuple):
    name: str
    binding: str  # GLOBAL, WEAK or UNIQUE
    visibility: str  # DEFAULT or HIDDEN
    defined: bool


_READELF_SYMBOL = re.compile(
    r"\s*\d+:\s+[0-9a-f]+\s+\S+\s+\w+\s+(GLOBAL|WEAK|UNIQUE)\s+(\w+)\s+(\w+)\s+(\S+)")


def archive_symbols(path):
    """The symbols in an archive's members that the linker sees."""
    found = set()
    for line in output_of(["readelf", "-sW", path]).splitlines():
        match = _READELF_SYMBOL.match(line)
        if match:
            binding, visibility, section, name = match.groups()
            found.add(ArchiveSymbol(name, binding, visibility, section != "UND"))
    return found


def dynamic_section(path):
    """The entries of the dynamic section that name something: {"NEEDED": [...], ...}."""
    entries = {}
    for line in output_of(["readelf", "-dW", path]).splitlines():
        match = re.match(r"\s*0x[0-9a-f]+ \((\w+)\).*\[(.*)\]", line)
        if match:
            entries.setdefault(match[1], []).append(match[2])
    return entries


def read_lines(path):
    """The lines of a list file, without comments and blank lines."""
    lines = []
    for line in pathlib.Path(path).read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line:
            lines.append(line)
    return lines


def read_sections(path):
    """A list file with [sections]: {section: [line, ...]}."""
    sections, current = {}, None
    for line in read_lines(path):
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif current is None:
            raise ToolError(f"{path}: '{line}' stands before the first [section]")
        else:
            current.append(line)
    return sections


def finish(check, errors, summary):
    """Prints the findings and ends the process: 0 if there are none."""
    for error in errors:
        print(f"FAIL {check}: {error}")
    if errors:
        print(f"{check}: {len(errors)} finding(s)")
        sys.exit(1)
    print(f"{check}: ok, {summary}")
    sys.exit(0)


def main(function):
    """Runs a script's main function; a failed tool is an error of its own kind."""
    try:
        function()
    except ToolError as error:
        print(f"ERROR {error}")
        sys.exit(2)
