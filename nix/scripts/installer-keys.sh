#!/bin/sh
# installer-keys.sh [ROOT]: lets in whoever holds the keys that came with the boot, and nobody else, as the host that they say.
# The boot script brings a second archive beside the shared image: authorized_keys and ssh_host_ed25519_key, in /flint of the
# initramfs or kept from there in /run/flint. Without them the installer runs with a host key of its own, and lets nobody in.
set -eu
root=${1:-}
keys=$root/flint
[ -d "$keys" ] || keys=$root/run/flint
mkdir -p "$root/root/.ssh" "$root/etc/ssh"
chmod 700 "$root/root" "$root/root/.ssh"
rm -f "$root/root/.ssh/authorized_keys" # a key that an image was built with is not the cluster's
if [ -s "$keys/authorized_keys" ]; then
  cp "$keys/authorized_keys" "$root/root/.ssh/authorized_keys"
  chmod 600 "$root/root/.ssh/authorized_keys"
fi
if [ -s "$keys/ssh_host_ed25519_key" ]; then
  rm -f "$root/etc/ssh/ssh_host_ed25519_key.pub"
  (umask 077; cp "$keys/ssh_host_ed25519_key" "$root/etc/ssh/ssh_host_ed25519_key")
  chmod 600 "$root/etc/ssh/ssh_host_ed25519_key"
elif [ ! -s "$root/etc/ssh/ssh_host_ed25519_key" ]; then
  ssh-keygen -q -t ed25519 -N '' -C installer -f "$root/etc/ssh/ssh_host_ed25519_key"
fi
