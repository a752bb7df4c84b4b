#!/usr/bin/env bash
# Both now, and both in the files that systemd reads at boot.
set -euo pipefail

echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"

echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
