#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_uts_namespace_of_its_own
# The hostname was set in a new namespace, and then its only process ended, and the namespace with it.
set -euo pipefail
sudo unshare --uts sh -c 'hostname "$1"; hostname' sh "$SEED_HOSTNAME"
