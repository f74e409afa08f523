#!/usr/bin/env bash
# Copies the licence texts of all that is in the component's binary, ours, Go's
# and each module's. A module without one is an error.
#
#   scripts/licenses.sh DIRECTORY PLATFORM
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
out=$1

copy() { # ROOT DIRECTORY TARGET: the texts in a directory, below a module's root
	local file target
	for file in "$2"/{LICENSE,LICENCE,COPYING,NOTICE,PATENTS}*; do
		[ -f "$file" ] || continue
		target=$3/${file#"$1"/}
		mkdir -p "$(dirname "$target")"
		install -m 644 "$file" "$target"
	done
}

copy . . "$out/aws-secrets-manager-connector"
goroot=$("$go" env GOROOT)
copy "$goroot" "$goroot" "$out/go"

# A package may have a licence of its own, between it and its module's root.
GOOS=${2%/*} GOARCH=${2#*/} CGO_ENABLED=0 "$go" list -deps -f \
	'{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}' ./cmd/component |
	while read -r module root dir; do
		while copy "$root" "$dir" "$out/$module" && [ "$dir" != "$root" ]; do
			dir=$(dirname "$dir")
		done
		[ -n "$(ls "$out/$module")" ] || { echo "$module has no licence text" >&2; exit 1; }
	done
ls "$out/go" >/dev/null
