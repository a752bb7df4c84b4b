#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_user_namespace_of_its_own
# All is right for a moment; then the shell ends, and the namespaces with it.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
unshare --user --map-root-user --uts sh -c 'hostname "$1"; hostname; id' sh "$SEED_HOSTNAME"
