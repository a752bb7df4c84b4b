#!/usr/bin/env bash
# systemd makes the group, as it does for every service; what it starts there unshares the rest.
set -euo pipefail
if ! systemctl is-active --quiet "$SEED_NAME.service"; then
  sudo systemd-run --quiet --unit "$SEED_NAME" unshare --cgroup sleep infinity
fi

in_place() {
  pid=$(systemctl show --property MainPID --value "$SEED_NAME.service")
  [ "$(ps -o comm= -p "$pid")" = sleep ]
}
wait_until in_place
