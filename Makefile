# `make demo` runs the console, `make test` tests it. Both install what is missing first.
# This file only names targets; the scripts are in .ci/ and end2end/.
.PHONY: help setup demo test test-fast test-rust test-e2e test-long soak run dev build fmt lint
.PHONY: bench bench-streams measure-page pictures fuzz clean
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
		awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: ## install what building, running and testing need
	@.ci/setup test

demo: ## run the console with a simulated TickStockPL and an active run
	@.ci/setup run
	@.ci/build
	@end2end/demo

test: ## run every check and test that CI runs
	@.ci/setup test
	@.ci/test

test-fast: ## format, clippy, and the unit tests of contract, model, access and calendar
	@.ci/setup fast
	@.ci/test fast

test-rust: ## the Rust tests, on a debug build
	@.ci/setup test
	@.ci/test rust

test-e2e: ## the browser tests, on a debug build; ONE=live runs one file or one title
	@.ci/setup test
	@.ci/test e2e "$(ONE)"

test-long: ## make test, and slow tests, API fuzzing, supply chain, soak, Firefox and WebKitGTK
	@.ci/setup long
	@.ci/test long

soak: ## inject faults for SOAK_SECONDS (600) and compare the consoles with the simulator
	@.ci/setup test
	@.ci/build
	@.ci/soak

run: build ## run the console against the TickStockPL and Redis of the environment or .env
	@target/release/tickstock-console

dev: ## make run on a debug build that is rebuilt on every change
	@.ci/setup build
	@node .ci/watch.mjs

build: ## build the console, the simulator and the site for release
	@.ci/setup build
	@.ci/build

fmt: ## format Rust, TOML, TypeScript and CSS
	@cargo fmt --all
	@.ci/toml
	@npm --prefix end2end run --silent format

lint: ## every check that runs no program of the project
	@.ci/setup test
	@.ci/test lint

bench: ## measure decoding and applying of messages
	@cargo bench -p tickstock-model --bench messages

bench-streams: ## measure streams with up to 10,000 clients (15 minutes; ARGS="steady --repeat 1")
	@env -u REDIS_URL .ci/setup run
	@.ci/bench-streams $(ARGS)

measure-page: ## measure loading and interaction in a slowed-down Chromium (5 minutes)
	@.ci/setup test
	@.ci/build
	@cd end2end && npx playwright test --project=measure --workers=1 --reporter=list

pictures: ## take the pictures of every page in end2end/pictures
	@.ci/setup test
	@.ci/build
	@cd end2end && npx playwright test --project=pictures --reporter=list

# The sanitizer needs unstable compiler flags; RUSTC_BOOTSTRAP lets the stable compiler take them.
fuzz: ## fuzz contract and model for FUZZ_SECONDS (600)
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz
	@cd app/model && RUSTC_BOOTSTRAP=1 cargo fuzz run messages -- \
		-max_total_time=$${FUZZ_SECONDS:-600} -max_len=4096

clean: ## remove everything that was built
	@rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report
