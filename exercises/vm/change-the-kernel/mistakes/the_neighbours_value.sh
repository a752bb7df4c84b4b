#!/usr/bin/env bash
# caught by: test_the_kernel_has_the_parameter
# Copied from the neighbour, whose number is another.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = $((SEED_SWAPPINESS + 1))" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
