#!/usr/bin/env bash
# caught by: test_the_parameter_comes_back_at_the_next_boot
# A file that sysctl was given by name, and that systemd passes over: it does not end in .conf.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.txt" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.txt"
