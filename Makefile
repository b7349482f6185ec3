# Two commands for a fresh machine: `make demo` and `make test`. Both install what is missing first.
SHELL := /bin/bash
CARGO ?= cargo
OUT   ?= out/demo

.PHONY: demo test setup build lint bench fuzz

demo: setup
	$(CARGO) build --release -p weir
	rm -rf $(OUT)
	target/release/weir replay tests/cases/office/capture.pcap.zst --out $(OUT)

test: setup
	$(CARGO) test --workspace

setup:
	@sensor/setup.sh

build: setup
	$(CARGO) build --release -p weir

lint: setup
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

bench: build
	$(CARGO) bench -p weir-bench --benches

# Fuzz targets need cargo-fuzz (`cargo install cargo-fuzz`) and clang; see tests/fuzz/README.md.
fuzz: setup
	tests/fuzz/run.sh
