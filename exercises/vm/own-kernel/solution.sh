#!/usr/bin/env bash
# An initramfs with one program and an init, a kernel, and a machine for the two. Then the same questions in a container.
set -euo pipefail

# All that the virtual machine will have for a disk: it lies in its memory.
mkdir -p root/bin root/proc
cp /bin/busybox root/bin/
cat >root/init <<'EOI'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "kernel $(/bin/busybox uname -r)"
echo "boot_id $(/bin/busybox cat /proc/sys/kernel/random/boot_id)"
while :; do /bin/busybox sleep 3600; done # process 1 must not end
EOI
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc) >initramfs.cpio 2>/dev/null

if ! pgrep --pidfile vm.pid >/dev/null 2>&1; then # is it there already?
  setsid qemu-system-x86_64 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.cpio -m 128 \
    -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial file:console.log -pidfile vm.pid \
    </dev/null >/dev/null 2>&1 &
fi
wait_until grep --quiet '^boot_id' console.log

# A container by hand: its own processes, its own mounts, its own root.
unshare --map-root-user --pid --fork --mount-proc sh -c 'uname -r; cat /proc/sys/kernel/random/boot_id' >container.log
