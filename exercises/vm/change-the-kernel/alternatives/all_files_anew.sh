#!/usr/bin/env bash
# The files of the whole system read again, as people do who are not sure which one counts.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --system >/dev/null 2>&1
