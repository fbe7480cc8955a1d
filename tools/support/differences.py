"""Prints where relevent differs from the reference on purpose, as the behaviour tests state it.

Each such test begins with INTENDED_DIFFERENCE("reason"); this lists them by file, with the name of
the test that pins the difference.
"""

import argparse
import re
import signal

import project

TESTS = project.ROOT / "compat_tests" / "behaviour"
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
DIFFERENCE = re.compile(r'INTENDED_DIFFERENCE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def joined(literals):
    """The text of adjacent string literals."""
    return "".join(STRING.findall(literals)).replace('\\"', '"')


def differences(path):
    """(reason, case) of each difference in a file, in order; a helper's has no case."""
    text = path.read_text()
    cases = [(match.start(), joined(match[1])) for match in CASE.finditer(text)]
    for match in DIFFERENCE.finditer(text):
        before = [name for start, name in cases if start < match.start()]
        yield joined(match[1]), before[-1] if before else ""


def main():
    argparse.ArgumentParser(prog="tools/differences", description=__doc__).parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may have seen enough
    for path in sorted(TESTS.glob("*_test.cpp")):
        found = list(differences(path))
        if found:
            print(f"\n### {path.stem}\n")
            for reason, case in found:
                print(f"- {reason} (`{case}`)" if case else f"- {reason}")


if __name__ == "__main__":
    main()
