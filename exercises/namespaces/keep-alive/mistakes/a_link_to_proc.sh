#!/usr/bin/env bash
# caught by: test_the_file_holds_a_uts_namespace
# A symbolic link to the namespace of a process leads nowhere as soon as that process is gone.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands it
sudo unshare --uts sh -c 'hostname "$1" && ln -sfn "/proc/$$/ns/uts" room' sh "$SEED_HOSTNAME"
