# Two commands for a fresh machine: `make demo` and `make test`. Both install what is missing first.
SHELL := /bin/bash
CARGO ?= cargo
OUT   ?= out/demo
DPDK_CRATES := -p dpdk-sys -p weir-dpdk

.PHONY: demo test test-dpdk test-abort test-loom setup setup-dpdk build lint bench fuzz

demo: setup
	$(CARGO) build --release -p weir
	rm -rf $(OUT)
	target/release/weir replay tests/cases/office/capture.pcap.zst --out $(OUT)

# The default members: all but the two crates that need DPDK.
test: setup
	$(CARGO) test

# Those two. Root and hugepages are used where there are any; a test that lacks what it needs says so and passes.
test-dpdk: setup-dpdk
	$(CARGO) test $(DPDK_CRATES)
	$(CARGO) test -p weir --features dpdk --test dpdk

# The live sensor where a panic aborts, as in the release: cargo builds tests so that panics unwind, so its binary is built apart.
test-abort: setup
	$(CARGO) build --profile abort -p weir
	WEIR_BIN=$(CURDIR)/target/abort/weir $(CARGO) test -p weir --test run

# The hand-off ring in every order in which two threads may run.
test-loom:
	$(CARGO) test --release --manifest-path tests/loom/Cargo.toml

setup:
	@sensor/setup.sh

setup-dpdk: setup
	@sensor/setup.sh dpdk

build: setup
	$(CARGO) build --release -p weir

lint: setup
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --all-targets -- -D warnings
	if pkg-config --exists 'libdpdk >= 22.11'; then $(CARGO) clippy $(DPDK_CRATES) -p weir --features weir/dpdk --all-targets -- -D warnings; fi

bench: build
	$(CARGO) bench -p weir-bench --bench stages
	$(CARGO) run --release -p weir-bench --bin weir-figures -- measure --readme bench/README.md

# Fuzz targets need cargo-fuzz (`cargo install cargo-fuzz`) and clang; see tests/fuzz/README.md.
fuzz: setup
	tests/fuzz/run.sh
