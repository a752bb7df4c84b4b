#!/usr/bin/env bash
# caught by: test_a_vm_has_booted_a_kernel
# What was thought to be a virtual machine is another Debian's files in a chroot.
set -euo pipefail
release=bookworm
unshare --map-root-user --pid --fork --mount sh -c "mount -t proc proc /usr/lib/bancada/releases/$release/proc &&
  exec /usr/sbin/chroot /usr/lib/bancada/releases/$release /bin/sh -c 'uname -r; cat /proc/sys/kernel/random/boot_id'" >console.log
cp console.log container.log
