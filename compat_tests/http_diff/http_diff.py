#!/usr/bin/env python3
"""Says the same to an evhttp server on relevent and on the reference, and explains each difference.

The conversations are generated (grammar.py), whole and cut into pieces; the same seed gives the
same ones. What each server made of them has to be the same, or differences.py has to say why it is not:
in relevent's default mode, and in the one that takes all that the reference takes.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import time

from differences import COMPAT, DIFFERENCES, SAFE
from grammar import all_conversations
from outcome import hold

SEED, COUNT = 1, 2000
SHOWN = 10


def compare(mode, conversations, reference, ours):
    """How often each row was needed, and the differences that none explains."""
    used, unexplained, count = collections.Counter(), [], 0
    for pieces, theirs, mine in zip(conversations, reference, ours):
        if theirs == mine:
            continue
        count += 1
        said = b"".join(pieces)
        row = next((row for row in DIFFERENCES if row.explains(mode, said, theirs, mine)), None)
        if row is None:
            unexplained.append((pieces, theirs, mine))
        else:
            used[row] += 1
    print(f"  {mode}: {len(conversations)} conversations, {count} differ, "
          f"{len(unexplained)} of them without a reason")
    shortest = sorted(unexplained, key=lambda item: sum(map(len, item[0])))[:SHOWN]
    for pieces, theirs, mine in shortest:
        print(f"    {[piece[:400] for piece in pieces]}\n"
              f"      the reference: {theirs}\n        {theirs!r}\n"
              f"      relevent: {mine}\n        {mine!r}")
    return used, len(unexplained)


def run(options):
    conversations = list(all_conversations(random.Random(options.seed), options.count))
    runs = [(options.reference_dir, {}), (options.lib_dir, {"RELEVENT_HTTP": SAFE}),
            (options.lib_dir, {"RELEVENT_HTTP": COMPAT})]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reference, safe, compat = pool.map(
            lambda run: hold(options.player, run[0], conversations, **run[1]), runs)
    if reference == compat == safe:
        raise ValueError("all three are the same: is it the same library?")
    used, failures = collections.Counter(), 0
    for mode, ours in ((SAFE, safe), (COMPAT, compat)):
        rows, unexplained = compare(mode, conversations, reference, ours)
        used += rows
        failures += unexplained
    return failures + report(used, options.seed == SEED and options.count == COUNT)


def report(used, is_default):
    """Prints how often each row was needed. One that is not needed any more is a failure, unless
    other conversations than usual were held."""
    for row in DIFFERENCES:
        print(f"  {used[row]:5}  {row.reason}")
    unused = sum(not used[row] for row in DIFFERENCES)
    if unused:
        print(f"  {unused} rows have explained nothing")
    return unused if is_default else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--player", type=pathlib.Path, required=True, help="http_player")
    parser.add_argument("--lib-dir", type=pathlib.Path, required=True, help="relevent's libraries")
    parser.add_argument("--reference-dir", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT,
                        help="how many random conversations there are, besides the systematic ones")
    options = parser.parse_args()
    start = time.monotonic()
    try:
        failures = run(options)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"FAIL: {type(error).__name__}: {error}")
        return 1
    print(f"{'FAIL' if failures else 'PASS'}: {time.monotonic() - start:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
