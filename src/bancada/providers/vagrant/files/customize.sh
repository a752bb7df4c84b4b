#!/bin/sh
# Runs once over a freshly made root file system ($1), outside it: what a virtual machine needs beyond what all seats do.
# $2 is the public key that Vagrant itself comes in with until it has replaced it by a fresh one.
set -eu
root=$1
here=$(dirname "$0")

# Vagrant's account, by the convention of all its boxes; a system's account, so that the student is user 1000 here too.
chroot "$root" useradd --system --create-home --shell /bin/bash --comment "Vagrant" vagrant
mkdir -p "$root/home/vagrant/.ssh"
printf '%s\n' "$2" >"$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant
chmod 700 "$root/home/vagrant/.ssh"
printf 'vagrant ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/vagrant"
chmod 440 "$root/etc/sudoers.d/vagrant"

rm -f "$root/etc/hostname" # it was copied from the computer that bakes, with that file's mode
echo bancada >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 bancada\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
echo 'LABEL=bancada / ext4 noatime,errors=remount-ro 0 1' >"$root/etc/fstab"
printf '[Match]\nName=en* eth*\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n\n[DHCPv4]\nClientIdentifier=mac\n' \
  >"$root/etc/systemd/network/80-bancada.network"

# Each machine makes its own host keys at its first boot, before anybody can come in.
mkdir -p "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
  >"$root/etc/systemd/system/ssh.service.d/host-keys.conf"
cp "$here/bancada-grow.service" "$root/etc/systemd/system/"
chroot "$root" systemctl enable --quiet systemd-networkd bancada-grow
# Nobody waits for these at boot, and where a machine is emulated each costs seconds.
chroot "$root" systemctl mask --quiet systemd-networkd-wait-online.service e2scrub_all.timer e2scrub_reap.service \
  systemd-pstore.service dpkg-db-backup.timer grub-common.service
# What is installed later changes nothing in the initramfs, which takes minutes to make on an emulated machine. A new kernel
# gets its own all the same.
sed -i 's/^update_initramfs=.*/update_initramfs=no/' "$root/etc/initramfs-tools/update-initramfs.conf"

# The boot loader: GRUB for BIOS, which every virtual machine has. disk.sh writes boot.img and core.img to the disk.
mkdir -p "$root/boot/grub" "$root/etc/default/grub.d"
cp -r "$root/usr/lib/grub/i386-pc" "$root/boot/grub/"
chroot "$root" grub-mkimage --format i386-pc --prefix '(hd0,msdos1)/boot/grub' --output /boot/grub/i386-pc/core.img \
  biosdisk part_msdos ext2
cp "$here/grub.cfg" "$root/boot/grub/grub.cfg"
cp "$here/grub-defaults" "$root/etc/default/grub.d/10-bancada.cfg"
[ -e "$root/etc/default/grub" ] || : >"$root/etc/default/grub"
