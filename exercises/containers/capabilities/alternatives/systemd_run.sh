#!/usr/bin/env bash
# As a service of systemd's: three properties are the three locks. A link gives the program its name.
set -euo pipefail
ln -sfn /bin/sleep "$SEED_NAME"
pgrep --full --exact "$PWD/$SEED_NAME infinity" >/dev/null && exit 0

sudo systemd-run --quiet --collect \
  --property=CapabilityBoundingSet="${SEED_CAP^^}" \
  --property=NoNewPrivileges=yes \
  --property=SystemCallFilter='~@swap' \
  "$PWD/$SEED_NAME" infinity

wait_until pgrep --full --exact "$PWD/$SEED_NAME infinity"
