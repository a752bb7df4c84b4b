#!/usr/bin/env bash
# caught by: test_the_module_comes_back_at_the_next_boot
# Loaded, but nothing says that it shall be after the next boot.
set -euo pipefail
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
