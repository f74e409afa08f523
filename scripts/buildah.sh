# Read by the scripts that use buildah: this storage and this isolation work
# everywhere, in a container without privileges as well.
# shellcheck shell=sh
buildah() { command buildah --storage-driver "${STORAGE_DRIVER:-vfs}" "$@"; }
export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
