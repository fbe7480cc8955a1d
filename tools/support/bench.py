"""Measures relevent against the reference libevent 2.1.12 and prints a Markdown table.

Each round runs every variant of a benchmark once, in a process of its own: relevent, the reference,
and hand-written epoll or a plain loop where there is one. So what disturbs the machine hits all of them. The table has
the medians of the rounds and their ratios; a ratio below 1 means that relevent is the better one.
A benchmark that has a process at the other end of its connections runs on the last core, and that
process on the first one.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import chart
import project

BUILD = project.ROOT / "build" / "bench"
COUNTED_OPERATIONS = 5000
BULK_BLOCKS_PER_MIB = 16


@dataclasses.dataclass
class Benchmark:
    name: str
    operation: str
    kind: str
    has_raw: bool
    missing: str = ""  # a program that it needs and that is not installed


class Runner:
    """Runs the benchmark program on either library."""

    def __init__(self, program, lib_dir):
        self._program = str(program)
        self._folders = {"relevent": lib_dir, "reference": project.REFERENCE_DIR}
        for library in self._folders:
            loaded, path = self.call(library, ["--library"]).split(maxsplit=1)
            if loaded != library:
                sys.exit(f"bench: for {library} the loader took {path.strip()}, which is {loaded}")

    def call(self, variant, arguments, tool=()):
        """Output of the program; `raw` runs without libevent, so which one is loaded is no matter."""
        # Only the program may see the setting: a tool could itself depend on libevent.
        folder = self._folders.get(variant, project.REFERENCE_DIR)
        command = [*tool, "env", f"LD_LIBRARY_PATH={folder}", self._program, *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"bench: {' '.join(command)} failed:\n{result.stdout}{result.stderr}")
        return result.stdout

    def run(self, benchmark, variant, amount, tool=()):
        """Nanoseconds per operation and the number of operations."""
        raw = ["--raw"] if variant == "raw" else []
        output = self.call(variant, ["--run", benchmark.name, *raw, *amount], tool)
        time, operations = output.split()
        return float(time), int(operations)

    def benchmarks(self, pattern):
        found = []
        for line in self.call("relevent", ["--list"]).splitlines():
            name, operation, kind, properties = line.split("\t")
            if pattern.search(name):
                missing = re.search(r"missing:(\S+)", properties)
                found.append(Benchmark(name, operation, kind, "raw" in properties.split(),
                                       missing[1] if missing else ""))
        return found


def time_benchmark(runner, benchmark, options):
    """Nanoseconds of each variant: the median of the rounds, or the best one."""
    times = {variant: [] for variant in variants(benchmark)}
    amount = ["--seconds", str(options.seconds)]
    if benchmark.kind == "bulk":
        amount = ["--operations", str(options.bulk * BULK_BLOCKS_PER_MIB)]
    for _ in range(options.rounds):
        for variant, values in times.items():
            values.append(runner.run(benchmark, variant, amount)[0])
    choose = min if options.best else statistics.median
    return {variant: choose(values) for variant, values in times.items()}


def count_syscalls(runner, benchmark, _options):
    """System calls per operation: what twice as many operations make more."""
    if benchmark.kind == "bytes":
        return None
    counts = {}
    with tempfile.NamedTemporaryFile("r") as summary:
        # Without -f the process at the other end is left alone.
        follow = ["-f"] if benchmark.kind == "threaded" else []
        tool = ["strace", *follow, "-c", "-o", summary.name]

        def total(variant, wanted):
            _, operations = runner.run(benchmark, variant, ["--operations", str(wanted)], tool)
            lines = pathlib.Path(summary.name).read_text().splitlines()
            return int(next(line for line in lines if line.endswith(" total")).split()[3]), operations

        for variant in variants(benchmark):
            few_calls, few = total(variant, COUNTED_OPERATIONS)
            many_calls, many = total(variant, 2 * few)
            counts[variant] = (many_calls - few_calls) / (many - few)
    return counts


def count_instructions(runner, benchmark, _options):
    """Instructions in user space per operation, within what is timed."""
    if benchmark.kind not in ("alone", "with-peer"):  # a peer is killed before it tells its count
        return None
    counts = {}
    # With a peer, an operation can be as long as a handshake.
    wanted = COUNTED_OPERATIONS // (10 if benchmark.kind == "with-peer" else 1)
    with tempfile.NamedTemporaryFile("r") as log:
        tool = ["valgrind", "--tool=callgrind", "--toggle-collect=relevent_bench_timed",
                "--callgrind-out-file=/dev/null", f"--log-file={log.name}", "--trace-children=yes",
                "--trace-children-skip=*/wrk"]
        for variant in variants(benchmark):
            _, operations = runner.run(benchmark, variant, ["--operations", str(wanted)], tool)
            collected = re.findall(r"Collected : (\d+)", pathlib.Path(log.name).read_text())
            counts[variant] = int(collected[-1]) / operations
    return counts


def variants(benchmark):
    return ["relevent", "reference"] + (["raw"] if benchmark.has_raw else [])


def ratio(value, base):
    if base == 0:
        return "1.00" if value == 0 else "-"
    return f"{value / base:.2f}"


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def row(benchmark, values):
    raw = values.get("raw")
    cells = [benchmark.name, benchmark.operation, number(values["relevent"]),
             number(values["reference"]), ratio(values["relevent"], values["reference"]),
             "" if raw is None else number(raw),
             "" if raw is None else ratio(values["relevent"], raw)]
    return "| " + " | ".join(cells) + " |"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--filter", default="", metavar="REGEX", help="only these benchmarks")
    parser.add_argument("--rounds", type=int, default=5, metavar="N",
                        help="runs of each variant (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S",
                        help="length of one run (default: %(default)s)")
    parser.add_argument("--best", action="store_true",
                        help="the best round instead of the median, for a busy machine")
    parser.add_argument("--lib-dir", type=pathlib.Path, metavar="DIR",
                        help="relevent's libraries (default: build them)")
    parser.add_argument("--program", type=pathlib.Path, metavar="FILE",
                        help="the benchmark program (default: build it)")
    parser.add_argument("--bulk", type=int, default=4096, metavar="MIB",
                        help="what a bulk transfer transfers (default: %(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="as --best --rounds 3 --seconds 0.15 --bulk 256")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write the results to this file too")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FILE",
                        help="draw the ratios reference / relevent into this file")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--syscalls", action="store_true",
                      help="count system calls per operation, by strace")
    kind.add_argument("--instructions", action="store_true",
                      help="count instructions per operation, by callgrind")
    options = parser.parse_args(arguments)
    if options.quick:
        options.best, options.rounds, options.seconds, options.bulk = True, 3, 0.15, 256
    if options.rounds < 1 or options.seconds <= 0 or options.bulk < 1:
        parser.error("--rounds, --seconds and --bulk: only numbers above 0")
    try:
        options.filter = re.compile(options.filter)
    except re.error as error:
        parser.error(f"--filter: {error}")
    return options


def main():
    options = parse(sys.argv[1:])
    project.install_deps("build", "bench")
    if not options.program:
        failure = project.build(BUILD, ["-DCMAKE_BUILD_TYPE=Release"], ["bench"])
        if failure:
            sys.exit(f"bench: the build failed:\n{failure}")
    runner = Runner(options.program or BUILD / "bin" / "bench", options.lib_dir or BUILD / "lib")
    if options.syscalls:
        measure, unit = count_syscalls, "system calls per operation"
    elif options.instructions:
        measure, unit = count_instructions, "instructions per operation"
    else:
        measure = time_benchmark
        unit = (f"nanoseconds per operation, {'best' if options.best else 'median'} of "
                f"{options.rounds} rounds")
        # One core for all: where a thread runs would otherwise be the largest influence. The last
        # one, as interrupts tend to go to the first.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    unit = unit[0].upper() + unit[1:]
    origin = (f"{datetime.date.today()}, commit {project.commit()}, {processor()}, "
              f"Linux {os.uname().release}.")
    print(f"{unit}. {origin}\n")
    print("| benchmark | operation | relevent | reference | ratio | by hand | ratio |")
    print("|---|---|--:|--:|--:|--:|--:|", flush=True)
    results = []
    for benchmark in runner.benchmarks(options.filter):
        if benchmark.missing:
            print(f"| {benchmark.name} | needs {benchmark.missing} | | | | | |", flush=True)
            continue
        values = measure(runner, benchmark, options)
        if values:
            print(row(benchmark, values), flush=True)
            results.append({"name": benchmark.name, "operation": benchmark.operation, **values})
    if options.json:
        summary = {"unit": unit, "origin": origin, "results": results}
        options.json.write_text(json.dumps(summary, indent=1) + "\n")
    if options.svg:
        options.svg.write_text(chart.svg(results, "libevent 2.1.12 / relevent", f"{unit}: {origin}"))


if __name__ == "__main__":
    main()
