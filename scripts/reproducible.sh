#!/usr/bin/env bash
# Builds a release twice and finds both the same, byte for byte. The second one
# is built elsewhere, from a copy of the source, with an empty build cache.
set -euo pipefail
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
REVISION=${REVISION:-$(git rev-parse HEAD)}
export REVISION

scripts/release.sh "$tmp/one"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$(mkdir -p "$tmp/source" && echo "$tmp/source")"
BUILD_CACHE=$tmp/cache "$tmp/source/scripts/release.sh" "$tmp/two"
diff -r "$tmp/one" "$tmp/two"
echo "twice the same: SHA256SUMS $(sha256sum <"$tmp/one/SHA256SUMS" | cut -d ' ' -f 1)"
