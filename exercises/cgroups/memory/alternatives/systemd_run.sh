#!/usr/bin/env bash
# A service of systemd: of version 2 systemd sets the limit; of version 1 in a container it has no say over memory, and
# the service goes into a group made by hand. The greedy process is the service's own child.
set -euo pipefail

# In a file, for systemd-run reads the dollars of a command line itself. 0 is whoever writes it.
cat >work.sh <<'EOF'
[ -z "$1" ] || echo 0 >"$1/cgroup.procs" || exit
timeout 20 tail /dev/zero || exec sleep infinity
EOF

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  # By default systemd ends the whole service as soon as one of its processes was killed for want of memory.
  sudo systemd-run --quiet --unit=greedy --property=MemoryMax="${SEED_MIB}M" --property=MemorySwapMax=0 \
    --property=OOMPolicy=continue sh "$PWD/work.sh" ''
  counters=/sys/fs/cgroup/system.slice/greedy.service/memory.events
else
  group=/sys/fs/cgroup/memory/greedy
  sudo mkdir -p "$group"
  echo "${SEED_MIB}M" | sudo tee "$group/memory.limit_in_bytes" >/dev/null
  sudo systemd-run --quiet --unit=greedy --property=OOMPolicy=continue sh "$PWD/work.sh" "$group"
  counters=$group/memory.oom_control
fi
wait_until grep '^oom_kill [1-9]' "$counters"
