#!/usr/bin/env bash
# caught by: test_the_disk_is_this_seats
# The kernel is a part of the machine, too, and the larger one.
set -euo pipefail
work="for i in \$(seq $SEED_WORKERS); do sleep 1000000 & done"
docker run --detach --name "$SEED_NAME" busybox:local sh -c "$work; wait" >/dev/null
mkdir -p root/bin root/proc root/dev
cp /bin/busybox root/bin/
cat >root/init <<EOI
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
$work
set -- \$(cat /proc/uptime)
echo "ready \$1 \$(ls -d /proc/[0-9]* | wc -l) \$(pidof sleep | wc -w) \$(cat /proc/sys/kernel/random/boot_id)"
wait
EOI
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc) >initramfs.cpio 2>/dev/null
setsid qemu-system-x86_64 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.cpio -m "$SEED_MIB" \
  -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial file:console.log \
  </dev/null >/dev/null 2>&1 &
vm=$!
wait_until grep --quiet '^ready' console.log
seconds() { date --date "$(docker inspect --format "{{ .$1 }}" "$SEED_NAME")" +%s.%N; }
container_boot=$(awk -v from="$(seconds Created)" -v to="$(seconds State.StartedAt)" 'BEGIN { print to - from }')
vm_boot=$(awk '/^ready/ { print $2 }' console.log)
share() { sudo awk '/^Pss:/ { kib += $2 } END { print kib / 1024 }' "${@/%//smaps_rollup}"; }
mapfile -t inside < <(docker top "$SEED_NAME" -o pid | awk '/[0-9]/ { print "/proc/" $1 }')
container_memory=$(share "${inside[@]}")
vm_memory=$(share "/proc/$vm")
mebibytes() { awk '{ bytes += $1 } END { print bytes / 1024 / 1024 }'; }
container_disk=$(docker image inspect --format '{{ .Size }}' busybox:local | mebibytes)
vm_disk=$(stat --format %s initramfs.cpio | mebibytes)
vm_processes=$(awk '/^ready/ { print $3 }' console.log)
cat >numbers.txt <<EOI
boot: $container_boot $vm_boot
memory: $container_memory $vm_memory
disk: $container_disk $vm_disk
processes: ${#inside[@]} $vm_processes
EOI
