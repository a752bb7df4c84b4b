#!/usr/bin/env bash
# caught by: test_the_vm_wrote_the_console_log
# The virtual machine runs in silence; the version was read from the kernel's file, and the boot_id on the seat.
set -euo pipefail
mkdir -p root/bin root/proc
cp /bin/busybox root/bin/
cat >root/init <<'EOI'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "kernel $(/bin/busybox uname -r)"
while :; do /bin/busybox sleep 3600; done
EOI
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc) >initramfs.cpio 2>/dev/null
setsid qemu-system-x86_64 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.cpio -m 128 \
  -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial file:console.log \
  </dev/null >/dev/null 2>&1 &
wait_until grep --quiet '^kernel' console.log
echo "boot_id $(cat /proc/sys/kernel/random/boot_id)" >>console.log
unshare --map-root-user --pid --fork --mount-proc sh -c 'uname -r; cat /proc/sys/kernel/random/boot_id' >container.log
