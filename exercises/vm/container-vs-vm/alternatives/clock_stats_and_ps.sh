#!/usr/bin/env bash
# By a watch, and with what docker stats and ps show; the container's program is tail, and the machine runs of itself.
set -euo pipefail

passed() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'; }
docker version >/dev/null # Docker sleeps until it is asked for the first time, and that is no part of the container's start
now=$(date +%s.%N)
docker run --detach --name "$SEED_NAME" busybox:local tail -f /dev/null >/dev/null
container_boot=$(passed "$now")
for _ in $(seq "$SEED_WORKERS"); do docker exec --detach "$SEED_NAME" sleep infinity; done

mkdir -p root/sbin root/dev
cp /bin/busybox root/sbin/busybox
cat >root/init <<EOI
#!/sbin/busybox sh
b=/sbin/busybox
\$b mkdir -p /proc && \$b mount -t proc proc /proc && \$b mknod /dev/null c 1 3
n=0
while [ \$n -lt $SEED_WORKERS ]; do
  \$b sleep 99999 &
  n=\$((n + 1))
done
read -r up idle </proc/uptime
echo "ready \$up \$(\$b ps | \$b grep -c '^ *[0-9]') \$(\$b ps | \$b grep -c '[s]leep 99999') \$(\$b cat /proc/sys/kernel/random/boot_id)"
while :; do \$b sleep 99998; done
EOI
chmod 0755 root/init
(cd root && find . | busybox cpio -o -H newc | gzip) >initramfs.gz 2>/dev/null
now=$(date +%s.%N)
qemu-system-x86_64 -machine q35 -kernel /usr/lib/bancada/vm/vmlinuz -initrd initramfs.gz -m "size=${SEED_MIB}M" \
  -append 'console=ttyS0 quiet' -nodefaults -no-reboot -display none -serial "file:$PWD/console.log" -daemonize
wait_until grep --quiet '^ready' console.log
vm_boot=$(passed "$now")

used() { # "2.6MiB / 1GiB" or "900KiB / 1GiB"
  docker stats --no-stream --format '{{ .MemUsage }}' "$SEED_NAME" |
    LC_ALL=C awk '{ unit = $1; sub(/[0-9.]+/, "", unit); print unit == "KiB" ? $1 / 1024 : $1 + 0 }'
}
cat >numbers.txt <<EOI
boot: $container_boot $vm_boot
memory: $(used) $(ps -C qemu-system-x86_64 -o rss= | awk 'NR == 1 { print int($1 / 1024) }')
disk: $(docker images --format '{{ .Size }}' busybox:local | tr -cd '0-9.') $(du --apparent-size -cm /usr/lib/bancada/vm/vmlinuz initramfs.gz | awk 'END { print $1 }')
processes: $(docker top "$SEED_NAME" | tail -n +2 | wc -l) $(awk '/^ready/ { print $3 }' console.log)
EOI
