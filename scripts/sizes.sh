#!/usr/bin/env bash
# Prints Go files and console sources over 500 lines (tests: 800) and Go functions
# over 80 lines. It informs and never fails: a chopped file is worse than a long one.
. "$(dirname "$0")/lib.sh"

step "files over 500 lines (tests over 800)"
files '*.go' '*.ts' '*.vue' | while IFS= read -r f; do
	case $f in
	*schema.d.ts) continue ;;
	*_test.go | *.test.ts | *.spec.ts) limit=800 ;;
	*) limit=500 ;;
	esac
	lines=$(wc -l <"$f")
	[ "$lines" -le "$limit" ] || printf '  %5d  %s\n' "$lines" "$f"
done

step "functions over 80 lines"
files '*.go' | grep -v '_test\.go$' | while IFS= read -r f; do
	awk -v file="$f" '
		/^func / { name = $0; sub(/ *\{.*/, "", name); start = NR }
		/^}/ && start { if (NR - start + 1 > 80) printf "  %5d  %s:%d  %s\n", NR - start + 1, file, start, substr(name, 1, 80); start = 0 }
	' "$f"
done
