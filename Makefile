# The targets that people call. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Cargo has its own jobs; targets build on each other.
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

# Outside the checkout, so that a fresh clone on the same machine compiles this repository's crates
# only.
HOME ?= $(shell getent passwd "$$(id -u)" | cut -d: -f6)
CARGO_TARGET_DIR ?= $(HOME)/.cache/dpin/target
export HOME CARGO_TARGET_DIR

BIN := $(CARGO_TARGET_DIR)/release
# The toolchain that set-up has chosen.
CARGO := . scripts/env.sh && cargo

# Options for what is run, as in: make dev ARGS="--rpc-port 9966"
ARGS ?=
# What the whole-system tests' cheating executor is built with, and no other program.
FAULTS := dpin-executor/fault-injection
# The runtime with the hash of its metadata, which is built twice for it, and its tests.
HASH := --features dpin-node/metadata-hash,dpin-tests/metadata-hash
# What is measured, everything if it is empty, as in: make bench PALLETS="pallet_jobs overhead"
PALLETS ?=
# What the measuring program is built with: the database, which is measured with everything, takes
# longer to build.
MEASURE := $(if $(filter storage,$(or $(PALLETS),storage)),storage,measure)
# Points measured of each parameter, and runs of each point.
STEPS ?= 5
REPEAT ?= 10

# With STRICT=1 a check fails that is skipped otherwise because its program is missing.
STRICT ?=
export STRICT

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## Install the missing parts to build, run and test, or print the commands
	@scripts/setup.sh test

.PHONY: setup-build
setup-build:
	@scripts/setup.sh build

.PHONY: build
build: setup-build ## Build the node, the executor, dpin and the demo
	$(CARGO) build --release --workspace --bins --locked $(HASH)
	$(CARGO) build --release --workspace --bin dpin-executor-faulty --features $(FAULTS) --locked $(HASH)
	@if grep -qE "DPIN_FAULT|lazy_auditor" "$(BIN)/dpin-executor"; then echo "dpin-executor can be told to cheat"; exit 1; fi

.PHONY: demo
demo: build ## Run two real jobs on a network of four processes; writes out/
	mkdir -p out
	"$(BIN)/dpin-demo" $(ARGS)

.PHONY: dev
dev: build ## Run one node with one worker until Ctrl-C; JSON-RPC on ws://127.0.0.1:9944
	exec "$(BIN)/dpin-node" --dev $(ARGS)

.PHONY: test
test: setup test-faults build ## Run every test: crates, whole system, clients
	@. scripts/env.sh; \
	if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --cargo-profile release --workspace --locked $(HASH); \
	else \
		echo "cargo-nextest is not installed: running the tests with cargo test"; \
		cargo test --release --workspace --locked --lib --bins --tests $(HASH); \
	fi
	@. scripts/env.sh && cargo test --release --workspace --locked --doc --quiet $(HASH)
	@$(MAKE) --no-print-directory test-clients
	@$(MAKE) --no-print-directory test-first-use

# Before `build`: the executor these tests come with is built with the feature.
.PHONY: test-faults
test-faults: setup
	@. scripts/env.sh; \
	if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --cargo-profile release --workspace --test injection --features $(FAULTS) --locked $(HASH); \
	else \
		cargo test --release --workspace --test injection --features $(FAULTS) --locked $(HASH); \
	fi

.PHONY: test-clients
test-clients: build ## Run polkadot.js, polkadot-api, subxt and the examples against a network of the built nodes
	@bash tests/clients/run.sh

.PHONY: test-first-use
test-first-use: build ## Run the code blocks of README and of the guides, each page against a fresh node
	@bash tests/clients/run.sh first-use $(ARGS)

.PHONY: lint
lint: setup-build ## Check formatting, spelling, lints, comments, shell scripts and the lock file
	$(CARGO) fmt --all --check
	scripts/tools.sh check
	scripts/measure-house.sh --check
	export SKIP_WASM_BUILD=1; $(CARGO) clippy --release --workspace --all-targets --locked -- -D warnings
	scripts/check-lock.sh
	scripts/check-links.sh
	for script in scripts/*.sh .ci/run; do bash -n "$$script"; done

.PHONY: fmt
fmt: setup-build ## Format Rust and TOML files
	$(CARGO) fmt --all
	scripts/tools.sh fmt

# A search with one fuzz target, as in: make fuzz TARGET=tile_tree SECONDS=600
TARGET ?= primitives
SECONDS ?= 60

# Outside of CI: it needs a nightly compiler, and compiles everything again. `make test` runs the
# targets on their corpus.
.PHONY: fuzz
fuzz: setup-build ## Search with cargo-fuzz for inputs that break a fuzz target (TARGET=tile_tree SECONDS=60)
	@. scripts/env.sh; \
	if ! cargo fuzz --version >/dev/null 2>&1; then \
		echo "cargo-fuzz is not installed. To install it: cargo install --locked cargo-fuzz"; \
		exit 1; \
	fi; \
	if ! cargo +nightly --version >/dev/null 2>&1; then \
		echo "cargo-fuzz needs a nightly compiler. To install one: rustup toolchain install nightly"; \
		exit 1; \
	fi; \
	mkdir -p "out/fuzz/$(TARGET)"; \
	cp Cargo.lock fuzz/libfuzzer/; \
	SKIP_WASM_BUILD=1 CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)/fuzz" cargo +nightly fuzz run --fuzz-dir fuzz/libfuzzer "$(TARGET)" \
		"out/fuzz/$(TARGET)" "fuzz/corpus/$(TARGET)" -- -max_total_time="$(SECONDS)" -malloc_limit_mb=64

# Outside of CI: cargo-deny takes minutes to install, and advisories come from the network.
.PHONY: deny
deny: ## Check licences, versions, sources and advisories of all dependencies with cargo-deny
	@. scripts/env.sh; \
	if ! cargo deny --version >/dev/null 2>&1; then \
		echo "cargo-deny is not installed. To install it: cargo install --locked cargo-deny"; \
		exit 1; \
	fi; \
	cargo deny --locked check licenses bans sources; \
	if cargo deny --locked fetch db; then \
		cargo deny --locked check --disable-fetch advisories; \
	else \
		echo "deny: the advisories are skipped, because their database cannot be fetched"; \
		[ "$${STRICT:-}" != 1 ]; \
	fi

.PHONY: pr
pr: lint ## Run everything that a pull request has to pass: lint, docs without a warning, deny if it is installed, test
	@$(MAKE) --no-print-directory docs
	@. scripts/env.sh; \
	if cargo deny --version >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory deny; \
	else \
		echo "deny is skipped: cargo-deny is not installed"; \
		[ "$${STRICT:-}" != 1 ]; \
	fi
	@$(MAKE) --no-print-directory test

.PHONY: measure-house
measure-house: ## Measure how easy the sources are to read; builds nothing (seconds; ARGS=--list for the places)
	@scripts/measure-house.sh $(ARGS)

.PHONY: docs
docs: setup-build ## Build the book (if mdbook is installed) and the API documentation of this repository's crates
	scripts/book.sh "$(CARGO_TARGET_DIR)/book"
	export SKIP_WASM_BUILD=1 RUSTDOCFLAGS="-D warnings"; $(CARGO) doc --release --workspace --no-deps --locked

.PHONY: bench
bench: setup-build ## Measure all weights and write them to runtime/src/weights (a long build, then a quarter of an hour)
	$(CARGO) build --release --workspace --bin dpin-node --bin bench-weights --bin finish-weights --features bench-weights/$(MEASURE) --locked
	BIN="$(BIN)" STEPS="$(STEPS)" REPEAT="$(REPEAT)" scripts/bench.sh $(PALLETS)

.PHONY: bench-detection
bench-detection: build ## Measure how often wrong tiles are caught, with the runtime in process
	"$(BIN)/bench-detection"

.PHONY: bench-chain
bench-chain: build ## Measure the throughput of one validator: transfers, and jobs from post to payment (some minutes)
	"$(BIN)/bench-chain" $(ARGS)

.PHONY: bench-transfer
bench-transfer: build ## Measure the transfer of 1 GiB between two nodes: speed and memory (a minute, 3 GB of disk)
	"$(BIN)/bench-transfer" $(ARGS)

.PHONY: bench-scale
bench-scale: build ## Measure the cost of the chain's work with up to 1,000,000 workers; writes out/ (some minutes, 6 GB)
	"$(BIN)/bench-scale" $(ARGS)

.PHONY: sim-collusion
sim-collusion: build ## Simulate the gain of a cheating coalition of 1 to 50 % of 10,000 workers
	"$(BIN)/sim-collusion"

.PHONY: sim-economy
sim-economy: build ## Simulate 240 months of the economy with the runtime in process; writes out/ (some minutes)
	"$(BIN)/sim-economy" $(ARGS)

.PHONY: test-buyback
test-buyback: build ## Run jobs paid in BLC on a real network until their fees are bought back and burned
	"$(BIN)/dpin-buyback" $(ARGS)

.PHONY: test-kills
test-kills: build ## Kill, stop and cut off nodes at random while jobs run; nothing may be lost (ARGS="--minutes 6 --seed 1")
	"$(BIN)/dpin-kills" $(ARGS)

.PHONY: bench-audit
bench-audit: build ## Measure the cost of an audit on this machine's device (some minutes)
	"$(BIN)/bench-audit" $(ARGS)

.PHONY: bench-executor
bench-executor: build ## Measure the overhead of the executor over a plain OpenCL program (some minutes)
	"$(BIN)/bench-executor" $(ARGS)
	"$(BIN)/bench-transfer"

.PHONY: conformance
conformance: build ## Compare the ready kernels on every OpenCL device with their references, bit for bit
	"$(BIN)/conformance" $(ARGS)

.PHONY: test-sandbox
test-sandbox: setup ## Try to break out of the executor with hostile kernels, blobs and senders; one line each (minutes)
	$(CARGO) test --release --workspace --test test_sandbox --locked $(HASH) -- $(ARGS)

.PHONY: clean
clean: ## Remove out/ and the build of this repository's crates
	rm -rf out
	$(CARGO) clean --release --workspace --locked
