#!/usr/bin/env bash
# A service of systemd, whose output is the console; nothing is quiet, and the kernel's own messages come first.
set -euo pipefail

mkdir -p root/bin
cp /bin/busybox root/bin/sh
# busybox does what it is called for: under the name of each command that init needs, the same file.
for name in mount mkdir uname cat sleep; do ln -f root/bin/sh "root/bin/$name"; done
cat >root/init <<'EOI'
#!/bin/sh
mkdir /proc
mount -t proc proc /proc
uname -r
cat /proc/sys/kernel/random/boot_id
while sleep 1000; do :; done
EOI
chmod 0755 root/init
(cd root && find . | busybox cpio -o -H newc | gzip) >initramfs.gz 2>/dev/null

sudo systemd-run --quiet --unit=small-machine --working-directory="$PWD" --property=StandardOutput=file:"$PWD/console.log" \
  qemu-system-x86_64 -M q35 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.gz -m 192 -append console=ttyS0 \
  -nodefaults -no-reboot -display none -serial stdio
wait_until grep --quiet '^........-....-' console.log

sudo systemd-run --quiet --wait --pipe --property=PrivateTmp=yes --property=PrivateNetwork=yes \
  sh -c 'uname -r; cat /proc/sys/kernel/random/boot_id' | tee container.log >/dev/null
