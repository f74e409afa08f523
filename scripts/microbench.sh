#!/usr/bin/env bash
# Runs the Go benchmarks of what every message goes through, and sums them up
# with benchstat. With OLD=FILE, the raw output of an earlier run, the two are
# compared.
set -euo pipefail
cd "$(dirname "$0")/.."
benchstat=golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
go=${GO:-go}
count=${COUNT:-6}
out=${OUT:-bin/microbench.txt}

mkdir -p "$(dirname "$out")"
"$go" test -run '^$' -bench 'Message|Headers|FastPath|IsCompact|Dispatch|GetSecretValue|Call|ManySecrets' -benchmem -cpu 1 -count "$count" \
	./internal/rawjson ./internal/envelope ./internal/schema ./internal/sailor ./internal/smclient ./internal/emulator ./actions >"$out"
if (cd / && "$go" run "$benchstat" -h >/dev/null 2>&1); then
	"$go" run "$benchstat" ${OLD:+"$OLD"} "$out"
else
	echo "$benchstat cannot be downloaded; as it is:"
	cat "$out"
fi
