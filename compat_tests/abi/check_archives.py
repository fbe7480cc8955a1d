#!/usr/bin/env python3
"""Links the archives from plain C, by the C driver, without libstdc++.

Every member is linked (--whole-archive), so nothing that any of them refers to may be missing;
then a program that calls a function of each archive is linked as users do it, and run.
"""

import argparse
import pathlib
import re
import tempfile

import abi_tools as abi
import declarations

# Which archives a program names, what it calls (calls.c), and what else it links.
SETS = {
    "core": (["event_core"], [], []),
    "extra": (["event_extra", "event_core"], ["USE_EXTRA"], []),
    "event": (["event"], ["USE_EXTRA"], []),
    "pthreads": (["event_pthreads", "event_core"], ["USE_PTHREADS"], []),
    "event pthreads": (["event_pthreads", "event"], ["USE_PTHREADS", "USE_EXTRA"], []),
    "openssl": (["event_openssl", "event"], ["USE_OPENSSL", "USE_EXTRA"], ["-lssl", "-lcrypto"]),
    "mbedtls": (["event_mbedtls", "event_core"], ["USE_MBEDTLS"],
                ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"]),
}

# What calls.c calls, by macro. It can only be called once it is there.
CALLS = {"USE_EXTRA": "evtag_init", "USE_PTHREADS": "evthread_use_pthreads",
         "USE_OPENSSL": "bufferevent_openssl_socket_new",
         "USE_MBEDTLS": "bufferevent_mbedtls_socket_new", None: "event_get_version"}


def link(source, options, program):
    """The linker's complaints, one per missing or doubly defined symbol."""
    done = abi.run(["gcc", "-std=c11", "-w", "-o", program, *options], input=source)
    if done.returncode == 0:
        return []
    found = re.findall(r"(undefined reference to|multiple definition of) [`']([^']+)'",
                       done.stderr)
    return sorted({f"{what} '{name}'" for what, name in found}) or [done.stderr[-500:]]


def check_set(title, lib_dir, include_dirs, directory):
    archives, macros, libraries = SETS[title]
    paths = [lib_dir / f"lib{a}.a" for a in archives]
    absent = [p.name for p in paths if not p.exists()]
    if absent:
        return [f"{name}: not built" for name in absent]
    whole = ["-Wl,--whole-archive", *paths, "-Wl,--no-whole-archive", *libraries]
    program = directory / title.replace(" ", "_")
    errors = link("int main(void) { return 0; }", ["-x", "c", "-", "-x", "none", *whole], program)

    defined = {s.name for p in paths for s in abi.archive_symbols(p) if s.defined}
    macros = [m for m in macros if CALLS[m] in defined]
    if not errors and CALLS[None] in defined:
        errors = link(None, [*declarations.include_flags(include_dirs), *(f"-D{m}" for m in macros),
                             abi.HERE / "calls.c", *paths, *libraries], program)
        if not errors and abi.run([program]).returncode != 0:
            errors = ["the program fails"]
    return [f"archives {title}: {error}" for error in errors]


def check(lib_dir, include_dirs, objects):
    names = {o.name for o in objects}
    titles = [title for title, (archives, _, _) in SETS.items() if names.issuperset(archives)]
    with tempfile.TemporaryDirectory() as directory:
        return [error for title in titles for error in
                check_set(title, lib_dir, include_dirs, pathlib.Path(directory))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lib-dir", type=pathlib.Path, required=True)
    parser.add_argument("--include", action="append", required=True, help="our directories")
    parser.add_argument("--objects", nargs="+", default=list(abi.OBJECTS), choices=abi.OBJECTS)
    args = parser.parse_args()
    objects = [abi.OBJECTS[name] for name in args.objects]
    abi.finish("archives", check(args.lib_dir, args.include, objects),
               f"{len(objects)} archives link from C")


if __name__ == "__main__":
    abi.main(main)
