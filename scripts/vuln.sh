#!/usr/bin/env bash
# Looks for known weaknesses in what the programs call, and in Go itself. It needs a
# database of such weaknesses: that of the Go project, or the copy of it that GOVULNDB
# names (https://… or file:///…). Exit code 0: none that is called; 1: some, or it could
# not be looked for.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh go
scripts/ui.sh deps

options=(-tags "$TAGS")
[ -z "${GOVULNDB:-}" ] || options+=(-db "$GOVULNDB")
code=0

step "Go: what the programs call"
found=0
out=$(go tool -modfile=tools/go.mod govulncheck "${options[@]}" ./... 2>&1) || found=$?
say "$out"
case $found in
0) ;;
3) code=1 ;;
*)
	say "The database could not be reached: NOTHING WAS CHECKED. Run this where it can be, or name a copy in GOVULNDB." >&2
	code=1
	;;
esac

step "console: what is delivered to browsers"
if out=$(npm --prefix web/ui audit --omit=dev 2>&1); then
	say "$out"
else
	say "$out"
	case $out in
	*'audit endpoint'* | *ENOTFOUND* | *ECONNREFUSED* | *EAI_AGAIN*)
		say "The database could not be reached: NOTHING WAS CHECKED." >&2
		;;
	esac
	code=1
fi

[ $code -eq 0 ] || fail "not clean, or not checked: see above"
step "no known weakness is called"
