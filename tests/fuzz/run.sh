#!/usr/bin/env bash
# Runs every fuzz target for so many seconds each (default 900) from its committed corpus, then keeps what is new and minimal.
#   tests/fuzz/run.sh [SECONDS] [TARGET...]
# Needs cargo-fuzz. The sanitizer's flags are unstable ones, hence RUSTC_BOOTSTRAP on a stable toolchain.
set -euo pipefail
cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1
seconds="${1:-900}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(decode stream http1 inspect packs)
for t in "${targets[@]}"; do
    mkdir -p "corpus/$t"
    cargo fuzz run --fuzz-dir . "$t" "corpus/$t" -- -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    cargo fuzz cmin --fuzz-dir . "$t" "corpus/$t"
done
