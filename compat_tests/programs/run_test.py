#!/usr/bin/env python3
"""relevent-run: what it runs, what it says, and when it says that it cannot."""

import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
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
LIVES_ON_IN_SILENCE = """
    #include <unistd.h>
    int main(void) {
      for (int number = 0; number < 3; ++number) close(number);
      sleep(20);
      return 0;
    }
"""
TELLS_WHAT_IS_CLOSED = """
    #include <event2/event.h>
    #include <fcntl.h>
    #include <unistd.h>
    int main(int argc, char** argv) {
      int closed = event_get_version_number() == 0;
      for (int number = 0; number < 3; ++number)
        if (fcntl(number, F_GETFD) < 0) closed |= 1 << number;
      if (argc > 1) pause();
      return closed;
    }
"""
PR_SET_CHILD_SUBREAPER = 36


def ignore_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def become_reaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


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

    def run_it(self, *arguments, environment=None, program=None, **settings):
        return subprocess.run([program or self.program, *arguments], capture_output=True, text=True,
                              env=clean_environment() | (environment or {}), timeout=SECONDS,
                              **settings)

    def watcher_of(self, program):
        """The folder in /proc of the process that watches this program, once it is at work."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    if (os.readlink(process / "exe") == str(self.program)
                            and program.encode() in (process / "cmdline").read_bytes().split(b"\0")
                            and os.readlink(process / "fd/0") == "/dev/null"):
                        return process
                except OSError:  # it has ended
                    pass
            time.sleep(0.01)
        return self.fail(f"nobody watches {program}")

    def links(self, name):
        """A folder of this name with links to relevent's libraries."""
        folder = self.folder / name
        folder.mkdir()
        for path in self.libraries.glob("libevent*-2.1.so.7"):
            (folder / path.name).symlink_to(path)
        return folder

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

    def test_closed_standard_files(self):
        """The program finds closed what was closed, and is watched all the same."""
        program = self.compile("closed", TELLS_WHAT_IS_CLOSED, "-levent_core")
        for closed in range(8):
            def close_them(numbers=closed):
                for number in range(3):
                    if numbers & 1 << number:
                        os.close(number)
            done = self.run_it(program, preexec_fn=close_them, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, closed, done.stderr)

        def close_two():
            os.close(0)
            os.close(1)
        with self.start("-v", program, "wait", preexec_fn=close_two) as process:
            self.assertIn("LD_LIBRARY_PATH=", process.stderr.readline())
            self.assertIn(" maps ", process.stderr.readline())
            process.terminate()

    def test_children_that_are_ignored(self):
        self.assertEqual(self.run_it(self.plain, "7", preexec_fn=ignore_children).returncode, 7)

    def test_a_process_that_gets_orphans_is_not_watched(self):
        """As process 1 does: it would find a child that it never made."""
        with self.start("-v", self.plain, "wait", preexec_fn=become_reaper) as process:
            number = int(process.stdout.readline().split()[1])
            children = pathlib.Path(f"/proc/{number}/task/{number}/children").read_text()
            self.assertEqual(children, "")
            process.terminate()
            self.assertIn(f"process {number} is not watched", process.stderr.read())

    def test_what_watches_holds_nothing(self):
        """Neither the current folder nor, once the program has let go of it, standard error."""
        program = self.compile("silent", LIVES_ON_IN_SILENCE)
        with self.start("--later", program, cwd=self.folder, stdin=subprocess.PIPE) as process:
            watcher = self.watcher_of(program)
            self.assertEqual(os.readlink(watcher / "cwd"), "/")
            self.assertEqual(process.stderr.read(), "")
            self.assertIsNone(process.poll(), "standard error was held open")
            self.assertTrue(watcher.exists())
            process.terminate()

    def test_folder_with_links(self):
        folder = self.links("links")
        text = self.messages("-v", "--lib-dir", folder, self.plain, "wait")
        target = os.path.realpath(self.libraries / "libevent_core-2.1.so.7")
        self.assertIn(f"LD_LIBRARY_PATH={folder}\n", text)
        self.assertIn(f"maps {target}\n", text)

    def test_folder_that_cannot_be_named_to_the_loader(self):
        fixed = self.compile("bound", USES_LIBEVENT, "-levent_core",
                             f"-Wl,--disable-new-dtags,-rpath,{REFERENCE_DIR}")
        for name, sign, program in (("a:b", ":", self.plain), ("a;b", ";", self.plain),
                                    ("a b", " ", fixed)):
            self.expect_refusal(FAILED, f"{name} has a '{sign}' in its name", "--lib-dir",
                                self.links(name), program)
        self.assertEqual(self.run_it("--lib-dir", self.folder / "a b", self.plain).returncode, 0)

    def test_last_entry_of_the_path_is_empty(self):
        """The current folder."""
        for path in ("/nowhere:", ":/nowhere", "/nowhere::/nowhere", ""):
            done = self.run_it("plain", "3", environment={"PATH": path}, cwd=self.folder)
            self.assertEqual(done.returncode, 3, f"{path}: {done.stderr}")

    def test_libraries_that_are_only_called_alike(self):
        for number, name in enumerate(("libevent.so", "libevent-foo.so", "libevent_of.so.1",
                                       "libevent-2.1.so.7x")):
            library = self.compile(name, "int something;", "-shared", f"-Wl,-soname,{name}")
            program = self.compile(f"alike{number}", USES_LIBEVENT, "-Wl,--no-as-needed", library,
                                   f"-Wl,-rpath,{self.folder}", "-levent_core")
            self.assertEqual(self.run_it(program, "3").returncode, 3)

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

    def test_check_knows_static_members_of_templates(self):
        library = self.compile("members.so", """
            __asm__(".globl member\\n.type member,@gnu_unique_object\\n.size member,4\\n"
                    ".data\\nmember: .long 0");
            """, "-shared")
        program = self.compile("template", """
            #include <event2/event.h>
            extern int member;
            int main(void) { return event_base_new() == NULL || member; }
            """, "-fPIC", library, f"-Wl,-rpath,{self.folder}", "-levent_core")
        done = self.run_it("--check", program)
        self.assertIn("1 functions of libevent are imported, 0 are missing", done.stdout)

    def test_other_versions(self):
        for number, soname in enumerate(("libevent-1.4.so.2", "libevent-2.0.so.5", "libevent.so.2",
                                         "libevent_core-2.2.so.1")):
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
