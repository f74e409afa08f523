#!/usr/bin/env bash
# Builds a release into a new directory: static binaries and an OCI image layout
# for each platform, SBOMs, licence texts, provenance and checksums. The same
# source and Go version give the same bytes.
#
#   scripts/release.sh DIRECTORY
#
#   PLATFORMS     what to build for, linux/amd64 and linux/arm64
#   REVISION      the commit, for labels and provenance
#   BUILD_CACHE   Go's build cache for the binaries
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
sbom=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
out=$(realpath -m "$1")
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' component.json)
read -ra platforms <<<"${PLATFORMS:-linux/amd64 linux/arm64}"
export CGO_ENABLED=0

rm -rf "$out"
mkdir -p "$out"
for platform in "${platforms[@]}"; do
	binary=$out/component-$version-${platform/\//-}
	echo "building $(basename "$binary")"
	# Without its build id, which tells where it was linked.
	GOCACHE=${BUILD_CACHE:-$("$go" env GOCACHE)} GOOS=${platform%/*} GOARCH=${platform#*/} "$go" build -trimpath -buildvcs=false \
		-ldflags "-s -w -buildid= -X main.version=$version" -o "$binary" ./cmd/component
	"$go" run -trimpath "$sbom" bin -json -std -noserial -notimestamp -version "v$version" -output "$binary.cdx.json" "$binary"
	scripts/licenses.sh "$out/licenses" "$platform"
done
"$go" run ./internal/release -dir "$out" -revision "${REVISION:-$(git rev-parse HEAD)}" "${platforms[@]}"
(cd "$out" && find . -type f ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sed 's#  \./#  #' >SHA256SUMS)
echo "version $version, $(wc -l <"$out/SHA256SUMS") files in $out"
