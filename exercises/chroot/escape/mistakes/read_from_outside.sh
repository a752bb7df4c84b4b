#!/usr/bin/env bash
# caught by: test_a_prisoner_got_out
# Somebody sits in the jail, and the secret lies in it; but it was the student who put it there, from outside.
set -euo pipefail
setsid sudo chroot jail /bin/sleep 1d </dev/null >/dev/null 2>&1 &
sudo cat treasure | sudo tee jail/answer >/dev/null
wait_until pgrep --full --exact '/bin/sleep 1d'
