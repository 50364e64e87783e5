#!/usr/bin/env bash
# Runs every test there is: Go with the race detector, the pure Go database
# without cgo, the console's unit tests, and the browser tests against the real
# binaries. All of them run, whatever fails; the last line is "N passed, N failed".
. "$(dirname "$0")/lib.sh"

scripts/install-test-tools.sh
scripts/ui.sh
scripts/build.sh

results=bin/results
BUBBLES=gatehouse/devices
rm -rf "$results"
mkdir -p "$results"
failed=0

# Many tests wait for clocks and disks: one package more than there are processors keeps those busy.
at_once=$(($(getconf _NPROCESSORS_ONLN) + 1))

# Those that wait the longest begin first, so that they are not alone at the end.
LONGEST='gatehouse/\(prove/property\|cmd/server\|prove/edge\)'

step "Go tests, race detector on"
go list -tags "$TAGS" ./... | grep -vx "$BUBBLES" >"$results/packages"
mapfile -t packages < <(
	grep -x "$LONGEST" "$results/packages"
	grep -vx "$LONGEST" "$results/packages"
)
CGO_ENABLED=1 scripts/gotest.sh "$results/go.json" -count 1 -race -p "$at_once" -timeout 10m "${packages[@]}" || failed=1

# The race detector of Go 1.26 crashes when two goroutines of one synctest bubble look at
# the same moment at timers that are due (https://go.dev/issue/78156).
step "Go tests of many goroutines in a bubble, race detector on, one processor"
CGO_ENABLED=1 scripts/gotest.sh "$results/go-bubbles.json" -count 1 -race -cpu 1 -timeout 10m "$BUBBLES" || failed=1

step "Go tests of the database on pure Go SQLite"
CGO_ENABLED=0 scripts/gotest.sh "$results/go-purego.json" -count 1 -timeout 10m ./db/... || failed=1

step "unit tests of the console"
npm --prefix web/ui run --silent test -- --reporter=default --reporter=json --outputFile.json="$PWD/$results/vitest.json" || failed=1

step "browser tests"
PLAYWRIGHT_JSON_OUTPUT_NAME=$PWD/$results/playwright.json scripts/e2e.sh e2e --reporter=list,json || failed=1

step "all tests"
node scripts/tally.mjs "$results" || failed=1
exit "$failed"
