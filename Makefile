# The two commands of a newcomer are `make demo` and `make test`; both install what is missing first.
# What the targets do is in .ci/ and end2end/; this file only names it.
.PHONY: help setup demo test test-long soak run dev build fmt lint bench bench-streams measure-page pictures fuzz clean
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: ## install what this machine lacks to build, run and test
	@.ci/setup test

demo: ## the console against a simulated TickStockPL, with a run under way
	@.ci/setup run
	@.ci/build
	@end2end/demo

test: ## everything: format, lints, docs, unit, integration and browser tests
	@.ci/setup test
	@.ci/test

test-long: ## the same, and the tests that take long, and Firefox and WebKitGTK
	@.ci/setup long
	@.ci/test long

soak: ## break Redis, the simulator and two consoles at random, and compare with the truth, for SOAK_SECONDS (600), by SOAK_SEED
	@.ci/setup test
	@.ci/build
	@.ci/soak

run: build ## the console alone, against the TickStockPL and Redis of the environment or .env
	@target/release/tickstock-console

dev: ## the console alone, built and started anew on every change
	@.ci/setup build
	@node .ci/watch.mjs

build: ## release build of the console, the simulator and the site
	@.ci/setup build
	@.ci/build

fmt: ## format the Rust code
	@cargo fmt --all

lint: ## format check, clippy for host and wasm32, docs, dependency edges
	@.ci/setup test
	@.ci/test lint

bench: ## messages per second through contract and model
	@cargo bench -p tickstock-model --bench messages

bench-streams: ## streams of 100 to 10,000 readers, measured beside a bare epoll loop (15 minutes; ARGS="steady --repeat 1" does less)
	@env -u REDIS_URL .ci/setup run
	@.ci/bench-streams $(ARGS)

measure-page: ## how the page answers under load and how soon it is there, CPU slowed 4 times; Lighthouse (5 minutes)
	@.ci/setup test
	@.ci/build
	@cd end2end && npx playwright test --project=measure --workers=1 --reporter=list

pictures: ## pictures of every page in both themes and sizes, into end2end/pictures
	@.ci/setup test
	@.ci/build
	@cd end2end && npx playwright test --project=pictures --reporter=list

# The sanitizer's flags are the compiler's unstable ones: RUSTC_BOOTSTRAP lets a stable compiler take them, so no nightly is needed.
fuzz: ## look for messages that break contract or model, for FUZZ_SECONDS (600)
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz
	@cd app/model && RUSTC_BOOTSTRAP=1 cargo fuzz run messages -- -max_total_time=$${FUZZ_SECONDS:-600} -max_len=4096

clean: ## remove all that was built
	@rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report
