#!/bin/bash
# Prints what a computer is, for comparing it with itself later: a line for each thing, which begins with its kind.
# $1 is a folder that does not count. Needs sudo.
set -u
cd /
kind() { sed "s|^|$1 |"; }
all() { sudo env LC_ALL=C "$@" 2>/dev/null; }

dpkg-query --show --showformat '${Package} ${Version}\n' | kind package
# Not what a running system writes: when it was booted, which address it was lent.
all find /etc -xdev ! -type d -printf '%m %u %g %p %l\n' | grep -v -e ld.so.cache | kind etc
all find /etc -xdev -type f ! -name ld.so.cache -exec sha256sum {} + | kind etc
{ getent passwd; getent group; } | kind account
all cat /etc/subuid /etc/subgid | kind range
# Counters and identifiers say nothing.
all sysctl --all | grep -E '^(kernel|vm|fs\.inotify|net\.(ipv4|ipv6|netfilter|bridge)|user)\.' |
  grep -Ev 'random|ns_last_pid|nf_conntrack_count|netfilter.nf_conntrack_(max|buckets)|\.(tcp_fastopen_key|stable_secret)|sched|ipc_next_id|pty.nr|hostname' |
  kind sysctl
findmnt --raw --noheadings --output TARGET,SOURCE,FSTYPE | grep -v '^/run/user/' | kind mount
all podman ps --all --quiet | kind podman-container
for what in volume pod network secret; do
  all podman "$what" ls --quiet | kind "podman-$what"
done
all podman image ls --format '{{.Repository}}:{{.Tag}}' | kind podman-image
systemctl list-unit-files --no-legend --plain | awk '{ print $1, $2 }' | grep -v '^session-' | kind unit
systemctl list-units --no-legend --plain --state=active,failed --type=service,timer,mount,socket | awk '{ print $1, $3 }' |
  grep -Ev '^(user|session|run-user|systemd-(timedated|hostnamed|localed|tmpfiles-clean|ask-password))' | kind active
ip -brief link | awk '{ print $1 }' | kind interface
ip route | kind route
all nft list ruleset | grep -v counter | kind firewall
find /sys/module -mindepth 1 -maxdepth 1 -printf '%f\n' | kind module
all ps -eo user:32,args | grep -E 'podman|conmon|crun|runc|aardvark|netavark|bancada|ansible|ssh: |dockerd|containerd' |
  grep -Ev 'grep|ps -eo|bash -lc|snapshot' | kind process
all find /home /root /opt /srv /usr/local /tmp /var/tmp /var/spool/cron /dev/shm -xdev ! -type d \
  ! -path "$1/*" ! -path '/tmp/systemd-private*' ! -path '/var/tmp/systemd-private*' -printf '%m %u %p\n' | kind file
all find /run /var/lib -xdev -maxdepth 2 | grep -Ev '^/run/(user|systemd|udev|sudo|log|utmp|motd|lock)|^/var/lib/(systemd|dpkg|apt|ucf|pam|private)/' |
  kind place
