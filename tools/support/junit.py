"""Reads what ctest lists and what it reports, and says what became of each test."""

import collections
import dataclasses
import json
import re
import subprocess
import xml.etree.ElementTree

PASSED = "passed"
FAILED = "failed"
# Ran on the reference, where the case only said why it does not apply.
DIFFERS = "differs"

# What INTENDED_DIFFERENCE prints (compat_tests/behaviour/support.h).
# Catch2 breaks long lines; an empty one ends the text.
REASON = re.compile(r"intended difference: (.*?)(?:\n\s*\n|\Z)", re.DOTALL)


@dataclasses.dataclass
class Result:
    name: str
    outcome: str
    status: str
    output: str


def listed_tests(folder, select, environment):
    """The names of the tests that ctest would run in this build folder."""
    listing = subprocess.run(
        ["ctest", "--test-dir", str(folder), "--show-only=json-v1", *select], env=environment,
        check=True, capture_output=True, text=True)
    # Only the JSON is wanted; what precedes it names the folder.
    text = listing.stdout[listing.stdout.index("{"):]
    return [test["name"] for test in json.loads(text)["tests"]]


def results(file, listed):
    """One result per listed test, from ctest's JUnit file. What has no report did not run."""
    try:
        cases = xml.etree.ElementTree.parse(file).getroot().iter("testcase")
        reported = [result_of(case) for case in cases]
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        return [Result(name, FAILED, "not run", f"no results: {error}") for name in listed]
    missing = collections.Counter(listed) - collections.Counter(r.name for r in reported)
    return reported + [Result(name, FAILED, "not run", "ctest did not report on it")
                       for name in missing.elements()]


def result_of(case):
    name = case.get("name")
    output = case.findtext("system-out") or ""
    # "run" is said of a test that ran and passed; all else (fail, notrun, disabled) is a failure.
    if case.get("status") == "run" and case.find("failure") is None:
        reason = REASON.search(output) if name.startswith("reference:") else None
        if reason:
            return Result(name, DIFFERS, "passed", " ".join(reason.group(1).split()))
        return Result(name, PASSED, "passed", output)
    detail = case.find("failure")
    if detail is None:
        detail = case.find("skipped")
    message = detail.get("message") if detail is not None else None
    return Result(name, FAILED, message or case.get("status") or "unknown", output)
