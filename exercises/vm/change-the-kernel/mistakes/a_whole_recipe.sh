#!/usr/bin/env bash
# caught by: test_the_rest_of_the_kernel_is_as_before
# A recipe from the web, taken over as a whole: it sets what nobody asked for, too.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
printf "vm.swappiness = %s\nvm.vfs_cache_pressure = 50\n" "$SEED_SWAPPINESS" |
  sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
sudo sysctl --quiet --load "/etc/sysctl.d/$SEED_NAME.conf"
