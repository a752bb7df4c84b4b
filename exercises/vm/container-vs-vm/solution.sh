#!/usr/bin/env bash
# The same work in a container and in a virtual machine, and then what each of the two takes.
set -euo pipefail
work="for i in \$(seq $SEED_WORKERS); do sleep 1000000 & done"

docker rm --force "$SEED_NAME" >/dev/null 2>&1 || true
docker run --detach --name "$SEED_NAME" busybox:local sh -c "$work; wait" >/dev/null

mkdir -p root/bin root/proc root/dev
cp /bin/busybox root/bin/
cat >root/init <<EOI
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev # a shell gives its background processes /dev/null to read
$work
set -- \$(cat /proc/uptime) # how long this kernel runs
echo "ready \$1 \$(ls -d /proc/[0-9]* | wc -l) \$(pidof sleep | wc -w) \$(cat /proc/sys/kernel/random/boot_id)"
wait
EOI
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc) >initramfs.cpio 2>/dev/null

if ! pgrep --pidfile vm.pid >/dev/null 2>&1; then # is it there already?
  setsid qemu-system-x86_64 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.cpio -m "$SEED_MIB" \
    -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial file:console.log -pidfile vm.pid \
    </dev/null >/dev/null 2>&1 &
fi
wait_until grep --quiet '^ready' console.log

# Boot: Docker notes when it was asked for the container and when it ran; the machine's kernel counts from its start.
seconds() { date --date "$(docker inspect --format "{{ .$1 }}" "$SEED_NAME")" +%s.%N; }
container_boot=$(awk -v from="$(seconds Created)" -v to="$(seconds State.StartedAt)" 'BEGIN { print to - from }')
vm_boot=$(awk '/^ready/ { print $2 }' console.log)

# Memory: what the processes have of their own, and their share of what they have in common with others.
share() { sudo awk '/^Pss:/ { kib += $2 } END { print kib / 1024 }' "${@/%//smaps_rollup}"; }
mapfile -t inside < <(docker top "$SEED_NAME" -o pid | awk '/[0-9]/ { print "/proc/" $1 }')
container_memory=$(share "${inside[@]}")
vm_memory=$(share "/proc/$(cat vm.pid)")

# Disk: the files that each is made of.
mebibytes() { awk '{ bytes += $1 } END { print bytes / 1024 / 1024 }'; }
container_disk=$(docker image inspect --format '{{ .Size }}' busybox:local | mebibytes)
vm_disk=$(stat --format %s /usr/lib/bancada/vm/vmlinuz initramfs.cpio | mebibytes)

vm_processes=$(awk '/^ready/ { print $3 }' console.log)

cat >numbers.txt <<EOI
boot: $container_boot $vm_boot
memory: $container_memory $vm_memory
disk: $container_disk $vm_disk
processes: ${#inside[@]} $vm_processes
EOI
