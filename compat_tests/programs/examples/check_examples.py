#!/usr/bin/env python3
"""The example programs of libevent-dev, unchanged, compiled on an installed relevent and run.

Those that need the core only, the DNS example, the TLS proxy, and the HTTPS client. Each is
compiled by pkg-config and by find_package, and has the same conversation as on the reference: it
must print the same and end in the same way.
"""

import argparse
import multiprocessing
import pathlib
import signal
import sys
import tempfile

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))

from builds import EXAMPLES_DIR, TLS_PROGRAMS, all_builds
from conversations import CONVERSATIONS, comparable
from example import Skipped
from harness import die_with_parent
from libevent import Failure

DEADLINE = 80  # seconds, for one conversation
PASSED, FAILED, SKIPPED = "PASS", "FAIL", "SKIP"
# The exit statuses; ctest is told what the last one means.
STATUSES = {PASSED: 0, FAILED: 1, SKIPPED: 77}


class Conversation:
    """One conversation, held in a process of its own, which may so enter another network."""

    def __init__(self, build, converse, scratch):
        self.name = f"{converse.__name__}, {build.name}"
        self.converse = converse
        self.build = build
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(target=self._run, args=(theirs, scratch),
                                                daemon=True)
        self._process.start()
        theirs.close()

    def _run(self, pipe, scratch):
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(DEADLINE)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            try:
                pipe.send((PASSED, comparable(self.converse(self.build, pathlib.Path(folder)))))
            except (Failure, OSError) as failure:
                pipe.send((FAILED, f"{type(failure).__name__}: {failure}"))
            except Skipped as reason:
                pipe.send((SKIPPED, str(reason)))

    def result(self):
        """The outcome, and what the program printed or why it went otherwise."""
        try:
            return self._pipe.recv()
        except EOFError:
            return FAILED, f"it did not come to an end within {DEADLINE} s, or broke"
        finally:
            self._process.join()


def chosen_programs(with_tls):
    """The programs to build, and to talk to."""
    if with_tls:
        return list(CONVERSATIONS)
    for program in sorted(TLS_PROGRAMS):
        print(f"  {SKIPPED} {program}: relevent is built without TLS")
    return [program for program in CONVERSATIONS if program not in TLS_PROGRAMS]


def converse_all(programs, builds, scratch):
    """All at once: what they do most is wait for the programs' timers."""
    started = [Conversation(build, converse, scratch) for program in programs
               for converse in CONVERSATIONS[program] for build in builds]
    return [(conversation, *conversation.result()) for conversation in started]


def report(results, reference):
    """Prints a line for each conversation; returns the exit status."""
    expected = {conversation.converse: text for conversation, outcome, text in results
                if conversation.build is reference and outcome == PASSED}
    outcomes = set()
    for conversation, outcome, text in results:
        wanted = expected.get(conversation.converse)
        if outcome == PASSED and text != wanted:
            outcome, text = FAILED, f"it printed\n{text}the reference\n{wanted}"
        outcomes.add(outcome)
        print(f"  {outcome} {conversation.name}{'' if outcome == PASSED else f': {text}'}")
    worst = next(outcome for outcome in (FAILED, SKIPPED, PASSED) if outcome in outcomes)
    print(worst)
    return STATUSES[worst]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True,
                        help="a build of relevent, which gets installed into a folder for this run")
    parser.add_argument("--without-tls", action="store_true",
                        help="the build has no libevent_openssl: skip the examples that need it")
    options = parser.parse_args()
    if not EXAMPLES_DIR.exists():
        print(f"FAIL: {EXAMPLES_DIR} does not exist: "
              "libevent-dev is missing, or dpkg leaves out documentation")
        return 1
    # So that the folder goes away then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="relevent-examples-") as folder:
        scratch = pathlib.Path(folder)
        programs = chosen_programs(not options.without_tls)
        try:
            builds = all_builds(programs, options.build_dir, scratch)
        except Failure as failure:
            print(f"FAIL: {failure}")
            return 1
        return report(converse_all(programs, builds, scratch), reference=builds[0])


if __name__ == "__main__":
    sys.exit(main())
