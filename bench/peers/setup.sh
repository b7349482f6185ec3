#!/usr/bin/env bash
# Installs the peers of compare.py that this machine lacks: Suricata 7 (Debian 12 has it in its backports) and tshark.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v suricata >/dev/null || tests/backports.sh suricata
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
command -v tshark >/dev/null || "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends tshark
suricata -V
tshark --version | head -1
