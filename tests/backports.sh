#!/usr/bin/env bash
# Installs packages from the backports of this Debian release, whose source it adds where apt does not know it.
#   tests/backports.sh PACKAGE...
set -euo pipefail
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")-backports
# shellcheck disable=SC1091
[ "$(. /etc/os-release && echo "$ID")" = debian ] || { echo "${0##*/}: only Debian has backports; please install yourself: $*" >&2; exit 2; }
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
if ! apt-cache policy | grep "n=$suite" >/dev/null; then
    echo "deb http://deb.debian.org/debian $suite main" | "${sudo[@]}" tee "/etc/apt/sources.list.d/$suite.list" >/dev/null
fi
"${sudo[@]}" apt-get update -q
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -t "$suite" "$@"
