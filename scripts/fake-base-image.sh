#!/bin/sh
# Makes sure that buildah finds the Dockerfile's base image: where it can be
# neither found nor pulled, an image of the same name is made from this
# machine's Go, its shell and its CA certificates. That is good enough to try
# the build; an image to be published is built on the real one.
set -eu
cd "$(dirname "$0")/.."
. scripts/buildah.sh
name=$(sed -n 's/^ARG GO_IMAGE=//p' Dockerfile)

if buildah pull -q --policy missing "$name" >/dev/null 2>&1; then
	exit 0
fi
echo "$name cannot be pulled: making a fake from $(go version)"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
mkdir -p "$root/tmp" "$root/go" "$root/usr/local/go"
chmod 1777 "$root/tmp"

goroot=$(go env GOROOT)
for part in bin lib pkg src go.env VERSION; do
	if [ -e "$goroot/$part" ]; then
		cp -RL "$goroot/$part" "$root/usr/local/go/"
	fi
done

# /bin/sh for RUN, with the libraries that it and Go load.
libraries=$(ldd /bin/sh "$goroot/bin/go" 2>/dev/null | grep -o '/[^ :]*\.so[^ :]*' | sort -u)
# shellcheck disable=SC2086 # one word a library
cp -L --parents /bin/sh /etc/ssl/certs/ca-certificates.crt $libraries "$root"

container=$(buildah from scratch)
buildah copy -q "$container" "$root" / >/dev/null
buildah config --workingdir /go --env GOPATH=/go --env GOTOOLCHAIN=local \
	--env PATH=/go/bin:/usr/local/go/bin:/usr/bin:/bin "$container"
buildah commit -q --rm "$container" "$name"
