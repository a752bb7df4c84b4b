#!/usr/bin/env bash
# caught by: test_the_module_comes_back_at_the_next_boot
# The name stands in modprobe.d, which says how modules are loaded, and loads none.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modprobe.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE" 2>/dev/null # it complains of that line
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
