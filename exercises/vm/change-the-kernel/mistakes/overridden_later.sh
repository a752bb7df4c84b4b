#!/usr/bin/env bash
# caught by: test_the_parameter_comes_back_at_the_next_boot
# A first try with another value was left in a file whose name comes later.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = 60" | sudo tee /etc/sysctl.d/zz-first-try.conf >/dev/null
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
