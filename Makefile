# Everything that is done with this repository has a target here.
# Each is a thin line over a script in scripts/, which can be run by itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Where `make run` keeps its data.
DATA ?= data
export DATA

.PHONY: help run ui build test check vuln reproducible prove bench bench-quick bench-go bench-console fuzz e2e screens screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build all, start the demo property and its simulated devices (DATA=folder)
	@exec scripts/run.sh

ui: ## build the console into web/dist, if its sources changed
	@scripts/toolchain.sh ui
	@scripts/ui.sh

build: ui ## build console, bin/server and bin/devicesim
	@scripts/toolchain.sh go
	@scripts/build.sh

test: ## install what the tests need, then run every test there is
	@scripts/test.sh

check: ## formatting, linters, import rules, generated files, sizes
	@scripts/check.sh

vuln: ## known weaknesses in what the programs call (needs a network, or GOVULNDB)
	@scripts/vuln.sh

reproducible: ui ## build the last commit twice from nothing: the same bytes
	@scripts/reproducible.sh

prove: ## the tests at full size on the release binary; writes prove.md
	@scripts/prove.sh

bench: ## the broker beside Mosquitto, and its Go benchmarks; writes broker/BENCHMARKS.md
	@scripts/bench.sh

bench-quick: ## a short look at the same; writes nothing
	@scripts/bench.sh quick

bench-go: ## all Go benchmarks
	@scripts/toolchain.sh go
	@scripts/go.sh test -run '^$$' -bench . -benchmem ./...

bench-console: build ## the wall of the console with 500 and 5,000 devices in real Chromium; writes nothing
	@scripts/install-test-tools.sh
	@scripts/bench-console.sh

fuzz: ## each fuzz target for 60 s (FUZZTIME=...)
	@scripts/fuzz.sh

e2e: build ## browser tests only, against the real binaries
	@scripts/install-test-tools.sh
	@scripts/e2e.sh

screens: build ## a picture of every screen into bin/screens, each judged by axe and for its width
	@scripts/install-test-tools.sh
	@scripts/e2e.sh screens

screenshots: build ## take the pictures of the README again
	@scripts/install-test-tools.sh
	@scripts/e2e.sh screenshots

clean: ## remove what was built; data stays
	rm -rf bin prove.md web/ui/test-results web/ui/playwright-report
	find web/dist -mindepth 1 ! -name .keep -delete
