#!/bin/sh
# Runs our sailor beside and between steps on the reference sailor, the npm
# package elasticio-sailor-nodejs, over a real RabbitMQ.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
node=internal/interop/testdata/node

for tool in node npm; do
	command -v $tool >/dev/null || { echo "$tool is needed: install Node.js 20 or later" >&2; exit 1; }
done
if ! cmp -s "$node/package-lock.json" "$node/node_modules/.installed"; then
	(cd "$node" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
	cp "$node/package-lock.json" "$node/node_modules/.installed"
fi

"$go" vet -tags interop ./internal/interop
race=-race
if ! command -v "$("$go" env CC)" >/dev/null; then
	race=
	echo "no C compiler found: testing without -race (gcc brings it)"
fi
REQUIRE_RABBITMQ=true "$go" run ./internal/testkit/cmd/withrabbit "$go" test -count=1 -tags interop $race ./internal/interop
