#!/usr/bin/env bash
# Measures the wall of the console in real Chromium with 500 and 5,000 devices on
# bin/server, which must be built with the console. Prints a table; writes no file.
# Takes ten minutes. BENCH_RUNS=n measures each n times (3). Arguments: anything for
# Playwright, as -g 5000.
. "$(dirname "$0")/lib.sh"

# As many connections need as many open files.
ulimit -n "$(ulimit -Hn)"
# They all come from this machine, with those of the demo.
export GATEHOUSE_MQTT_MAX_CONNECTIONS_PER_ADDRESS=20000
exec npm --prefix web/ui run --silent bench -- "$@"
