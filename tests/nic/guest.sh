#!/bin/bash
# Builds a guest that is nothing but a kernel, busybox and weir with the libraries it needs: OUT/vmlinuz and OUT/initrd.
#   tests/nic/guest.sh WEIR OUT
# Needs root for nothing; downloads the kernel's package by apt-get and keeps it in OUT.
set -euo pipefail
weir=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
root=$out/root
rm -rf "$root"
mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,data,modules,mnt}

# The kernel of Debian's cloud image: serial consoles and PCI built in, uio as a module, no driver for the card itself.
if ! compgen -G "$out/linux-image-*.deb" >/dev/null; then
    kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    (cd "$out" && apt-get download -q "$kernel")
fi
rm -rf "$out/kernel"
dpkg-deb -x "$out"/linux-image-*.deb "$out/kernel"
cp "$out"/kernel/boot/vmlinuz-* "$out/vmlinuz"
for module in uio uio_pci_generic; do
    found=$(find "$out/kernel/lib/modules" -name "$module.ko*" | head -1)
    case $found in
        *.xz) xz -dc "$found" >"$root/modules/$module.ko" ;;
        *) cp "$found" "$root/modules/$module.ko" ;;
    esac
done

cp "$(command -v busybox)" "$root/bin/busybox"
install -m 755 "$weir" "$root/bin/weir"
install -m 755 "$here/init" "$root/init"

# Libraries where the loader and DPDK look for them. Drivers are links in DPDK's folder to files beside it: copied as links, as the
# same library under two names would be loaded twice.
take() {
    local real
    real=$(readlink -f "$1")
    mkdir -p "$root$(dirname "$1")" "$root$(dirname "$real")"
    [ -e "$root$real" ] || cp "$real" "$root$real"
    [ "$1" = "$real" ] || ln -sf "$real" "$root$1"
}
needs() { ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'; }
drivers=$(compgen -G '/usr/lib/*/dpdk/pmds-*' | head -1)
mkdir -p "$root$drivers"
for name in bus_pci bus_vdev mempool_ring net_e1000 net_vmxnet3 net_virtio; do
    for driver in "$drivers"/librte_$name.so.*; do
        take "$driver"
        needs "$driver"
    done
done >"$out/libraries"
needs "$weir" >>"$out/libraries"
sort -u "$out/libraries" | while read -r library; do take "$library"; done
# The folder holds links to its own drivers' versions, too.
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$out/initrd"
