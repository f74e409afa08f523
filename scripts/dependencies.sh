#!/bin/sh
# Fails unless the modules in go.mod that the code uses directly are exactly
# those that have a row, and thereby a reason, in the decision on dependencies.
set -eu
cd "$(dirname "$0")/.."
page=docs/decisions/0004-dependencies.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"${GO:-go}" list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}{{end}}' all >"$tmp/modules"
sort "$tmp/modules" | sed '/^$/d' >"$tmp/used"
# shellcheck disable=SC2016 # the backquotes are Markdown's
sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$page" | sort >"$tmp/explained"

missing=$(comm -23 "$tmp/used" "$tmp/explained")
surplus=$(comm -13 "$tmp/used" "$tmp/explained")
[ -z "$missing" ] || printf 'used, but without a reason in %s:\n%s\n' "$page" "$missing" >&2
[ -z "$surplus" ] || printf 'explained in %s, but not used directly:\n%s\n' "$page" "$surplus" >&2
[ -z "$missing$surplus" ]
