"""The programs of tools/rebuild: how each is built and tested."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Program:
    """How to build a source package, to test it, and to read what the tests say."""

    name: str
    binary: str  # one that links libevent
    build: str  # for the shell, as is
    test: str
    case: re.Pattern  # finds name and outcome of a case
    passed: tuple  # the outcomes that are good
    again: str = ""  # tests the cases that are its arguments, for those that fail by chance
    refuses_root: bool = False  # its tests do


MAKE = "make -j$(nproc)"
WITH_POSTGRESQL = "PATH=$(pg_config --bindir):$PATH;"
PROGRAMS = {program.name: program for program in (
    Program("memcached", "memcached", f"./configure && {MAKE}",
            # testapp tests the parts, t/ the server.
            "prove -j$(nproc) ./testapp t/",
            re.compile(r"^(?P<name>\./testapp|t/\S+\.t) \.+ ?(?P<outcome>\w+)", re.MULTILINE),
            ("ok",)),
    Program("fstrm", "src/.libs/fstrm_capture", f"autoreconf -fi && ./configure && {MAKE}",
            "make -k check",
            re.compile(r"^(?P<outcome>[A-Z]+): (?P<name>t/\S+)", re.MULTILINE), ("PASS",)),
    # Looks names up by evdns; its TLS is its own. The tests have a PostgreSQL server.
    Program("pgbouncer", "pgbouncer", f"./configure --without-cares && {MAKE}",
            f"{WITH_POSTGRESQL} cd test && ./test.sh; cd ssl && ./test.sh",
            re.compile(r" running (?P<name>test_\w+) \.\.\. (?P<outcome>\w+)$", re.MULTILINE),
            ("ok",),
            # It counts on clients being connected a second after they were started.
            again=f'{WITH_POSTGRESQL} cd test && ./test.sh "$@"', refuses_root=True),
    # Without what takes most of the time of its build: link-time optimisation, and all code again
    # for a shared library.
    Program("unbound", "unbound",
            "./configure --with-libevent --disable-shared --disable-flto CFLAGS=-O1"
            f" && {MAKE} && {MAKE} tests",
            "make longtest",
            re.compile(r"^(?P<name>\S+): (?P<outcome>PASSED|FAILED|SKIPPED)$", re.MULTILINE),
            ("PASSED",),
            # It takes ports at random, which others may have.
            again='cd testdata && for name; do '
                  'bash ../testcode/mini_tdir.sh -a ../.. exe "$name.tdir"; done'),
)}
