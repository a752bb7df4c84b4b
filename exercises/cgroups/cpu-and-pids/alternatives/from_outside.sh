#!/usr/bin/env bash
# The process first, as a service of systemd's; then groups and limits, and somebody outside moves it in and back.
set -euo pipefail

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  echo '+cpu +pids' | sudo tee /sys/fs/cgroup/cgroup.subtree_control >/dev/null
  groups=(/sys/fs/cgroup/tamed)
  quota=cpu.max
else
  groups=(/sys/fs/cgroup/cpu/tamed /sys/fs/cgroup/pids/tamed)
  quota=cpu.cfs_quota_us
fi

# It works until the kernel holds it to its share, then forks, when its files appear.
cat >work.sh <<'EOS'
until [ -e "$1/go" ]; do sleep 0.1; done
timeout "$2" sh -c 'until grep -q "^nr_throttled [1-9]" "$0"; do :; done' "$3/cpu.stat"
(for _ in $(seq 30); do sleep 0.2 & done)
: >"$1/done"
exec sleep infinity
EOS
sudo systemd-run --quiet --unit=tamed sh "$PWD/work.sh" "$PWD" "$PATIENCE" "${groups[0]}"
pid=$(systemctl show --property=MainPID --value tamed)

sudo mkdir -p "${groups[@]}"
echo "$((SEED_PERCENT * 1000))" | sudo tee "${groups[0]}/$quota" >/dev/null
echo "$SEED_PIDS" | sudo tee "${groups[-1]}/pids.max" >/dev/null
for group in "${groups[@]}"; do
  echo "$pid" | sudo tee "$group/cgroup.procs" >/dev/null
done
touch go
wait_until test -e "done"
