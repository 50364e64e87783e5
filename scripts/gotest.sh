#!/usr/bin/env bash
# Runs go test and shows one line per package and the output of what failed.
#   scripts/gotest.sh RESULT [arguments of go test]
# RESULT is a file that gets the tally for scripts/tally.mjs.
. "$(dirname "$0")/lib.sh"

result=$1
shift
# What vet finds, the checks find.
go test -json -vet=off -tags "$TAGS" "$@" | node scripts/gotest.mjs "$result"
