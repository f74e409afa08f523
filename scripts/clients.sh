#!/bin/sh
# Runs clients of AWS against the emulator: what docs/emulator.md shows of them,
# and a story. Those that this machine does not have are left out, and said so.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
node=internal/clients/testdata/node

if command -v npm >/dev/null && ! cmp -s "$node/package-lock.json" "$node/node_modules/.installed"; then
	if (cd "$node" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error); then
		cp "$node/package-lock.json" "$node/node_modules/.installed"
	else
		rm -rf "$node/node_modules"
	fi
fi
"$go" run ./internal/clients
