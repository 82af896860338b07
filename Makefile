# Verbs only; what has logic is a script or a test.
.PHONY: demo dev install test matrix build fmt lint deny tidy unit kill parked acceptance sim sim-bugs bench

demo:        ## Build aevum, run the article's order on it, show result and history
	@examples/run-demo

dev:         ## Build aevum and stay up on 7233 (and 8080)
	@cargo build --profile demo --package server --bin aevum
	@exec $$(tests/target-dir)/demo/aevum server start-dev --ui-port 8080

test:        ## Everything a change must pass; installs what it needs
	@tests/run all

matrix:      ## The whole: every suite on every store
	@tests/run matrix

install:     ## Build aevum as users get it and put it into cargo's bin folder, which is in PATH; links temporal and tctl where free
	@cargo install --locked --profile dist --path crates/server --bin aevum
	@bin="$${CARGO_INSTALL_ROOT:-$${CARGO_HOME:-$$HOME/.cargo}}/bin"; for name in temporal tctl; do \
	    [ -e "$$bin/$$name" ] || [ -L "$$bin/$$name" ] || ln -s aevum "$$bin/$$name"; done

build:       ## Every binary
	cargo build --workspace

fmt:         ## Format, or fail with what is not
	cargo fmt --all --check

lint:        ## Clippy, warnings are errors
	cargo clippy --workspace --all-targets -- --deny warnings

deny:        ## Licences, advisories, duplicate and banned crates
	@tests/run deny

tidy unit kill parked acceptance:
	@tests/run $@

sim:         ## Seeded worlds: 2,000, or SEEDS=n; SEED=n plays one again and prints its trace
	@tests/run sim

sim-bugs:    ## Planted bugs: which invariant finds each, with which seed
	@tests/run sim-bugs

bench:       ## Side by side with the real Temporal server; writes bench/README.md
	bench/run --write
