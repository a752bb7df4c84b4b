#!/bin/sh
# Makes a disk image that boots: disk.sh ARCHIVE IMAGE BYTES UUID. Root file system from a tar archive, GRUB for BIOS, qcow2.
# As root, since files keep their owners; nothing is mounted and no loop device is needed.
set -eu
archive=$1 image=$2 bytes=$3 uuid=$4
work=$(mktemp -d "$image.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
raw=$work/disk
mkdir "$work/root"
tar --extract --file "$archive" --directory "$work/root" --numeric-owner --preserve-permissions --xattrs --xattrs-include='*'
truncate --size "$bytes" "$raw"
printf "label: dos\nlabel-id: 0x62616e63\nstart=2048, type=83, bootable\n" | sfdisk --quiet "$raw"
# Of the same content the same image: no clock, no random number goes into it. The youngest file says what time it is.
epoch=$(find "$work/root" -printf '%T@\n' | sort -n | tail -n 1 | cut -d. -f1)
E2FSPROGS_FAKE_TIME=$epoch mke2fs -q -t ext4 -L bancada -U "$uuid" \
  -E "offset=1048576,hash_seed=$uuid,lazy_itable_init=1,lazy_journal_init=1" \
  -d "$work/root" "$raw" "$((bytes / 1024 - 1024))k"
# mke2fs before 1.47.1 takes over when each file was unpacked here. debugfs starts at the first inode after the reserved ones.
last=$(dumpe2fs -h "$raw?offset=1048576" 2>/dev/null | awk -F: '/^Inode count/ { all = $2 } /^Free inodes/ { print all - $2 }')
printf 'sif <2> atime @%s\nsif <2> ctime @%s\n' "$epoch" "$epoch" >"$work/times"
seq 11 "$last" | sed "s/.*/sif <&> atime @$epoch\nsif <&> ctime @$epoch/" >>"$work/times"
debugfs -w -f "$work/times" "$raw?offset=1048576" >/dev/null 2>&1
# The first 440 bytes of boot.img are code, what follows is the partition table; core.img goes into the gap before 1 MiB.
grub=$work/root/boot/grub/i386-pc
dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
dd if="$grub/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
qemu-img convert -O qcow2 -c -o compression_type=zstd "$raw" "$work/image"
mv "$work/image" "$image"
