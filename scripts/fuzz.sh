#!/usr/bin/env bash
# Runs each fuzz target for FUZZTIME (60s). FUZZ=name limits it to targets whose
# name has that in it. What is found is made smaller by a hundred tries only: by time,
# Go spends most of a minute on the first interesting input.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh go
found=0
while IFS=: read -r file _ line; do
	target=$(printf '%s' "$line" | sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/')
	case $target in *"${FUZZ:-}"*) ;; *) continue ;; esac
	step "$target in $(dirname "$file") for ${FUZZTIME:-60s}"
	go test -tags "$TAGS" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" -fuzzminimizetime 100x "./$(dirname "$file")"
	found=$((found + 1))
done < <(files '*_test.go' | xargs grep -nE '^func Fuzz[A-Za-z0-9_]*\(' /dev/null || true)
[ "$found" -gt 0 ] || fail "no fuzz target matches ${FUZZ:-anything}"
step "$found fuzz targets ran"
