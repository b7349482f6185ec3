#!/usr/bin/env bash
# A real driver on an emulated card with several queues: boots a guest in QEMU, sends it a capture from outside, and holds the records
# to those of the file replay. See README.md beside this. Arguments: the card (igb) and its queues (2).
set -euo pipefail
cd "$(dirname "$0")/../.."
sensor/setup.sh dpdk
missing=()
command -v busybox >/dev/null || missing+=(busybox-static)
command -v cpio >/dev/null || missing+=(cpio)
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
# The multi-queue card igb came with QEMU 8; Debian 12 has that in its backports.
has_igb() { command -v qemu-system-x86_64 >/dev/null && qemu-system-x86_64 -device help 2>/dev/null | grep '"igb"' >/dev/null; }
if ! has_igb; then
    "${sudo[@]}" apt-get update -q
    "${sudo[@]}" apt-get install -y -q --no-install-recommends qemu-system-x86 || true
    has_igb || tests/backports.sh qemu-system-x86
fi
[ ${#missing[@]} -eq 0 ] || "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"

profile=${PROFILE:-release}
flags=()
[ "$profile" = dev ] || flags=(--profile "$profile")
export WEIR_NIC_CARD=${1:-igb} WEIR_NIC_QUEUES=${2:-2}
exec "${CARGO:-cargo}" test "${flags[@]}" -p weir --features dpdk --test nic -- --ignored --nocapture
