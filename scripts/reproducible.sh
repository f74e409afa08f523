#!/bin/sh
# Makes the release of this commit twice, and fails unless all files are the
# same: in two clones, the second with an empty build cache, another time zone,
# language and mask.
set -eu
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

git clone -q . "$tmp/first"
git clone -q . "$tmp/elsewhere/second clone"
"$tmp/first/scripts/release.sh"
(
	umask 077
	export TZ=Asia/Tokyo LANG=tr_TR.UTF-8 GOCACHE="$tmp/cache"
	"$tmp/elsewhere/second clone/scripts/release.sh"
)
diff -r "$tmp/first/dist" "$tmp/elsewhere/second clone/dist"
cat "$tmp/first/dist/SHA256SUMS"
echo "$(wc -l <"$tmp/first/dist/SHA256SUMS" | tr -d ' ') files, twice the same"
