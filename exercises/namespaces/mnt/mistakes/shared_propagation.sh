#!/usr/bin/env bash
# caught by: test_the_seat_sees_none_of_it
# The new namespace was told to leave propagation as it is; where that is shared, its mount comes out on the seat.
set -euo pipefail
around=$(findmnt --noheadings --output TARGET --target .)
before=$(findmnt --noheadings --output PROPAGATION --mountpoint "$around" | head --lines=1)
sudo mount --make-shared "$around" # as it is on a machine that systemd has started
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo unshare --mount --propagation unchanged sh -c '
  mount -t tmpfs room room && echo "$1" >room/word && exec sleep 1d
' sh "$SEED_WORD" </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
sudo mount --make-"$before" "$around"
