#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_mount_namespace_of_its_own
# All was right, until the only process ended: with it went the namespace, and with that the mount.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --mount sh -c 'mount -t tmpfs room room && echo "$1" >room/word && cat room/word' sh "$SEED_WORD"
