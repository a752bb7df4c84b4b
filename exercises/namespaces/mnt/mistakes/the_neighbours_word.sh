#!/usr/bin/env bash
# caught by: test_the_mount_holds_the_word
# Copied from the neighbour, whose word is another.
set -euo pipefail
setsid sudo unshare --mount sh -c '
  mount -t tmpfs room room && echo quarto-vizinho >room/word && exec sleep 1d
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'sleep 1d'
