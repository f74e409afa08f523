#!/bin/sh
# Drives the workbench in a real browser. The picture for the README is made
# where SCREENSHOTS names a directory.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
drive=internal/workbench/testdata/browser

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
for tool in node npm "$chromium"; do
	command -v "${tool:-chromium}" >/dev/null || { echo "${tool:-chromium} is needed" >&2; exit 1; }
done
if ! cmp -s "$drive/package-lock.json" "$drive/node_modules/.installed"; then
	(cd "$drive" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
	cp "$drive/package-lock.json" "$drive/node_modules/.installed"
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
CGO_ENABLED=0 "$go" build -trimpath -o "$tmp/component" ./cmd/component
node "$drive/drive.mjs" "$tmp/component" "$chromium" ${SCREENSHOTS:+"$(cd "$SCREENSHOTS" && pwd)"}
