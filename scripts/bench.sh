#!/usr/bin/env bash
# Measures the broker beside Mosquitto, where that is installed, and runs the Go
# benchmarks of the broker. Writes broker/BENCHMARKS.md.
#   scripts/bench.sh         everything: half an hour on two cores with nothing else to do
#   scripts/bench.sh quick   a look: one small run of each work; writes no file
# BENCH_RUNS=n runs each work n times (5). BENCH_ONLY=pattern limits it to works
# whose name has that in it, and writes no file.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh
mkdir -p bin
go build -tags "$TAGS" -trimpath -ldflags '-s -w' -o bin/ ./cmd/server ./prove/mqttload

# 15,000 connections need as many open files, on both sides.
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d "$PWD/bin/bench.XXXXXX") # on a disk, which /tmp may not be
trap 'rm -rf "$work"' EXIT

node scripts/bench/run.mjs "$work" "${1:-full}"
[ -f "$work/lines" ] || exit 0

step "Go benchmarks of the broker"
go test -tags "$TAGS" -run '^$' -bench . -benchmem ./broker/... | tee "$work/go"
node scripts/bench/report.mjs "$work/lines" "$work/go" >broker/BENCHMARKS.md
step "broker/BENCHMARKS.md"
cat broker/BENCHMARKS.md
