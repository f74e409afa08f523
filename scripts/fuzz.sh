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

fuzz() {
	failed=
	# Short runs are for finding inputs, not for polishing those found.
	"$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 10x "$1" </dev/null >"$tmp/out" 2>&1 || failed=1
	cat "$tmp/out"
	[ -z "$failed" ]
}

# Go sometimes takes the end of the time for a failure, without any input.
only_time_is_up() {
	grep -q '^ *context deadline exceeded$' "$tmp/out" && ! grep -q 'Failing input' "$tmp/out"
}

while read -r package target; do
	echo "$package $target"
	runs=1
	until fuzz "$package" "$target"; do
		only_time_is_up && [ $runs -lt 4 ] || exit 1
		runs=$((runs + 1))
	done
done <"$tmp/targets"
