"""Debian roots to install packages in: made of the machine's own packages, or by debootstrap."""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import time

import machine
from machine import Failure, output_of

# What programs and the package manager write while they run.
VOLATILE = {"dev", "proc", "root", "run", "sys", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg",
            "var/log", "var/tmp"}
LIBEVENTS = [f"libevent{part}-2.1-7" for part in ("", "-core", "-extra", "-pthreads", "-openssl")]
PROGRAMS = ("tmux", "memcached")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
               "TERM": "xterm", "DEBIAN_FRONTEND": "noninteractive", "PYTHONDONTWRITEBYTECODE": "1"}


class Root:
    """A folder that holds a system, used in a namespace that takes mounts and processes along."""

    def __init__(self, folder):
        self.folder = folder

    def mount(self):
        for name in ("dev", "proc"):
            (self.folder / name).mkdir(exist_ok=True)
            output_of(["mount", "--rbind", f"/{name}", self.folder / name])
        # Nothing in here has to outlive a crash, and dpkg's waiting for the disk may take minutes.
        (self.folder / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")
        (self.folder / "tmp").mkdir(exist_ok=True)
        (self.folder / "tmp").chmod(0o1777)

    def run(self, *command):
        return output_of(["chroot", self.folder, *command], env=ENVIRONMENT, timeout=600)

    def start(self, *command):
        return subprocess.Popen(["chroot", str(self.folder), *command], env=ENVIRONMENT,
                                stdin=subprocess.DEVNULL)

    def mapped_libevents(self, pid):
        """The files of libevent that a process within has mapped, as paths outside."""
        lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
        return {pathlib.Path(line.split(maxsplit=5)[5]) for line in lines if "/libevent" in line}

    def packages(self):
        """Name, version and state of every package."""
        format_ = "${binary:Package} ${Version} ${db:Status-Abbrev}\n"
        return set(self.run("dpkg-query", "-W", "-f", format_).splitlines())

    def files(self):
        """What every file is: kind, owner, permissions, content. Of dpkg's records, the names."""
        records = self.folder / "var/lib/dpkg/info"
        found = {f"dpkg: {path.name}": None for path in records.iterdir()}
        for directory, folders, names in os.walk(self.folder):
            where = os.path.relpath(directory, self.folder)
            folders[:] = [f for f in folders if os.path.normpath(f"{where}/{f}") not in VOLATILE]
            for name in (*folders, *names):
                found[os.path.normpath(f"{where}/{name}")] = identity(os.path.join(directory, name))
        return found


def identity(path):
    status = os.lstat(path)
    content = None
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    return status.st_mode, status.st_uid, status.st_gid, content


class MachineRoot(Root):
    """Made of packages that this machine has, and what they need: quick, and without network."""

    SEEDS = (*PROGRAMS, *LIBEVENTS, "bash", "coreutils", "dash", "diffutils", "dpkg", "libc-bin")

    def __init__(self, folder, debs):
        super().__init__(folder)
        self._debs = folder / "debs"
        self._stanzas = machine.installed_stanzas()
        names = machine.closure(self._stanzas, (*self.SEEDS, *machine.needed_by(debs)))
        for name in ("bin", "lib", "lib64", "sbin"):  # what /bin and its like are links to
            (folder / "usr" / name).mkdir(parents=True)
        machine.copy_files(names, folder)
        machine.copy_records(names, self._stanzas, folder)
        # What the packages' scripts would have made.
        (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (folder / "etc/group").write_text("root:x:0:\n")
        self.run("ldconfig")
        self.run("dpkg", "--configure", "--pending")
        for name in LIBEVENTS:
            self._repack(name)

    def _repack(self, name):
        """Makes the package anew out of the files that it has installed."""
        tree = self.folder / "tmp" / name
        machine.copy_files([name], tree)
        control = [line for line in self._stanzas[name].splitlines()
                   if not line.startswith("Status:")]
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN/control").write_text("\n".join(control) + "\n")
        for path in machine.records_of(name):
            if path.suffix != ".list":
                shutil.copy2(path, tree / "DEBIAN" / path.suffix[1:])
        self._debs.mkdir(exist_ok=True)
        output_of(["dpkg-deb", "--root-owner-group", "-Z", "none", "--build", tree,
                   self._debs / f"{name}.deb"])
        shutil.rmtree(tree)

    def install(self, *debs):
        # libevent's packages name each other with their exact version, so they have to go together.
        self.run("dpkg", "--install", "--auto-deconfigure", *debs)

    def remove(self, *names):
        self.run("dpkg", "--purge", *names)

    def restore(self):
        """Back to libevent. dpkg wants that step by step; apt does it in one."""
        self.run("dpkg", "--purge", "--force-depends", "relevent-libevent")
        self.run("dpkg", "--install", *(f"/debs/{name}.deb" for name in LIBEVENTS))


class FreshRoot(Root):
    """A fresh Debian 12, from where this machine's apt has its packages."""

    def __init__(self, folder):
        super().__init__(folder)
        format_ = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
        targets = output_of(["apt-get", "indextargets", "--format", format_, "Created-By: Packages",
                             "Origin: Debian"]).splitlines()
        sources = sorted({line for line in targets if line.split()[2].startswith("bookworm")})
        mirrors = [line.split()[1] for line in sources if line.split()[2] == "bookworm"]
        if not mirrors:
            raise Failure("apt has no source of Debian 12 (bookworm)")
        output_of(["debootstrap", "--variant=minbase", "bookworm", folder, mirrors[0]])
        (folder / "etc/apt/sources.list").write_text("\n".join(sources) + "\n")
        settings = [line for line in output_of(["apt-config", "dump"]).splitlines()
                    if line.startswith("Acquire::")]
        (folder / "etc/apt/apt.conf.d/99machine").write_text("\n".join(settings) + "\n")
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        # Servers are not started.
        (folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (folder / "usr/sbin/policy-rc.d").chmod(0o755)

    def packages(self):
        return super().packages() | {f"{name} by hand" for name in
                                     self.run("apt-mark", "showmanual").split()}


class DebootstrapRoot(FreshRoot):
    """One in which apt manages the programs and packages of the test."""

    def __init__(self, folder, debs):
        super().__init__(folder)
        self._apt("update")
        self.install(*PROGRAMS)
        # So that what they depend on does not come and go with them.
        self.install(*machine.needed_by(debs))
        self._libevents = [name for name in LIBEVENTS if self._has(name)]

    def _apt(self, *arguments):
        return self.run("apt-get", "-qq", "-y", "--no-install-recommends", *arguments)

    def _has(self, name):
        return any(line.startswith(f"{name}:") for line in self.packages())

    def install(self, *debs):
        self._apt("install", *debs)

    def remove(self, *names):
        self._apt("purge", *names)

    def restore(self):
        # They came as dependencies of programs, and may go with them.
        self._apt("install", "--mark-auto", *self._libevents, "relevent-libevent-")
        self._apt("purge", "relevent-libevent")


def wait_until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds} s: {what}")
        time.sleep(0.05)
