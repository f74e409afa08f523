#!/bin/sh
# Prints which of docker, podman and buildah this machine can build images
# with, or fails and says how to get one. Being installed is not enough: docker
# needs its daemon, the others need user ids to unpack an image with.
set -eu

can_unpack() { [ "$(id -u)" -eq 0 ] || grep -q "^$(id -un):" /etc/subuid 2>/dev/null; }

if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
	echo docker
elif command -v podman >/dev/null && can_unpack; then
	echo podman
elif command -v buildah >/dev/null && can_unpack; then
	echo buildah
else
	echo "an image needs a running docker, or podman, or buildah (Debian: apt-get install buildah)," >&2
	echo "the last two as root or with a range of ids in /etc/subuid" >&2
	exit 1
fi
