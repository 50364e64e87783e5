#!/usr/bin/env bash
# Checks that the tools for building are here, and says what is missing and how
# to get it. Arguments: go, ui; without any, both.
. "$(dirname "$0")/lib.sh"

missing=()

# at_least HAVE WANT: is version HAVE at least WANT?
at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

check_go() {
	local want=1.26 have
	if ! command -v go >/dev/null; then
		missing+=("Go $want or newer: https://go.dev/dl (unpack it and put its bin folder on PATH)")
		return
	fi
	have=$({ go version 2>/dev/null || (cd / && go version); } | sed -E 's/^go version go([0-9.]+).*/\1/')
	if ! at_least "$have" "$want"; then
		missing+=("Go $want or newer (here is $have): https://go.dev/dl, or allow go to fetch it: go env -w GOTOOLCHAIN=auto")
		return
	fi
	local compiler
	compiler=$(go env CC)
	if ! command -v "${compiler%% *}" >/dev/null; then
		say "No C compiler: building with CGO_ENABLED=0, the database is then the pure Go SQLite." >&2
		say "For the faster one install gcc (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)." >&2
	fi
}

check_ui() {
	local have
	if ! command -v node >/dev/null; then
		missing+=("Node.js 20.19 or newer, or 22.12 or newer: https://nodejs.org/download")
		return
	fi
	have=$(node --version)
	have=${have#v}
	if ! { at_least "$have" 22.12.0 || { [ "${have%%.*}" = 20 ] && at_least "$have" 20.19.0; }; }; then
		missing+=("Node.js 20.19 or newer, or 22.12 or newer (here is $have): https://nodejs.org/download")
	fi
	command -v npm >/dev/null || missing+=("npm: it comes with Node.js; on Debian: apt-get install npm")
}

[ $# -gt 0 ] || set -- go ui
for part; do
	case $part in
	go) check_go ;;
	ui) check_ui ;;
	*) fail "usage: scripts/toolchain.sh [go] [ui]" ;;
	esac
done

if [ ${#missing[@]} -gt 0 ]; then
	say "To build Gatehouse these are missing:" >&2
	for m in "${missing[@]}"; do say "  - $m" >&2; done
	exit 1
fi
