#!/usr/bin/env bash
# Runs every fuzz target for so many seconds each (default 900) from its committed corpus, then keeps what is new and minimal.
#   tests/fuzz/run.sh [SECONDS] [TARGET...]
# Needs cargo-fuzz, tar and zstd. cargo-fuzz's flags are unstable ones, hence RUSTC_BOOTSTRAP on a stable toolchain.
set -euo pipefail
cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1
seconds="${1:-900}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(decode stream http1 http2 websocket tls ftp mysql postgresql redis mqtt mongodb kafka dubbo thrift ssh named datagram inspect files packs)
for t in "${targets[@]}"; do
    work="target/corpus/$t" least="target/corpus/$t-least"
    rm -rf "$work" "$least"
    mkdir -p "$work" "$least"
    [ ! -f "corpus/$t.tar.zst" ] || tar -C "$work" --zstd -xf "corpus/$t.tar.zst"
    cargo fuzz run --fuzz-dir . "$t" "$work" -- -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=3000 -print_final_stats=1
    cargo fuzz run --fuzz-dir . "$t" "$least" "$work" -- -set_cover_merge=1 -max_len=8192
    tar -C "$least" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - . | zstd -q -19 -f -o "corpus/$t.tar.zst"
done
