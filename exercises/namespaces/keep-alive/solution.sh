#!/usr/bin/env bash
# unshare makes the namespace and mounts it on the file; the only program that is ever in it sets the name and ends.
set -euo pipefail

mountpoint --quiet room && exit
touch room
sudo unshare --uts="$PWD/room" hostname "$SEED_HOSTNAME"
