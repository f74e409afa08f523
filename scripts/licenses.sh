#!/bin/sh
# Writes LICENSES-THIRD-PARTY.txt anew: the licence texts of everything that is
# in the binary, each once, below the files that have it. With "check" it fails
# if the file is not up to date.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
go=${GO:-go}
file=LICENSES-THIRD-PARTY.txt
tab=$(printf '\t')
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for arch in amd64 arm64; do
	CGO_ENABLED=0 GOOS=linux GOARCH=$arch "$go" list -deps \
		-f "{{with .Module}}{{if not .Main}}{{.Path}}$tab{{.Dir}}$tab{{\$.Dir}}{{end}}{{end}}" ./cmd/component
done | sort -u >"$tmp/packages"
printf 'Go standard library\t%s\t%s\n' "$("$go" env GOROOT)" "$("$go" env GOROOT)" >>"$tmp/packages"

# A module may hold code from elsewhere, with its licence beside it: any
# directory between a package and the root of its module counts.
while IFS=$tab read -r module root dir; do
	while :; do
		for text in "$dir"/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]* "$dir"/NOTICE* "$dir"/COPYING* "$dir"/PATENTS*; do
			if [ -f "$text" ]; then
				tr -d '\r' <"$text" | cksum | tr '\n' '\t'
				printf '%s%s\t%s\n' "$module" "${text#"$root"}" "$text"
			fi
		done
		[ "$dir" != "$root" ] || break
		dir=$(dirname "$dir")
	done
done <"$tmp/packages" | sort -u -t "$tab" -k 2 >"$tmp/texts"

cut -f 1 "$tmp/packages" | sort -u | while read -r module; do
	grep -q "^[^$tab]*$tab$module/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]" "$tmp/texts" || { echo "$module has no licence text" >&2; exit 1; }
done

{
	echo "The program contains parts of these modules, under these licences."
	cut -f 1 "$tmp/texts" | awk '!seen[$0]++' | while read -r sum; do
		printf '\n%s\n' "--------------------------------------------------------------------------------"
		grep "^$sum$tab" "$tmp/texts" >"$tmp/same"
		cut -f 2 "$tmp/same"
		echo
		sed -n 1p "$tmp/same" | cut -f 3 | while read -r text; do
			tr -d '\r' <"$text" | sed 's/[[:space:]]*$//'
		done
	done
} >"$tmp/$file"

if [ "${1:-}" != check ]; then
	cp "$tmp/$file" $file
elif ! cmp -s "$tmp/$file" $file; then
	echo "$file is not up to date: run scripts/licenses.sh" >&2
	exit 1
fi
