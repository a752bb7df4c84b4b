#!/usr/bin/env bash
# caught by: test_the_kernel_has_the_parameter
# Root of a container asked for it, and is root of nothing in the kernel.
set -euo pipefail
echo "$SEED_MODULE" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
sudo modprobe "$SEED_MODULE"
echo "vm.swappiness = $SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
# shellcheck disable=SC2016 # the inner shell expands it
unshare --map-root-user --pid --fork --mount-proc sh -c 'echo "$1" >/proc/sys/vm/swappiness' sh "$SEED_SWAPPINESS" || true
