#!/usr/bin/env python3
"""relevent-run: what it runs, what it says, and when it says that it cannot."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

from libevent import RELEVENT_MARK, REFERENCE_DIR, clean_environment

SECONDS = 60
FAILED, CANNOT_RUN, NOT_FOUND = 125, 126, 127
USES_LIBEVENT = """
    #include <event2/event.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    int main(int argc, char** argv) {
      struct event_base* base = event_base_new();
      printf("%s %d\\n", event_base_get_method(base), (int)getpid());
      fflush(stdout);
      event_base_free(base);
      if (argc > 1 && strcmp(argv[1], "wait") == 0) pause();
      if (argc > 1 && strcmp(argv[1], "die") == 0) raise(SIGKILL);
      return argc > 1 ? atoi(argv[1]) : 0;
    }
"""
LOADS_LATER = """
    #include <dlfcn.h>
    #include <unistd.h>
    int main(int argc, char** argv) {
      if (dlopen(argv[argc - 1], RTLD_NOW) == 0) return 1;
      pause();
      return 0;
    }
"""


class RunTest(unittest.TestCase):
    program: pathlib.Path  # relevent-run
    libraries: pathlib.Path

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="relevent-run-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.plain = cls.compile("plain", USES_LIBEVENT, "-levent_core")

    @classmethod
    def compile(cls, name, text, *options):
        source = cls.folder / f"{name}.c"
        source.write_text(textwrap.dedent(text))
        subprocess.run(["cc", "-o", cls.folder / name, source, *options], check=True)
        return str(cls.folder / name)

    def start(self, *arguments, **settings):
        return subprocess.Popen([self.program, *arguments], env=clean_environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings)

    def run_it(self, *arguments, environment=None, program=None):
        return subprocess.run([program or self.program, *arguments], capture_output=True, text=True,
                              env=clean_environment() | (environment or {}), timeout=SECONDS)

    def messages(self, *arguments, environment=None):
        """What is said on standard error up to what is mapped, of a program that waits for its end."""
        with subprocess.Popen([self.program, *arguments], stdout=subprocess.DEVNULL, text=True,
                              stderr=subprocess.PIPE,
                              env=clean_environment() | (environment or {})) as process:
            lines = ""
            while " maps " not in lines and (line := process.stderr.readline()):
                lines += line
            process.terminate()
            self.assertEqual(process.wait(SECONDS), -signal.SIGTERM, lines)
        return lines

    def expect_refusal(self, status, text, *arguments):
        for option in ([], ["--check"]):
            done = self.run_it(*option, *arguments)
            self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
            self.assertIn(text, done.stderr)

    def test_status_is_the_programs(self):
        for number in (0, 7):
            self.assertEqual(self.run_it(self.plain, str(number)).returncode, number)
        self.assertEqual(self.run_it(self.plain, "die").returncode, -signal.SIGKILL)

    def test_the_program_takes_its_place(self):
        """The same process, so signals reach it; and it has no child that it does not know."""
        with self.start(self.plain, "wait") as process:
            number = int(process.stdout.readline().split()[1])
            self.assertEqual(number, process.pid)
            children = pathlib.Path(f"/proc/{number}/task/{number}/children").read_text()
            self.assertEqual(children, "")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(SECONDS), -signal.SIGTERM)

    def test_verbose_tells_what_is_mapped(self):
        text = self.messages("-v", self.plain, "wait")
        self.assertIn(f"maps {self.libraries}/libevent_core-2.1.so.7", text)
        self.assertIn(f"LD_LIBRARY_PATH={self.libraries}", text)
        self.assertEqual(self.run_it(self.plain).stderr, "")

    def test_own_path_is_overcome_by_preload(self):
        fixed = self.compile("fixed", USES_LIBEVENT, "-levent_core",
                             f"-Wl,--disable-new-dtags,-rpath,{REFERENCE_DIR}")
        text = self.messages("-v", fixed, "wait")
        self.assertIn(f"LD_PRELOAD={self.libraries}/libevent_core-2.1.so.7", text)
        self.assertIn(f"maps {self.libraries}/libevent_core-2.1.so.7", text)

    def test_settings_of_the_user_stay(self):
        done = self.run_it("-v", self.plain, environment={"LD_LIBRARY_PATH": "/nowhere"})
        self.assertIn(f"LD_LIBRARY_PATH={self.libraries}:/nowhere", done.stderr)

    def test_library_that_is_loaded_later(self):
        late = self.compile("late", LOADS_LATER)
        self.expect_refusal(CANNOT_RUN, "not a libevent program", late)
        text = self.messages("-v", "--later", late, "libevent_core-2.1.so.7")
        self.assertIn(f"maps {self.libraries}/libevent_core-2.1.so.7", text)

    def test_another_libevent_ends_the_program(self):
        late = self.compile("foreign", LOADS_LATER)
        foreign = f"{REFERENCE_DIR}/libevent_core-2.1.so.7"
        done = self.run_it("--later", late, foreign)
        self.assertEqual(done.returncode, -signal.SIGTERM, done.stderr)
        self.assertIn(f"maps another libevent, {os.path.realpath(foreign)}", done.stderr)

    def test_script_is_run_by_its_interpreter(self):
        for first_line in (f"#!{self.plain} 3", f"#!/usr/bin/env -S {self.plain} 3"):
            script = self.folder / "script"
            script.write_text(first_line + "\n")
            script.chmod(0o755)
            self.assertEqual(self.run_it(script).returncode, 3)
            self.assertIn(f"run by     {self.plain}", self.run_it("--check", script).stdout)

    def test_check_lists_functions(self):
        done = self.run_it("--check", self.plain)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("event_base_new", "event_base_get_method", "event_base_free"):
            self.assertIn(f"provided   {name} (plain)\n", done.stdout)
        self.assertIn("3 functions of libevent are imported, 0 are missing", done.stdout)

    def test_check_finds_what_is_missing(self):
        newer = self.compile("newer.so", "void event_of_tomorrow(void) {}", "-shared",
                             "-Wl,-soname,libevent_core-2.1.so.7")
        program = self.compile("tomorrow", "void event_of_tomorrow(void);\n"
                               "int main(void) { event_of_tomorrow(); }", newer)
        done = self.run_it("--check", program)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("MISSING    event_of_tomorrow (tomorrow)\n", done.stdout)

    def test_other_versions(self):
        for number, soname in enumerate(("libevent-2.0.so.5", "libevent_core-2.2.so.1")):
            self.compile(soname, "int event_base_new;", "-shared", f"-Wl,-soname,{soname}")
            program = self.compile(f"old{number}", "extern int event_base_new;\n"
                                   "int main(void) { return event_base_new; }",
                                   str(self.folder / soname), f"-Wl,-rpath,{self.folder}")
            self.expect_refusal(CANNOT_RUN, f"needs {soname}, which is another version", program)

    def test_programs_that_cannot_be_run(self):
        static = self.compile("static", "int main(void) { return 0; }", "-static")
        self.expect_refusal(CANNOT_RUN, "is linked statically", static)
        self.expect_refusal(CANNOT_RUN, "not a libevent program", "true")
        self.expect_refusal(NOT_FOUND, "not found in PATH", "no-such-program")
        self.expect_refusal(NOT_FOUND, "no such file", "./no-such-program")
        text = self.folder / "text"
        text.write_text("neither a script nor a program")
        self.expect_refusal(CANNOT_RUN, "not a program that may be executed", text)
        text.chmod(0o755)
        self.expect_refusal(CANNOT_RUN, "not an ELF program", text)

    def test_program_of_another_machine(self):
        foreign = self.folder / "machine"
        data = bytearray(pathlib.Path(self.plain).read_bytes())
        data[4] = 3 - data[4]  # 32 bits for 64
        foreign.write_bytes(data)
        foreign.chmod(0o755)
        self.expect_refusal(CANNOT_RUN, "for another kind of machine", foreign)

    def test_damaged_program(self):
        data = pathlib.Path(self.plain).read_bytes()
        damaged = self.folder / "damaged"
        for size in (4, 63, 64, 200, 1000, len(data) // 2):
            damaged.write_bytes(data[:size])
            damaged.chmod(0o755)
            self.assertIn(self.run_it("--check", damaged).returncode, (1, CANNOT_RUN))

    @unittest.skipUnless(os.getuid() == 0, "only root can make a file of somebody else's")
    def test_privileged_programs(self):
        for mode, text in ((0o4755, "set-uid"), (0o2755, "set-gid")):
            privileged = self.folder / text
            shutil.copy(self.plain, privileged)
            os.chown(privileged, 1, 1)
            privileged.chmod(mode)
            self.expect_refusal(CANNOT_RUN, text, privileged)

    def test_moved_tree(self):
        """The libraries are found beside the program, wherever that is, in relevent's own folder first."""
        architecture = f"{os.uname().machine}-linux-gnu"
        for libraries in ("lib", "lib/relevent", f"lib/{architecture}/relevent"):
            root = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
            (root / "bin").mkdir()
            (root / libraries).mkdir(parents=True)
            shutil.copy(self.program, root / "bin")
            for path in self.libraries.glob("libevent*-2.1.so.7"):
                shutil.copy(path, root / libraries)
            done = self.run_it("-v", self.plain, program=root / "bin" / "relevent-run")
            self.assertIn(f"LD_LIBRARY_PATH={root / libraries}", done.stderr)

    def test_libraries_that_are_not_relevents(self):
        done = self.run_it("--lib-dir", REFERENCE_DIR, self.plain)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("relevent's libraries are not in", done.stderr)

    def test_help_and_version(self):
        self.assertIn("usage: relevent-run", self.run_it("--help").stdout)
        self.assertRegex(self.run_it("--version").stdout, r"^relevent-run \d+\.\d+\.\d+\n$")
        for arguments in ((), ("--nonsense",)):
            self.assertEqual(self.run_it(*arguments).returncode, FAILED)

    def test_the_libraries_bear_the_mark(self):
        for path in self.libraries.glob("libevent*-2.1.so.7"):
            self.assertIn(RELEVENT_MARK, path.read_bytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    RunTest.program = options.build_dir.resolve() / "bin" / "relevent-run"
    RunTest.libraries = options.build_dir.resolve() / "lib"
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
