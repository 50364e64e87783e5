#!/usr/bin/env bash
# Runs the tests at full size, on the release binary where a test starts one, and
# writes prove.md: promise, seed, wanted, measured, and what was skipped. GATEHOUSE_SEED=n repeats a
# run; PROVE=pattern limits it to tests of that name; PROVE_PACKAGES to packages.
. "$(dirname "$0")/lib.sh"

scripts/install-test-tools.sh
scripts/ui.sh
scripts/build.sh

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
export GATEHOUSE_PROVE=1
export GATEHOUSE_PROVE_OUT=$lines
export GATEHOUSE_SERVER=$PWD/bin/server
export GATEHOUSE_DEVICESIM=$PWD/bin/devicesim
export GATEHOUSE_SEED=${GATEHOUSE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

mkdir -p bin/results
read -r -a packages <<<"${PROVE_PACKAGES:-./...}"
step "tests at full size, seed $GATEHOUSE_SEED"
code=0
scripts/gotest.sh bin/results/prove.json -p 1 -count 1 -timeout 12h -run "${PROVE:-.}" "${packages[@]}" || code=$?

node scripts/prove.mjs "$lines" bin/results/prove.json >prove.md
step "prove.md"
cat prove.md
exit "$code"
