"""What this machine has installed, by dpkg's records, and copies of it."""

import os
import pathlib
import re
import shutil
import subprocess

DPKG = pathlib.Path("/var/lib/dpkg")


class Failure(Exception):
    """The packages do not what they should."""


def output_of(command, **options):
    """What a command prints; it must succeed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode:
        raise Failure(f"{' '.join(words)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def installed_stanzas():
    """What dpkg knows of each installed package, by name."""
    stanzas = {}
    for text in (DPKG / "status").read_text().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in text.splitlines()
                      if ": " in line and not line.startswith(" "))
        if fields.get("Status") == "install ok installed":
            stanzas[fields["Package"]] = text
    return stanzas


def closure(stanzas, seeds):
    """These packages and all that they depend on, as far as it is installed."""
    providers = {}
    needs = {}
    for name, text in stanzas.items():
        fields = dict(line.split(": ", 1) for line in text.splitlines()
                      if line.startswith(("Depends: ", "Pre-Depends: ", "Provides: ")))
        for provided in [name, *names_in(fields.get("Provides", ""))]:
            providers.setdefault(provided, []).append(name)
        needs[name] = names_in(fields.get("Depends", "")) + names_in(fields.get("Pre-Depends", ""))
    found, waiting = set(), list(seeds)
    while waiting:
        for name in providers.get(waiting.pop(), []):
            if name not in found:
                found.add(name)
                waiting += needs[name]
    return sorted(found)


def names_in(relations):
    """The names in `a (>= 1), b | c:any`."""
    return [word.split()[0].partition(":")[0]
            for word in relations.replace("|", ",").split(",") if word.strip()]


def needed_by(debs):
    """What relevent's packages need besides each other."""
    names = {name for deb in debs
             for name in names_in(output_of(["dpkg-deb", "--field", deb, "Depends"]))}
    return sorted(name for name in names if not name.startswith("relevent"))


def records_of(name):
    """dpkg's files about a package; those of a multi-arch one bear the architecture too."""
    pattern = re.compile(re.escape(name) + r"(:\w+)?\.\w+")
    return [path for path in (DPKG / "info").iterdir() if pattern.fullmatch(path.name)]


def copy_files(names, folder):
    """Copies what packages have installed, with permissions."""
    paths = []
    for name in names:
        for path in output_of(["dpkg-query", "--listfiles", name]).splitlines():
            # Some folders are for root alone, and some files were taken away.
            if os.path.islink(path) or os.access(path, os.R_OK):
                paths.append(f".{path}")
    folder.mkdir(parents=True, exist_ok=True)
    packed = subprocess.Popen(["tar", "-C", "/", "--no-recursion", "-cf", "-", "-T", "-"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # Whoever is root in a namespace of his own has no other users.
    unpacked = subprocess.Popen(["tar", "-C", str(folder), "--keep-directory-symlink",
                                 "--no-same-owner", "-xpf", "-"], stdin=packed.stdout)
    packed.stdin.write("\n".join(dict.fromkeys(paths)).encode())
    packed.stdin.close()
    if packed.wait() or unpacked.wait():
        raise Failure(f"cannot copy the files of {' '.join(names)}")


def copy_records(names, stanzas, folder):
    """dpkg's records of these packages only."""
    records = folder / "var/lib/dpkg"
    for name in ("info", "triggers", "updates"):
        (records / name).mkdir(parents=True, exist_ok=True)
    (records / "status").write_text("".join(f"{stanzas[name]}\n\n" for name in names))
    for name in names:
        for path in records_of(name):
            shutil.copy2(path, records / "info" / path.name)
    shutil.copy2(DPKG / "info/format", records / "info/format")
    for path in (DPKG / "triggers").iterdir():
        if path.name in ("Lock", "Unincorp"):
            continue
        kept = [line for line in path.read_text().splitlines()
                if line.split()[-1].partition("/")[0].partition(":")[0] in names]
        if kept:
            (records / "triggers" / path.name).write_text("\n".join(kept) + "\n")
