#!/bin/sh
# Prints which of docker, podman and buildah this machine can build images
# with, or fails and says how to get one.
set -eu
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
	echo docker
elif command -v podman >/dev/null; then
	echo podman
elif command -v buildah >/dev/null; then
	echo buildah
else
	echo "an image needs a running docker, or podman, or buildah (Debian: apt-get install buildah)" >&2
	exit 1
fi
