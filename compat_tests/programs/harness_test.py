#!/usr/bin/env python3
"""The harness must fail when it should: with the wrong library, a foreign binary, a stuck program."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

from harness import Session, packaged_checksum
from libevent import REFERENCE_DIR, RELEVENT_MARK, Failure, Libevent

HERE = pathlib.Path(__file__).parent
PROGRAM = shutil.which("memcached")


class HarnessTest(unittest.TestCase):
    def setUp(self):
        self.assertIsNotNone(PROGRAM, "memcached is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def pretend_relevent(self):
        """A copy of the reference that looks like relevent, to tell mappings apart."""
        for source in REFERENCE_DIR.glob("libevent*-2.1.so.7"):
            (self.folder / source.name).write_bytes(source.read_bytes() + RELEVENT_MARK)

    def test_missing_library(self):
        with self.assertRaisesRegex(Failure, "does not exist"):
            Libevent("relevent-path", self.folder, PROGRAM)

    def test_reference_taken_for_relevent(self):
        with self.assertRaisesRegex(Failure, "is not relevent"):
            Libevent("relevent-preload", REFERENCE_DIR, PROGRAM)

    def test_another_library_is_mapped(self):
        self.pretend_relevent()
        with Session("memcached", "memcached", "reference", None, 30) as session:
            server = session.start("-s", str(session.folder / "socket"), "-u", "root")
            session.wait_until(lambda: (session.folder / "socket").exists(), 20, "it listens")
            session.libevent.check_mapped(server.pid)
            for mode in ("relevent-path", "relevent-preload"):
                with self.assertRaisesRegex(Failure, "maps"):
                    Libevent(mode, self.folder, PROGRAM).check_mapped(server.pid)

    def test_background_process_does_not_survive(self):
        with Session("memcached", "memcached", "reference", None, 30) as session:
            pid_file = session.folder / "pid"
            session.start("-d", "-P", str(pid_file), "-s", str(session.folder / "socket"),
                          "-u", "root")
            session.wait_until(lambda: pid_file.exists() and pid_file.read_text(), 20, "it runs")
            pid = int(pid_file.read_text())
            os.kill(pid, 0)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_checksum_is_the_packages_own(self):
        self.assertIsNotNone(packaged_checksum("memcached", os.path.realpath(PROGRAM)))
        self.assertIsNone(packaged_checksum("memcached", "/usr/bin/env"))

    def test_deadline_ends_a_stuck_program(self):
        script = textwrap.dedent("""
            import time
            from harness import Session
            with Session("memcached", "memcached", "reference", None, 1) as session:
                socket = str(session.folder / "socket")
                print(session.start("-s", socket, "-u", "root").pid, flush=True)
                session.step("wait for ever")
                time.sleep(60)
        """)
        result = subprocess.run([sys.executable, "-c", script], cwd=HERE, capture_output=True,
                                text=True, timeout=40)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the deadline of 1 s passed while: wait for ever", result.stdout)
        pid = int(result.stdout.split()[0])
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)


if __name__ == "__main__":
    unittest.main()
