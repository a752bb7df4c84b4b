#!/bin/sh
# Runs over a root file system ($1) before its kernel is installed: so that the initramfs is made once, and small.
set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\nCOMPRESS=zstd\nRESUME=none\n' >"$1/etc/initramfs-tools/conf.d/bancada.conf"
# The disks that QEMU, VirtualBox and clouds have: virtio, IDE, SCSI over virtio, NVMe.
printf '%s\n' virtio_pci virtio_blk virtio_scsi ata_piix ahci nvme sd_mod ext4 >"$1/usr/share/initramfs-tools/modules.d/bancada"
