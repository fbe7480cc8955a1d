#!/usr/bin/env python3
"""Builds the samples as a user of an installed relevent would, and has a conversation with each.

By CMake and by pkg-config on relevent, and by pkg-config on the reference, which proves that they
are programs for libevent.
"""

import argparse
import concurrent.futures
import multiprocessing
import pathlib
import signal
import subprocess
import sys
import tempfile

from conversations import CONVERSATIONS
from sample import by_cmake, by_make, install
from libevent import REFERENCE_DIR, Failure, check

# What is enough to see that the Makefile works, with one package and with several.
BY_MAKE = ("timers-signals",)
TLS_BY_MAKE = ("tls-server", "tls-client")


def all_builds(build_dir, with_tls, scratch):
    prefix = scratch / "prefix"
    lib_dir = install(build_dir, prefix)
    targets = (*BY_MAKE, *(TLS_BY_MAKE if with_tls else ()))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        builds = [pool.submit(by_cmake, "relevent by CMake", scratch / "cmake", prefix, lib_dir),
                  pool.submit(by_make, "relevent by pkg-config", scratch / "make", lib_dir,
                              *targets),
                  pool.submit(by_make, "the reference", scratch / "reference", REFERENCE_DIR)]
    return [build.result() for build in builds]


def converse(build, program, conversation, scratch):
    """Has one conversation; returns whether it went well."""
    try:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            conversation(build, pathlib.Path(folder))
    except (Failure, OSError, ValueError, subprocess.SubprocessError) as failure:
        print(f"  FAIL {program}, {build.name}: {type(failure).__name__}: {failure}")
        return False
    print(f"  PASS {program}, {build.name}")
    return True


def end_at_once():
    """In a process for conversations: an exception could come while it holds a lock."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def chosen_conversations(with_tls):
    chosen = dict(CONVERSATIONS)
    if not with_tls:
        for program in chosen.keys() & set(TLS_BY_MAKE):
            print(f"  SKIP {program}: relevent is built without TLS")
            del chosen[program]
    return chosen


def run(build_dir, with_tls, scratch):
    conversations = chosen_conversations(with_tls)
    builds = all_builds(build_dir, with_tls, scratch)
    missing = [program for program in conversations if not builds[0].has(program)]
    check(not missing, f"not built: {missing}")
    cases = [(build, program, conversation, scratch)
             for program, conversation in conversations.items()
             for build in builds if build.has(program)]
    # At once, in processes: what they do most is wait.
    with multiprocessing.Pool(min(8, len(cases)), end_at_once) as pool:
        results = pool.starmap(converse, cases, chunksize=1)
        # Lets the processes end by themselves: killed at a bad moment, one may leave a lock behind.
        pool.close()
        pool.join()
    return all(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True,
                        help="a build of relevent, which gets installed into a folder for this run")
    parser.add_argument("--without-tls", action="store_true",
                        help="the build has no libevent_openssl: skip the samples that need it")
    options = parser.parse_args()
    # So that the folder goes away then, and the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="relevent-samples-") as folder:
        try:
            passed = run(options.build_dir, not options.without_tls, pathlib.Path(folder))
        except (Failure, OSError) as failure:
            print(f"{type(failure).__name__}: {failure}")
            passed = False
    print("PASS" if passed else "FAIL")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
