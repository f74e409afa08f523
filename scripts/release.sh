#!/bin/sh
# Writes a release of the commit that is checked out into dist/: binaries, the
# image, licences, an SBOM for each binary, provenance, checksums. The same
# commit, the same Go and the same architectures give the same bytes, whatever
# the directory and the day.
#
# "release.sh fetch" only fetches what it needs from elsewhere.
#
#   PLATFORMS   linux/amd64 and linux/arm64
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
cyclonedx=github.com/CycloneDX/cyclonedx-gomod
cyclonedx_version=v1.10.0
roots=golang.org/x/crypto/x509roots/fallback
roots_version=v0.0.0-20261030153154-30a33513ff6d
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() { echo "$*" >&2; exit 1; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# What would change the bytes from one machine to the next.
export CGO_ENABLED=0 GOFLAGS= GOWORK=off GOEXPERIMENT= GOFIPS140=off GOAMD64=v1 GOARM64=v8.0 LC_ALL=C
umask 022

# Outside the module, whose go.mod they do not concern. The SBOM has a checksum
# of the tool, which is therefore built.
(
	cd /
	GOBIN="$tmp" "$go" install -trimpath "$cyclonedx/cmd/cyclonedx-gomod@$cyclonedx_version"
	"$go" mod download -json "$roots@$roots_version" >"$tmp/roots.json"
)
[ "${1:-}" != fetch ] || exit 0

[ -z "$(git status --porcelain)" ] || fail "a release is made of a commit: commit or remove what git status shows"
revision=$(git rev-parse HEAD)
date=$(git log -1 --format=%ct)
version=$(git describe --tags --match 'v*' --always --abbrev=12)
released=v$(sed -n 's/^  "version": "\(.*\)",$/\1/p' component.json)
for tag in $(git tag --points-at HEAD 'v*'); do
	[ "$tag" = "$released" ] || fail "the tag $tag is not the version of component.json, $released"
done
GO=$go scripts/licenses.sh check

ldflags="-s -w -buildid= -X main.version=$version"

rm -rf dist
mkdir dist
binaries=
for platform in ${PLATFORMS:-linux/amd64 linux/arm64}; do
	os=${platform%/*} arch=${platform#*/}
	binary=component-$os-$arch
	GOOS=$os GOARCH=$arch "$go" build -trimpath -buildvcs=false -ldflags "$ldflags" -o "dist/$binary" ./cmd/component
	binaries="$binaries $binary"
done

for binary in $binaries; do
	"$tmp/cyclonedx-gomod" bin -json -std -noserial -notimestamp -version "$version" \
		-output "dist/$binary.cdx.json" "dist/$binary"
done

cp LICENSE NOTICE LICENSES-THIRD-PARTY.txt dist

member() { sed -n "s/^.*\"$1\": \"\(.*\)\".*$/\1/p" "$tmp/roots.json"; }
# shellcheck disable=SC2046,SC2086 # one word a binary
"$go" run ./internal/ocilayout -out dist/image -version "$version" -revision "$revision" -created "$date" \
	-certificates "$(member Dir)/bundle/bundle.der" $(printf ' dist/%s' $binaries)

cd dist
find . -type f | sed 's|^\./||' | sort >"$tmp/files"
while read -r file; do sha256 "$file"; done <"$tmp/files" >"$tmp/sums"
{
	printf '{\n"version": "%s",\n"revision": "%s",\n"revisionTime": %s,\n' "$version" "$revision" "$date"
	printf '"flags": "CGO_ENABLED=0 -trimpath -buildvcs=false -ldflags \\"%s\\"",\n' "$ldflags"
	printf '"certificates": {"Path": "%s", "Version": "%s", "Sum": "%s"},\n' "$roots" "$roots_version" "$(member Sum)"
	printf '"sbomTool": {"Path": "%s", "Version": "%s"},\n"builds": {\n' "$cyclonedx" "$cyclonedx_version"
	for binary in $binaries; do
		printf '"%s": ' "$binary"
		"$go" version -m -json "$binary" | sed '$s/$/,/'
	done | sed '$s/,$//'
	printf '},\n"sha256": {\n'
	sed 's/^\([0-9a-f]*\) [ *]\(.*\)$/"\2": "\1",/; $s/,$//' "$tmp/sums"
	printf '}\n}\n'
} >provenance.json
{ cat "$tmp/sums"; sha256 provenance.json; } >SHA256SUMS
