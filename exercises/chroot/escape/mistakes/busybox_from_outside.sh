#!/usr/bin/env bash
# caught by: test_a_prisoner_lives_in_the_jail
# The jail's program was run, but from outside: it never was in the jail.
set -euo pipefail
setsid sudo jail/bin/busybox sh -c 'cat treasure >jail/answer; jail/bin/busybox sleep 1d; :' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact 'jail/bin/busybox sleep 1d'
