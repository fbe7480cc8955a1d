"""What README.md and its like tell their readers to do, and where they send them."""

import re
import shlex
import subprocess

import project

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
TOOL = re.compile(r"`(?:\./)?tools/([a-z_-]+)(\s[^`]*)?`")
GUIDES = ("README.md", "src/README.md", "compat_tests/abi/README.md", "tools/doc/*.md")


def commands(text):
    """The commands of the shell blocks, in order."""
    lines = "\n".join(SHELL_BLOCK.findall(text)).replace("\\\n", "").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def without_comment(command):
    return re.sub(r"\s+# .*", "", command)


def complaints():
    """Links that lead nowhere, and tools and options of tools that are not there."""
    for pattern in GUIDES:
        for path in sorted(project.ROOT.glob(pattern)):
            name = path.relative_to(project.ROOT)
            text = BLOCK.sub("", path.read_text())
            for link in LINK.findall(text):
                if not (path.parent / link).exists():
                    yield f"{name}: {link} does not exist"
            for tool, arguments in TOOL.findall(text):
                yield from (f"{name}: {wrong}" for wrong in tool_complaints(tool, arguments))


def tool_complaints(tool, arguments):
    path = project.ROOT / "tools" / tool
    if path.is_dir():
        return
    if not path.is_file():
        yield f"there is no tools/{tool}"
        return
    options = [word for word in shlex.split(arguments) if word.startswith("--")]
    if options:
        known = subprocess.run([path, "--help"], capture_output=True, text=True, check=True).stdout
        for option in options:
            if not re.search(rf"{option}\b", known):
                yield f"tools/{tool} has no {option}"
