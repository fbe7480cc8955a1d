#!/usr/bin/env python3
"""Proves that the gate fails when it should.

Makes libraries and headers that pass every check (empty functions under the reference's names, a
copy of its headers), breaks one thing at a time, and requires a finding that names the culprit.
"""

import argparse
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import abi_tools as abi
import check_archives
import check_exports
import check_headers
import check_layout
import check_needed
import declarations

REFERENCE_LIB_DIR = pathlib.Path("/usr/lib/x86_64-linux-gnu")
REFERENCE_INCLUDE = pathlib.Path("/usr/include")
OLD_OBJECTS = [o for o in abi.OBJECTS.values() if not o.is_new]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class Libraries:
    """A directory with the five shared objects and archives, all functions of which are empty."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        for an_object in OLD_OBJECTS:
            self.make(an_object)

    def make(self, an_object, drop=(), source="", options=(), soname=None, needed=None):
        """Links one object anew, without some functions or with more source or options."""
        required = (set() if an_object.is_new else
                    check_exports.required_names(REFERENCE_LIB_DIR / an_object.soname))
        functions = "".join(f"void {n}(void) {{}}\n" for n in sorted(required - set(drop)))
        code = write(self.directory / f"{an_object.name}.c", functions + source)
        member = self.directory / f"{an_object.name}.o"
        abi.output_of(["gcc", "-w", "-fno-builtin", "-fPIC", "-c", "-o", member, code])
        archive = self.directory / an_object.archive
        archive.unlink(missing_ok=True)
        abi.output_of(["ar", "rcs", archive, member])
        file = self.directory / f"{an_object.soname}.0.1"
        needed = [self.directory / n if "event" in n else f"-l:{n}"
                  for n in (an_object.needed if needed is None else needed)]
        abi.output_of(["gcc", "-shared", f"-Wl,-soname,{soname or an_object.soname}", "-o", file,
                       member, "-Wl,--no-as-needed", *needed, *options])
        for link in (an_object.soname, an_object.dev_link):
            (self.directory / link).unlink(missing_ok=True)
            (self.directory / link).symlink_to(file.name)


class GateTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = pathlib.Path(scratch.name)

    def assert_names(self, culprit, errors):
        """Some finding must name the culprit; culprit is a regular expression."""
        if not any(re.search(culprit, error) for error in errors):
            self.fail("\n".join([f"no {culprit!r} in {len(errors)} findings:", *errors[:20]]))


class LibraryTest(GateTest):
    """Checks of shared objects and archives. Each test breaks libraries of its own."""

    good = None  # built once, then copied

    @classmethod
    def setUpClass(cls):
        cls.good = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.good.cleanup)
        Libraries(cls.good.name)

    def setUp(self):
        super().setUp()
        self.lib = self.directory / "lib"
        shutil.copytree(self.good.name, self.lib, symlinks=True)
        self.objects = OLD_OBJECTS
        self.write_lists()

    def write_lists(self, additions="", **missing):
        for part in ("core", "extra", "pthreads", "openssl"):
            write(self.directory / "missing" / f"{part}.txt", missing.get(part, ""))
        file = write(self.directory / "additions.txt", additions)
        self.lists = check_exports.Lists(self.directory / "missing", file)

    def make(self, name, **changes):
        libraries = Libraries.__new__(Libraries)
        libraries.directory = self.lib
        libraries.make(abi.OBJECTS[name], **changes)

    def exports(self):
        return check_exports.check(self.lib, REFERENCE_LIB_DIR, self.lists, self.objects)

    def needed(self):
        return check_needed.check(self.lib, self.objects)

    def archives(self):
        return check_archives.check(self.lib, [REFERENCE_INCLUDE], self.objects)

    def test_good_libraries_pass(self):
        self.assertEqual(self.exports(), [])
        self.assertEqual(self.needed(), [])

    def test_dropped_export(self):
        self.make("event_core", drop=["event_base_loop"])
        errors = self.exports()
        self.assert_names(r"libevent_core-2\.1\.so\.7: not exported: event_base_loop$", errors)
        self.assert_names(r"libevent_core\.a: not exported: event_base_loop$", errors)

    def test_export_in_the_wrong_object(self):
        self.make("event_extra", source="void event_base_loop(void) {}")
        self.assert_names(r"libevent_extra-2\.1\.so\.7: .* reference has no .*: event_base_loop$",
                          self.exports())

    def test_stray_export(self):
        self.make("event", source="void event_stray_helper(void) {}")
        self.assert_names(r"libevent-2\.1\.so\.7: .* reference has no .*: event_stray_helper$",
                          self.exports())

    def test_stray_underscore_name(self):
        self.make("event", source="void event_helper_(void) {}")
        self.assert_names(r"libevent-2\.1\.so\.7: .* reference has no .*: event_helper_$",
                          self.exports())

    def test_stray_cxx_export(self):
        self.make("event_core", source="__attribute__((weak)) void _ZnwmPv(void) {}")
        self.assert_names(r"libevent_core-2\.1\.so\.7: .* reference has no .*: _ZnwmPv$",
                          self.exports())

    def test_private_surface(self):
        self.make("event_core", source="void relevent_private(void) {}")
        self.assert_names("libevent_extra alone: relevent_private$", self.exports())
        self.make("event", source="void relevent_private(void) {}")
        self.assertEqual(self.exports(), [])

    def test_data_instead_of_a_function(self):
        self.make("event", drop=["event_new"], source="int event_new = 1;")
        self.assert_names("event_new is exported as data", self.exports())

    def test_symbol_version(self):
        script = write(self.directory / "versions", "RELEVENT_1 { global: event_new; };")
        self.make("event", options=[f"-Wl,--version-script={script}"])
        self.assert_names("event_new has the version RELEVENT_1", self.exports())

    def test_stale_missing_entry(self):
        self.write_lists(core="event_new\n")
        self.assert_names("exported, so take it off the list of missing names: event_new$",
                          self.exports())

    def test_missing_entry_that_nobody_wants(self):
        self.write_lists(core="event_newish\n")
        self.assert_names("event_newish is listed as missing", self.exports())

    def test_missing_entry_excuses(self):
        self.write_lists(core="event_new\n")
        self.make("event_core", drop=["event_new"])
        self.make("event", drop=["event_new"])
        self.assertEqual(self.exports(), [])

    def test_update_only_removes(self):
        self.write_lists(core="# comment\nevent_new\nevent_free\n")
        self.make("event_core", drop=["event_free", "event_add"])
        self.assertEqual(check_exports.update(self.lib, self.lists, self.objects), ["event_new"])
        self.assertEqual(self.lists.missing_file("core").read_text(), "# comment\nevent_free\n")

    def test_additions(self):
        self.write_lists(additions="[core]\nevent_fresh\n")
        self.make("event_core", source="void event_fresh(void) {}")
        self.make("event", source="void event_fresh(void) {}")
        self.assertEqual(self.exports(), [])
        self.assert_names("event_fresh is declared in no public header",
                          check_exports.check_additions_are_declared(self.lists, self.objects,
                                                                     {"event_new"}))

    def test_addition_in_the_wrong_object(self):
        self.write_lists(additions="[core]\nevent_fresh\n")
        self.make("event_extra", source="void event_fresh(void) {}")
        self.assert_names(r"libevent_extra-2\.1\.so\.7: .*: event_fresh$", self.exports())

    def test_object_that_the_reference_has_not(self):
        self.write_lists(additions="[mbedtls]\nevent_fresh\nevent_other\n")
        self.make("event_mbedtls", source="void event_fresh(void) {}\nvoid event_third(void) {}",
                  needed=())
        self.objects = [abi.OBJECTS["event_mbedtls"]]
        self.assert_names(r"libevent_mbedtls.*: not exported: event_other$", self.exports())
        self.assert_names(r"libevent_mbedtls.*: exported, but .*: event_third$", self.exports())

    def test_archive_pollutes_the_program(self):
        self.make("event", source='__attribute__((visibility("hidden"))) void parse(void) {}')
        self.assert_names(r"libevent\.a: .*: parse$", self.exports())

    def test_libstdcxx_needed(self):
        self.make("event", options=["-l:libstdc++.so.6"])
        self.assert_names(r"libevent-2\.1\.so\.7: NEEDED libstdc\+\+\.so\.6", self.needed())

    def test_cxx_runtime_symbols(self):
        for symbol in ("_Znwm", "__cxa_atexit", "__gxx_personality_v0", "_Unwind_Resume"):
            self.make("event_core", source=f"void {symbol}(); void* user = {symbol};")
            self.assert_names(rf"libevent_core-2\.1\.so\.7: {symbol} is the C\+\+", self.needed())

    def test_symbol_of_nobody(self):
        self.make("event_core", source="void nobodys(); void* user = nobodys;")
        self.assert_names("nobodys is in no library", self.needed())

    def test_extra_must_not_need_event(self):
        self.make("event_extra", options=[self.lib / "libevent-2.1.so.7"])
        self.assert_names(r"libevent_extra.*: NEEDED libevent-2\.1\.so\.7", self.needed())

    def test_extra_must_need_core(self):
        extra = abi.OBJECTS["event_extra"]
        self.make("event_extra", needed=())
        self.assert_names(rf"{extra.soname}: does not need libevent_core", self.needed())

    def test_soname(self):
        self.make("event", soname="libevent-2.2.so.1")
        self.assert_names(r"soname \['libevent-2\.2\.so\.1'\]", self.needed())

    def test_run_path(self):
        self.make("event", options=["-Wl,-rpath,/opt"])
        self.assert_names(r"libevent-2\.1\.so\.7: R(UN)?PATH",
                          check_needed.check_run_path(self.lib, self.objects))

    def test_dev_link(self):
        (self.lib / "libevent_core.so").unlink()
        self.assert_names(r"libevent_core\.so: does not lead", self.needed())

    def test_archive_needs_libstdcxx(self):
        self.make("event_core", source="void _Znwm(); void* user = _Znwm;")
        self.assert_names("archives core: undefined reference to '(operator new|_Znwm)",
                          self.archives())

    def test_archives_collide(self):
        self.make("event_pthreads", source="void event_new(void) {}")
        self.assert_names("archives pthreads: multiple definition of 'event_new'", self.archives())


# One change to a copy of the headers each: file, pattern, replacement, what the gate must say.
LAYOUT_BREAKAGES = [
    ("event_struct.h", r"evutil_socket_t ev_fd;", "long ev_fd;", r"^struct event\.ev_fd: "),
    ("event_struct.h", r"short ev_events;", "unsigned short ev_events;",
     r"^struct event\.ev_events: .*another type"),
    ("keyvalq_struct.h", r"char \*value;", "char *values;", r"^struct evkeyval\.value: "),
    ("http_struct.h", r"chunked:1", "chunked:2", r"^struct evhttp_request\.chunked: .*bits"),
    ("thread.h", r"int lock_api_version;", "int lock_api_version, extra;",
     r"^struct evthread_lock_callbacks: .*size"),
    ("event.h", r"(#define EV_PERSIST\s+)0x10", r"\g<1>0x11", "^EV_PERSIST: .*16.*17"),
    ("event.h", r"(#define EV_ET\s+)0x20", r"\g<1>0x20u", "^EV_ET: .*int 32.*unsigned 32"),
    ("event.h", r"#define EVLOOP_ONCE.*", "", "^EVLOOP_ONCE: the macro is not defined"),
    ("event.h", r"#define evtimer_del\(ev\)", "#define evtimer_del(ev, more)",
     "^evtimer_del: .* takes 1 parameters, ours 2"),
    ("event-config.h", r"(#define EVENT__VERSION )\S+", r'\1"2.1.13"',
     r'^EVENT__VERSION: .*"2\.1\.12-stable".*"2\.1\.13"'),
    ("event-config.h", r"/\* #undef EVENT__HAVE_KQUEUE \*/", "#define EVENT__HAVE_KQUEUE 1",
     "^EVENT__HAVE_KQUEUE: the reference leaves"),
    ("util.h", r"#define ev_ssize_t ssize_t", "#define ev_ssize_t int", "^ev_ssize_t: "),
    ("buffer.h", r"EVBUFFER_EOL_LF,", "EVBUFFER_EOL_LF = 7,", "^EVBUFFER_EOL_LF: .* 3.* 7"),
    ("buffer.h", r"EVBUFFER_PTR_ADD", "EVBUFFER_PTR_PLUS", "^EVBUFFER_PTR_ADD: "),
    ("event.h", r"int event_base_got_exit\(", "long event_base_got_exit(",
     r"^event_base_got_exit\(\): the reference has 'int .*ours 'long"),
    ("event.h", r"int event_base_got_break\(.*\);", "", r"^event_base_got_break\(\): "),
    ("event.h", r"typedef void \(\*event_log_cb\)\(int", "typedef void (*event_log_cb)(long",
     "^typedef event_log_cb: the reference has"),
    ("rpc.h", r"EVRPC_STRUCT\(rpcname\) \{", "EVRPC_STRUCT(rpcname) { int more;",
     r"^struct evrpc_req__message: "),
    ("dns_struct.h", r"#include <event2/util.h>", "", r"^#include of .*netdb\.h: does not"),
]


def copy_headers(directory):
    """The reference's headers, made to stand alone as ours must."""
    shutil.copytree(REFERENCE_INCLUDE / "event2", directory / "event2")
    for name in declarations.OLD_HEADERS:
        shutil.copy(REFERENCE_INCLUDE / name, directory)
    for header, first in check_layout.REFERENCE_NEEDS_FIRST.items():
        path = directory / header
        includes = "".join(f"#include <{f}>\n" for f in first)
        path.write_text(re.sub(r"(#define EVENT2_\w+_H_INCLUDED_\n)", r"\1" + includes,
                               path.read_text(), count=1))


def change(path, pattern, replacement):
    text, count = re.subn(pattern, replacement, path.read_text(), count=1)
    if count != 1:
        raise abi.ToolError(f"{path}: no {pattern!r} to change")
    path.write_text(text)


class LayoutTest(GateTest):
    """Checks of headers against the reference."""

    def setUp(self):
        super().setUp()
        copy_headers(self.directory)

    def check(self, **exceptions):
        touched = {f"event2/{file}" for file, *_ in LAYOUT_BREAKAGES}
        return check_layout.check([REFERENCE_INCLUDE], [self.directory], exceptions,
                                  only=[*sorted(touched), *check_layout.PROBE_HEADERS])

    def test_a_copy_passes(self):
        self.assertEqual(self.check(), [])

    def test_breakages(self):
        for file, pattern, replacement, _ in LAYOUT_BREAKAGES:
            change(self.directory / "event2" / file, pattern, replacement)
        errors = self.check(EV_PERSIST="on purpose", EV_READ="stale")
        for _, _, _, expected in LAYOUT_BREAKAGES:
            with self.subTest(expected):
                if expected.startswith("^EV_PERSIST"):
                    self.assertFalse([e for e in errors if e.startswith("EV_PERSIST:")])
                else:
                    self.assert_names(expected, errors)
        self.assert_names("^EV_READ: listed as an exception, but", errors)

    def test_header_that_is_not_there(self):
        (self.directory / "event2" / "tag_compat.h").unlink()
        self.assertEqual(self.check(), ["event2/tag_compat.h: we have no such header"])


class HeaderTest(GateTest):
    """Checks of each header alone."""

    def alone(self, text):
        write(self.directory / "event2" / "fresh.h", text)
        return check_headers.check([self.directory])

    def test_good_header_passes(self):
        self.assertEqual(self.alone("#ifndef FRESH_H\n#define FRESH_H\nenum fresh { OLD, NEW };\n"
                                    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
                                    "int event_fresh(enum fresh how);\n"
                                    "#ifdef __cplusplus\n}\n#endif\n#endif\n"), [])

    def test_not_c90(self):
        self.assert_names(r"<event2/fresh\.h> alone: gcc -std=c90", self.alone("// a comment\n"))

    def test_not_cxx(self):
        self.assert_names(r"<event2/fresh\.h> alone: g\+\+ -std=c\+\+11: .*identifier.*\(8 such",
                          self.alone("extern int class;\n"))

    def test_needs_another_header(self):
        self.assert_names(r"<event2/fresh\.h> alone: .*size_t", self.alone("extern size_t n;\n"))

    def test_warning(self):
        self.assert_names("declared inside parameter list|not be visible",
                          self.alone("int f(struct unknown *u);\n"))

    def test_no_include_guard(self):
        self.assert_names("redefinition", self.alone("struct fresh { int a; };\n"))

    def test_cxx_linkage(self):
        self.assert_names("event_fresh.*linkage", self.alone("int event_fresh(void);\n"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference-lib-dir", type=pathlib.Path, default=REFERENCE_LIB_DIR)
    known, rest = parser.parse_known_args()
    REFERENCE_LIB_DIR = known.reference_lib_dir
    unittest.main(argv=[sys.argv[0], *rest])
