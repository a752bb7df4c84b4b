#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_root_in_the_folder
# A faultless root directory; but the process that was in it has ended.
set -euo pipefail
for program in /bin/bash /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o "/[^ ]*"); do
    mkdir -p "root$(dirname "$file")"
    [ -e "root$file" ] || cp --dereference "$file" "root$file"
  done
done
sudo chroot root /bin/bash -c 'echo it works'
