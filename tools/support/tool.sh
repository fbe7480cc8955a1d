# What the tools share. The comment at the head of a tool is its help; each can be called from
# anywhere.
set -euo pipefail
tool=tools/$(basename "$0")
caller=$PWD
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

print_help() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$root/$tool"; }

# refuse MESSAGE: the tool was not called as it wants to be.
refuse() {
  echo "$tool: $1; see $tool --help" >&2
  exit 2
}

# common_option ARGUMENT: the option that every tool has, or one that none has.
common_option() {
  [[ $1 == -h || $1 == --help ]] || refuse "unknown option '$1'"
  print_help
  exit 0
}

# from_caller PATH: what the caller means by it.
from_caller() { (cd "$caller" && realpath -m -- "$1"); }

# python_tool ARGUMENT...: becomes the tool's program in Python, which reads the arguments and installs
# what it needs.
python_tool() {
  if ! command -v python3 >/dev/null; then
    [[ ${1:-} != -h && ${1:-} != --help ]] || common_option "$1"
    "$root/tools/install-deps" python
  fi
  exec python3 -B "$root/tools/support/$(basename "$0").py" "$@"
}
