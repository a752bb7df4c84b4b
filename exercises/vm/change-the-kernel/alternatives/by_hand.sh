#!/usr/bin/env bash
# Without modprobe and sysctl: the module's file given to the kernel, and the parameter written to its file. In the two
# files for the boot the other spellings: a hyphen, slashes, comments.
set -euo pipefail
if ! grep --quiet "^$SEED_MODULE " /proc/modules; then
  sudo insmod "$(/usr/sbin/modinfo --field filename "$SEED_MODULE")"
fi
echo "$SEED_SWAPPINESS" | sudo tee /proc/sys/vm/swappiness >/dev/null
printf '# TCP\n%s\n' "${SEED_MODULE/_/-}" | sudo tee "/etc/modules-load.d/$SEED_NAME.conf" >/dev/null
printf '; memory\n-vm/swappiness=%s\n' "$SEED_SWAPPINESS" | sudo tee "/etc/sysctl.d/$SEED_NAME.conf" >/dev/null
