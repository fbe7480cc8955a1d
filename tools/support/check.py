"""Builds relevent in every configuration, runs all its tests and counts what really ran.

release  g++, optimized, warnings are errors: every test, on relevent and on the reference
asan     g++, address and undefined-behaviour sanitizers: every test of relevent's own code
tsan     clang, warnings and its thread-safety analysis are errors, thread sanitizer: threaded tests
fuzz     clang, address and undefined-behaviour sanitizers: each libFuzzer target for 30 seconds

A test counts as passed only if the results say that it ran and passed. One that is listed but did
not run has failed. The cases that assert what relevent does differently on purpose have nothing to
prove on the reference; they are counted apart, with their reason.
"""

import argparse
import collections
import dataclasses
import os
import subprocess
import sys
import time

import junit
import project

GCC = ["-DCMAKE_C_COMPILER=gcc", "-DCMAKE_CXX_COMPILER=g++"]
CLANG = ["-DCMAKE_C_COMPILER=clang-14", "-DCMAKE_CXX_COMPILER=clang++-14"]
STRICT = ["-DRELEVENT_WERROR=ON"]
# Neither Debug nor Release: assertions stay on, and -O1 keeps sanitized tests quick.
SANITIZED = ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1", "-DCMAKE_CXX_FLAGS=-O1"]
CONFIGURATIONS = {
    # As it is packaged; nothing is installed there.
    "release": [*GCC, *STRICT, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INSTALL_PREFIX=/usr"],
    # What the sanitizers insert makes GCC 12 warn without cause.
    "asan": [*GCC, *SANITIZED, "-DRELEVENT_SANITIZE=address,undefined"],
    "tsan": [*CLANG, *STRICT, *SANITIZED, "-DRELEVENT_SANITIZE=thread"],
    "fuzz": [*CLANG, *STRICT, *SANITIZED, "-DRELEVENT_SANITIZE=fuzzer-no-link,address,undefined",
             "-DRELEVENT_FUZZ=ON"],
}
SANITIZER_SETTINGS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:suppressions="
                    f"'{project.ROOT / 'tools' / 'support' / 'tsan.supp'}'",
}
TEST_SECONDS = 120
SHOWN_FAILURES = 25
SHOWN_LINES = 60


@dataclasses.dataclass
class Report:
    """What came of one configuration."""

    name: str
    results: list
    build_seconds: float
    test_seconds: float = 0

    def count(self, outcome):
        return sum(result.outcome == outcome for result in self.results)

    def summary(self):
        return (f"{self.name:8} {self.count(junit.PASSED):5} passed, {self.count(junit.FAILED):3} "
                f"failed, {self.count(junit.DIFFERS):3} not for the reference   "
                f"(build {self.build_seconds:.0f} s, tests {self.test_seconds:.0f} s)")


def check_configuration(name, options):
    folder = project.ROOT / "build" / "check" / name
    print(f"{name}: building", flush=True)
    start = time.monotonic()
    failure = project.build(folder, [*CONFIGURATIONS[name], "-DRELEVENT_BUILD_TESTS=ON"])
    report = Report(name, [], time.monotonic() - start)
    if failure:
        report.results.append(junit.Result(f"build of {name}", junit.FAILED, "build", failure))
        return report
    start = time.monotonic()
    report.results = run_tests(name, folder, options)
    report.test_seconds = time.monotonic() - start
    return report


def run_tests(name, folder, options):
    """Runs ctest; returns a result for each test that it lists, whether it ran or not."""
    environment = os.environ | SANITIZER_SETTINGS
    wrapper = fixed_addresses() if name != "release" else []
    select = ["-R", options.only] if options.only else []
    try:
        listed = junit.listed_tests(folder, select, environment)
    except (ValueError, subprocess.SubprocessError) as error:
        return [junit.Result(f"list of tests of {name}", junit.FAILED, "not listed", str(error))]
    if not listed and not options.only:
        return [junit.Result(f"tests of {name}", junit.FAILED, "no test", "no test is registered")]
    print(f"{name}: {len(listed)} tests", flush=True)
    file = folder / "results.xml"
    file.unlink(missing_ok=True)
    command = [*wrapper, "ctest", "--test-dir", str(folder), "-j", str(2 * project.cores()),
               "--timeout", str(TEST_SECONDS), "--output-junit", str(file), "--no-tests=ignore",
               "--test-output-size-passed", "100000", "--test-output-size-failed", "1000000",
               *select]
    if options.repeat > 1:
        command += ["--repeat", f"until-fail:{options.repeat}"]
    (folder / "tests.log").unlink(missing_ok=True)
    project.run_logged(command, folder / "tests.log", env=environment)
    return junit.results(file, listed)


def fixed_addresses():
    """Sanitizers of these compilers stumble over kernels that randomize with many bits."""
    wrapper = ["setarch", "-R"]
    works = subprocess.run([*wrapper, "true"], check=False, capture_output=True).returncode == 0
    return wrapper if works else []


def print_differences(reports):
    reasons = collections.Counter(result.output for report in reports for result in report.results
                                  if result.outcome == junit.DIFFERS)
    if reasons:
        print("\nCases that do not apply to the reference, by reason:")
        for reason, count in sorted(reasons.items()):
            print(f"  {count:3}  {reason}")


def shortened(lines):
    """Beginning and end: a sanitizer names its finding first, an assertion is near the end."""
    if len(lines) <= SHOWN_LINES:
        return lines
    half = SHOWN_LINES // 2
    return [*lines[:half], f"[... {len(lines) - 2 * half} lines ...]", *lines[-half:]]


def print_failures(reports):
    failures = [(report.name, result) for report in reports for result in report.results
                if result.outcome == junit.FAILED]
    for name, result in failures[:SHOWN_FAILURES]:
        print(f"\nFAILED ({name}): {result.name}: {result.status}")
        for line in shortened(result.output.splitlines()):
            print(f"    {line}")
    if len(failures) > SHOWN_FAILURES:
        print("\nThe other failures, without their output:")
        for name, result in failures[SHOWN_FAILURES:]:
            print(f"FAILED ({name}): {result.name}: {result.status}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/check", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the release configuration only")
    parser.add_argument("--config", action="append", choices=CONFIGURATIONS, metavar="NAME",
                        help="only this configuration (may be repeated)")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="only the tests whose names match")
    parser.add_argument("--repeat", type=int, default=1, metavar="N",
                        help="run each test up to N times, until it fails")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    project.install_deps("build", "test", "programs", "doc", "package")
    names = options.config or (["release"] if options.quick else list(CONFIGURATIONS))
    reports = [check_configuration(name, options) for name in names]
    print_differences(reports)
    print_failures(reports)
    print()
    for report in reports:
        print(report.summary())
    passed = sum(report.count(junit.PASSED) for report in reports)
    failed = sum(report.count(junit.FAILED) for report in reports)
    if passed + failed == 0:
        print("No test matches.")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
