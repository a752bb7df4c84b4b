#!/usr/bin/env bash
# caught by: test_the_parameter_comes_back_at_the_next_boot
# The kernel has it, and forgets it when the machine is switched off.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
sudo sysctl --quiet --write "vm.swappiness=$SEED_SWAPPINESS"
