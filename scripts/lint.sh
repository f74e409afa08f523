#!/bin/sh
# Checks formatting, vet, staticcheck, component.json, the list of dependencies and their licences.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

echo "gofmt"
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
	echo "not formatted, run gofmt -w on:" >&2
	echo "$unformatted" >&2
	exit 1
fi

echo "go vet"
"$go" vet -tags interop ./...

# Outside the module, so that a missing tool is told from a finding.
echo "staticcheck"
if (cd / && "$go" run "$staticcheck" -version >/dev/null); then
	"$go" run "$staticcheck" -tags interop ./...
else
	echo "skipped: $staticcheck cannot be downloaded"
fi

echo "component.json"
"$go" run ./cmd/component validate .

echo "dependencies"
scripts/dependencies.sh

echo "licences"
scripts/licenses.sh check

if command -v golangci-lint >/dev/null; then
	echo "golangci-lint"
	golangci-lint run
fi
