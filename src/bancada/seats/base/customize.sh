#!/bin/sh
# Runs once over a freshly made root file system ($1), outside it: what every seat needs before Ansible can come in.
set -eu
root=$1
chroot "$root" useradd --system --create-home --shell /bin/bash --comment "Bancada administrator" bancada
mkdir -p "$root/home/bancada/.ssh"
chroot "$root" chown -R bancada:bancada /home/bancada
chmod 700 "$root/home/bancada/.ssh"
printf 'bancada ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/bancada"
chmod 440 "$root/etc/sudoers.d/bancada"
printf 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n' >"$root/etc/ssh/sshd_config.d/10-bancada.conf"
# Each seat gets its own.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
# A seat installs nothing in class: no background updates.
chroot "$root" systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer
