#!/bin/sh
# Runs every fuzz target for a while: fuzz.sh TIME PACKAGE...
# An input that breaks one is left in the package's testdata/fuzz.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
time=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# -list prints the targets of a package, then its "ok" line.
"$go" test -list '^Fuzz' "$@" >"$tmp/list" || { cat "$tmp/list"; exit 1; }
awk '/^Fuzz/ { target[n++] = $1 }
     /^ok/   { for (i = 0; i < n; i++) print $2, target[i]; n = 0 }' "$tmp/list" >"$tmp/targets"

while read -r package target; do
	echo "$package $target"
	# Short runs are for finding inputs, not for polishing those found.
	"$go" test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "$package" </dev/null
done <"$tmp/targets"
