#!/bin/sh
# Writes what is made from the code: conf/baton.conf, and the table of commands in README.md between its markers.
# Usage, at the root of the tree: tools/docs.sh [--check] path/to/baton-server     --check: compare only, fail when they differ.
set -eu
check=
if [ "$1" = --check ]; then
  check=yes
  shift
fi
server=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$server" --print-default-config > "$scratch/baton.conf"
"$server" --print-command-table > "$scratch/commands"
awk -v table="$scratch/commands" '
  /^<!-- commands:end -->$/ { inside = 0 }
  !inside { print }
  /^<!-- commands:begin -->$/ {
    inside = 1
    found = 1
    print ""
    while ((getline line < table) > 0) print line
    print ""
  }
  END { if (!found || inside) exit 1 }
' README.md > "$scratch/README.md" || { echo "tools/docs.sh: README.md lacks the markers of the command table" >&2; exit 1; }

# $1: what was made, $2: the file that should hold it
put() {
  cmp -s "$1" "$2" && return
  if [ -n "$check" ]; then
    diff -u "$2" "$1" >&2 || true
    echo "tools/docs.sh: $2 is not what the code says: run 'make docs'" >&2
    exit 1
  fi
  cat "$1" > "$2"
  echo "wrote $2"
}
put "$scratch/baton.conf" conf/baton.conf
put "$scratch/README.md" README.md
