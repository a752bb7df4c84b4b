#!/usr/bin/env bash
# caught by: test_a_container_has_the_seats_kernel
# Another Debian in the container, so another kernel, it was thought, and noted down unseen.
set -euo pipefail
mkdir -p root/bin root/proc
cp /bin/busybox root/bin/
cat >root/init <<'EOI'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "kernel $(/bin/busybox uname -r)"
echo "boot_id $(/bin/busybox cat /proc/sys/kernel/random/boot_id)"
while :; do /bin/busybox sleep 3600; done
EOI
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc) >initramfs.cpio 2>/dev/null
setsid qemu-system-x86_64 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.cpio -m 128 \
  -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial file:console.log \
  </dev/null >/dev/null 2>&1 &
wait_until grep --quiet '^boot_id' console.log
sed 's/\r//' console.log >container.log
