#!/bin/sh
# Builds the container image with the builder that this machine has, starts it
# once, and prints its size and labels.
#
#   IMAGE               its name
#   IMAGE_PLATFORM      what it runs on, linux/amd64 as the platform does
#   IMAGE_BUILD_FLAGS   further flags for the builder, separated by spaces
#   VERSION, REVISION   for its labels
set -eu
cd "$(dirname "$0")/.."
image=${IMAGE:-aws-secrets-manager-connector:dev}
platform=${IMAGE_PLATFORM:-linux/amd64}
go=${GO:-go}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

builder=$(scripts/builder.sh)
if [ "$builder" = buildah ]; then
	. scripts/buildah.sh
fi

# A JSON string never spans lines, so this changes nothing but the layout.
component=$(sed 's/^[[:space:]]*//' component.json | tr -d '\n')
logo=$(base64 <logo.png | tr -d '\n')

# The builder fetches modules from where this machine's Go does.
set --
if command -v "$go" >/dev/null; then
	for name in GOPROXY GOSUMDB GOPRIVATE GONOSUMDB GOFLAGS; do
		set -- "$@" --build-arg "$name=$("$go" env "$name")"
	done
fi

# shellcheck disable=SC2086 # several flags in one variable
"$builder" build --platform "$platform" --tag "$image" ${IMAGE_BUILD_FLAGS:-} "$@" \
	--build-arg "VERSION=${VERSION:-dev}" --build-arg "REVISION=${REVISION:-}" \
	--build-arg "COMPONENT=$component" --build-arg "LOGO=$logo" .

case $builder in
buildah)
	label() { buildah inspect --type image --format "{{index .OCIv1.Config.Labels \"$1\"}}" "$image"; }
	buildah push -q "$image" "docker-archive:$tmp/image.tar"
	container=$(buildah from "$image")
	status=0
	buildah run "$container" -- /component --help >"$tmp/help" || status=$?
	buildah rm "$container" >/dev/null
	;;
*)
	label() { "$builder" image inspect --format "{{index .Config.Labels \"$1\"}}" "$image"; }
	"$builder" save -o "$tmp/image.tar" "$image"
	status=0
	"$builder" run --rm "$image" --help >"$tmp/help" || status=$?
	;;
esac

if [ "$status" -ne 0 ] || ! [ -s "$tmp/help" ]; then
	echo "the image was built, but does not run: status $status for --help" >&2
	exit 1
fi
if [ "$(label elastic.io.component)" != "$component" ] || [ "$(label elastic.io.logo)" != "$logo" ]; then
	echo "the image was built, but its labels are not component.json and logo.png" >&2
	exit 1
fi

printf '\nimage       %s (%s, %s)\n' "$image" "$builder" "$platform"
printf 'size        %d bytes, compressed %d\n' "$(wc -c <"$tmp/image.tar")" "$(gzip -c "$tmp/image.tar" | wc -c)"
for name in org.opencontainers.image.title org.opencontainers.image.version \
	org.opencontainers.image.revision org.opencontainers.image.licenses \
	elastic.io.component elastic.io.logo; do
	value=$(label "$name")
	printf 'label       %s = %.60s (%d characters)\n' "$name" "$value" "${#value}"
done
