#!/usr/bin/env python3
"""Tests of tools/event_rpcgen.py: what it refuses and where, and that compilers have nothing to say
about what it writes. What the written code does is tested by rpc_message_test.cpp."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GENERATOR = HERE.parent.parent / "tools" / "event_rpcgen.py"
MESSAGES = HERE / "messages.rpc"
INCLUDE = []

# Compilers that programs may use on the output; those that are missing are left out.
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only"]
COMPILERS = [["gcc", "-std=c99"], ["gcc", "-std=gnu17"], ["clang", "-std=c99"],
             ["clang-14", "-std=c99"], ["g++", "-std=c++11", "-x", "c++"],
             ["clang++-14", "-std=c++20", "-x", "c++"]]

# What is wrong with a file, in which line, and words of the message.
ERRORS = [
    ("struct a { int x = 1; ", 1, "found 'the end of the file'"),
    ("struct a {\n int x = 1\n}\n", 3, "expected ';'"),
    ("struct a {\n\n int x = ;\n}\n", 3, "expected a number"),
    ("struct a { float x = 1; }", 1, "'float' is no type"),
    ("struct a {\n int x = 1;\n int x = 2;\n}", 3, "there is a field 'x' already"),
    ("struct a {\n int x = 1;\n int y = 0x1;\n}", 3, "the tag 1 is that of 'x'"),
    ("struct a { int x = 1; }\nstruct a { int x = 1; }", 2, "'a' is defined in line 1"),
    ("struct a {\n struct[b] x = 1;\n}", 2, "there is no message 'b'"),
    ("struct a { struct x = 1; }", 1, "expected '['"),
    ("struct a { }", 1, "'a' has no fields"),
    ("struct int { int x = 1; }", 1, "'int' is a word of C"),
    ("struct a { array bytes x = 1; }", 1, "no arrays of bytes"),
    ("struct a { array bytes x[3] = 1; }", 1, "no arrays of bytes"),
    ("struct a { bytes x[0] = 1; }", 1, "no fields of 0 bytes"),
    ("struct a { int x[4] = 1; }", 1, "expected '='"),
    ("struct a { int x = 2147483647; }", 1, "the tag is over"),
    ("struct a { int x = 012; }", 1, "without a leading 0"),
    ("struct a { int x = 1y; }", 1, "unexpected '1'"),
    ("struct a { int x = -1; }", 1, "unexpected '-'"),
    ("/* one\n two\n */\nstruct a { int x = 1; } $", 4, "unexpected '$'"),
    ("\n/* one\n two", 2, "the comment does not end"),
    ("struct a { int x = 1; } # define A", 1, "# has to begin a line"),
    ("message a { int x = 1; }", 1, "expected 'struct'"),
    ("struct a { int b_c = 1; }\nstruct a_b { int c = 1; }", 2, "the constant A_B_C"),
    ("struct a {\n int X = 1;\n int x = 2; }", 3, "the constant A_X"),
]

GOOD = {
    "nothing": "",
    "comments": "// struct\n/* struct **/ struct /* x */ a // y\n{ int x /* = 2 */ = 1; }; // end",
    "directives": "#include <stddef.h>\n#define SIZE \\\n 12\nstruct a { bytes x[SIZE] = 1; }",
    "unlike orders": "struct a { struct[b] x = 1; } struct b { optional struct[a] x = 0xfFfF; }",
    "included": '#include "messages.gen.h"\nstruct a { struct[Place] x = 1; array struct[Sum] y = 2; }',
    "words of C": "struct a { int int = 1; string static = 2; int base = 3; int msg = 4; }",
    "only arrays": "struct a { array int x = 1; array string y = 2; array int64 z = 3; }",
    "bytes": "struct a { bytes x = 1; optional bytes y[3] = 2; bytes x_length = 3; }",
}

# Programs for libevent 1.4 use other macros, and this header.
OLD_PROGRAM = """
#include <evrpc.h>
#include "messages.gen.h"
int main(void)
{
	struct Trip *trip = Trip_new();
	struct Place *place = EVTAG_ADD(trip, stops);
	ev_uint8_t *note;
	ev_uint32_t length;
	return EVTAG_ASSIGN(place, name, "Rome") | EVTAG_GET(trip, note, &note, &length) |
	    EVTAG_ASSIGN(trip, note, note, length) | EVTAG_LEN(trip, stops) |
	    EVTAG_GET(trip, stops, 0, &place) | (EVTAG_ADD(trip, seats, 7) == NULL);
}
"""


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def generate(self, *arguments):
        return subprocess.run([sys.executable, GENERATOR, *map(str, arguments)], cwd=self.place,
                              capture_output=True, text=True, timeout=60, check=False)

    def file(self, text, name="it.rpc"):
        path = self.place / name
        path.write_text(text, encoding="utf-8")
        return path

    def files(self):
        return sorted(path.name for path in self.place.iterdir())

    def test_errors_name_file_and_line_and_write_nothing(self):
        for text, line, words in ERRORS:
            with self.subTest(text=text):
                done = self.generate(self.file(text))
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{self.place}/it.rpc:{line}: ", done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertEqual(self.files(), ["it.rpc"])

    def test_files_that_cannot_be_read_or_written(self):
        self.assertEqual(self.generate("missing.rpc").returncode, 1)
        source = self.file(GOOD["bytes"])
        self.assertEqual(self.generate(source, "no/such/place.h").returncode, 1)
        (self.place / "binary.rpc").write_bytes(b"\xff\xfe")
        self.assertEqual(self.generate("binary.rpc").returncode, 1)

    def test_command_line(self):
        self.assertEqual(self.generate().returncode, 2)
        self.file(GOOD["bytes"])
        for outputs in (["a.h", "b.h"], ["a.txt"], ["a.h", "a.c", "b.c"]):
            self.assertEqual(self.generate("it.rpc", *outputs).returncode, 2)
        self.assertEqual(self.files(), ["it.rpc"])
        done = self.generate("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("SYNOPSIS", done.stdout)

    def test_names_of_the_output(self):
        self.file(GOOD["bytes"])
        done = self.generate("it.rpc")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("it.gen.h", done.stdout)
        self.assertEqual(self.files(), ["it.gen.c", "it.gen.h", "it.rpc"])
        (self.place / "include").mkdir()
        done = self.generate("--quiet", "it.rpc", "other.c", "include/other.h")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn('#include "include/other.h"',
                      (self.place / "other.c").read_text(encoding="utf-8"))

    def test_the_same_input_gives_the_same_output(self):
        outputs = []
        for _ in range(2):
            self.generate(MESSAGES, "a.h", "a.c")
            outputs.append((self.place / "a.h").read_bytes() + (self.place / "a.c").read_bytes())
        self.assertEqual(outputs[0], outputs[1])

    def test_compilers_accept_the_output(self):
        self.assertEqual(self.generate(MESSAGES, "messages.gen.h", "messages.gen.c").returncode, 0)
        sources = ["messages.gen.c"]
        for number, (name, text) in enumerate(GOOD.items()):
            self.file(text, f"good{number}.rpc")
            done = self.generate(f"good{number}.rpc")
            self.assertEqual((name, done.returncode, done.stderr), (name, 0, ""))
            sources.append(f"good{number}.gen.c")
        for compiler in COMPILERS:
            if shutil.which(compiler[0]) is not None:
                self.check_compiles([*compiler, *STRICT, *sources])

    def test_the_macros_of_old_programs_fit(self):
        done = self.generate(MESSAGES, "messages.gen.h", "messages.gen.c")
        self.assertEqual(done.returncode, 0)
        self.file(OLD_PROGRAM, "old.c")
        self.check_compiles(["gcc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                             "old.c"])

    def check_compiles(self, command):
        include = [f"-I{path}" for path in INCLUDE]
        done = subprocess.run([*command, *include], cwd=self.place, capture_output=True, text=True,
                              timeout=100, check=False)
        self.assertEqual((command[0], done.returncode, done.stderr), (command[0], 0, ""))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--include", action="append", default=[])
    known, rest = options.parse_known_args()
    INCLUDE += known.include
    unittest.main(argv=[sys.argv[0], *rest])
