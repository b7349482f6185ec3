#!/usr/bin/env bash
# Installs what building Weir needs and this machine lacks: a C compiler, pkg-config and Hyperscan (or Vectorscan, which has the
# same interface). With the word `dpdk`, also DPDK with its drivers and libclang, which only the feature `dpdk` needs. Debian and
# Ubuntu are served; elsewhere it says what to install. Does nothing when everything is there.
set -euo pipefail

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v pkg-config >/dev/null || missing+=(pkg-config)
if ! command -v pkg-config >/dev/null || ! pkg-config --exists libhs; then
    case "$(uname -m)" in
        x86_64) missing+=(libhyperscan-dev) ;;
        # Hyperscan proper is x86-64 only. Vectorscan on arm64 should work and has not been tested.
        *) missing+=(libvectorscan-dev) ;;
    esac
fi
if [ "${1:-}" = dpdk ]; then
    # libdpdk-dev brings every driver along. The headers are read by libclang when the declarations are generated.
    if ! command -v pkg-config >/dev/null || ! pkg-config --exists 'libdpdk >= 22.11'; then missing+=(libdpdk-dev); fi
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null || compgen -G '/usr/lib*/libclang*.so*' >/dev/null || missing+=(libclang-dev)
fi

say() { printf '%s\n' "$*" >&2; }

if ! command -v cargo >/dev/null; then
    say "weir: 缺少 Rust 工具链（1.90 或更新）；请按 https://rustup.rs 安装后重试。"
    say "weir: the Rust toolchain (1.90 or later) is missing; install it as https://rustup.rs tells, then run this again."
    exit 2
fi

[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    say "weir: 此平台需自行安装：C 编译器、pkg-config，以及 Hyperscan 5.4 或 Vectorscan 5.4 的开发包（pkg-config 名为 libhs）。"
    say "weir: on this platform please install yourself: a C compiler, pkg-config, and the development package of Hyperscan 5.4 or"
    say "      Vectorscan 5.4 (pkg-config must find 'libhs'). Fedora: gcc pkgconf-pkg-config hyperscan-devel (x86-64) or"
    say "      vectorscan-devel. Arch: gcc pkgconf vectorscan. macOS (untested): brew install pkg-config vectorscan."
    say "      For DPDK / 使用 DPDK 时: Fedora: dpdk-devel clang-libs. Arch: dpdk clang."
    exit 2
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "weir: 需要 root 或 sudo 才能安装：${missing[*]}"
        say "weir: root or sudo is needed to install: ${missing[*]}"
        exit 2
    fi
    sudo=(sudo)
fi
say "weir: installing ${missing[*]}"
"${sudo[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
