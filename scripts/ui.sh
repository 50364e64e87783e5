#!/usr/bin/env bash
# Builds the console into web/dist, unless it was built from these sources.
# "scripts/ui.sh deps" only installs the packages.
. "$(dirname "$0")/lib.sh"

# digest of the names and contents of the files given on standard input
digest() { sort | tr '\n' '\0' | xargs -0 cksum | cksum; }

# deps installs exactly what the lock file says, if it does not lie there already.
deps() {
	local stamp=web/ui/node_modules/.installed want
	want=$(cksum <web/ui/package-lock.json)
	if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
		say "console: installing packages (npm ci)"
		npm --prefix web/ui ci --no-audit --no-fund
		printf '%s' "$want" >"$stamp"
	fi
}

sources() {
	find web/ui -type d \( -name node_modules -o -name e2e -o -name bench -o -name test-results -o -name playwright-report \) -prune \
		-o -type f ! -name '*.test.ts' -print
}

deps
[ "${1:-}" != deps ] || exit 0

mkdir -p bin
want=$(sources | digest)
if [ -f web/dist/index.html ] && [ "$(cat bin/ui.stamp 2>/dev/null)" = "$want" ]; then
	exit 0
fi
say "console: building"
rm -f bin/ui.stamp
npm --prefix web/ui run --silent build
printf '%s' "$want" >bin/ui.stamp
