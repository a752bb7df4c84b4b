#!/usr/bin/env bash
# caught by: test_init_of_a_new_pid_namespace_is_running
# Init starts the second process and ends; the kernel ends the second process with it.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --pid --fork --mount-proc bash -c '(exec -a "$1" sleep infinity) & ps -ef' init "$SEED_NAME"
