#!/bin/sh
# Looks for known vulnerabilities in what the code calls. Where the database
# cannot be reached it says so and ends well.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.9.0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Built first: `go run` would hide the exit status, which is 3 for findings.
if ! GOBIN="$tmp" "$go" install "$govulncheck"; then
	echo "skipped: $govulncheck cannot be downloaded"
	exit 0
fi

status=0
"$tmp/govulncheck" ./... >"$tmp/out" 2>&1 || status=$?
cat "$tmp/out"
if [ "$status" -eq 1 ] && grep -q '^govulncheck: fetching vulnerabilities:' "$tmp/out"; then
	echo "skipped: the vulnerability database cannot be reached"
	exit 0
fi
exit "$status"
