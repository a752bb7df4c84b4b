#!/bin/sh
# Runs once over a fresh Debian ($1), outside it: what an installer asks its person, and nothing that Bancada would like.
# $2 is the public key that maria comes in with.
set -eu
root=$1

chroot "$root" useradd --create-home --shell /bin/bash --comment "Maria" --groups sudo maria
mkdir -p "$root/home/maria/.ssh" "$root/home/maria/Área de Trabalho"
printf '%s\n' "$2" >"$root/home/maria/.ssh/authorized_keys"
chroot "$root" chown -R maria:maria /home/maria
chmod 700 "$root/home/maria/.ssh"
# There is nobody to type her password.
printf 'maria ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/maria"
chmod 440 "$root/etc/sudoers.d/maria"

printf 'pt_BR.UTF-8 UTF-8\n' >"$root/etc/locale.gen"
chroot "$root" locale-gen >/dev/null
printf 'LANG=pt_BR.UTF-8\n' >"$root/etc/default/locale"

rm -f "$root/etc/hostname" # it was copied from the computer that makes this, with that file's mode
echo escritorio >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 escritorio\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
echo '/dev/vda / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
printf '[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/80-dhcp.network"
chroot "$root" systemctl enable --quiet systemd-networkd systemd-resolved
rm -f "$root/etc/resolv.conf"
ln -s ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
# Jobs that would run at a moment of their own, and that nobody waits for.
chroot "$root" systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
  dpkg-db-backup.timer systemd-networkd-wait-online.service

# The certificates and settings that were carried in.
chroot "$root" update-ca-certificates >/dev/null 2>&1
# QEMU's user network shows the computer that emulates, and so its own proxy, under this address.
for file in etc/apt/apt.conf.d/99mmdebstrap etc/pip.conf etc/environment; do
  [ ! -e "$root/$file" ] || sed -Ei 's#://(localhost|127\.0\.0\.1|\[::1\])#://10.0.2.2#' "$root/$file"
done
