#!/usr/bin/env python3
"""Holds one conversation with an unmodified program that runs on relevent or on the reference.

Each program is a module beside this file with PACKAGE, BINARY, DEADLINE (seconds) and
converse(session), and LINKED if it is something else that needs libevent; see memcached.py. Exit
status 0 if everything that was checked held.
"""

import argparse
import importlib
import pathlib
import sys

import harness
import libevent

HELPERS = {"chat", "harness", "harness_test", "libevent", "net", "run",
           "run_test"}


def programs():
    names = {path.stem for path in pathlib.Path(__file__).parent.glob("*.py")}
    return sorted(name for name in names - HELPERS if not name.endswith("_client"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", choices=programs())
    parser.add_argument("--mode", choices=libevent.MODES, default="relevent-path")
    parser.add_argument("--lib-dir", default="build/check/release/lib",
                        help="where relevent's shared objects are (default: %(default)s)")
    options = parser.parse_args()
    program = importlib.import_module(options.program)
    print(f"{options.program} ({options.mode})", flush=True)
    try:
        with harness.Session(program.PACKAGE, program.BINARY, options.mode, options.lib_dir,
                             program.DEADLINE, getattr(program, "LINKED", None)) as session:
            program.converse(session)
    except (libevent.Failure, OSError, EOFError) as failure:
        print(f"FAIL: {type(failure).__name__}: {failure}")
        return 1
    print("PASS")
    return 0


if __name__ == "__main__":
    sys.exit(main())
