#!/bin/sh
# Called by mmdebstrap with the new root: services of the distribution off, key logins only, a quick boot.
set -eu
root=$1
units() { chroot "$root" systemctl "$@" >/dev/null 2>&1; }

units enable systemd-networkd.service ssh.service
# Flint runs instances of its own with its own configuration.
units disable dnsmasq.service nginx.service
units mask systemd-networkd-wait-online.service systemd-timesyncd.service console-getty.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer systemd-pstore.service sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount

mkdir -p "$root/etc/ssh/sshd_config.d"
cat >"$root/etc/ssh/sshd_config.d/rack.conf" <<'CONF'
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
HostKey /etc/ssh/ssh_host_ed25519_key
UseDNS no
CONF
# Every rack brings its own identity.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/*.log "$root"/var/log/apt
