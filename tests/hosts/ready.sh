#!/bin/sh
# Runs over a stock computer's root ($1), outside it: what `./bancada` itself installs is installed already, by the checkout
# in the git bundle $2. Of the checkout only .venv stays. On an emulated computer this would take a quarter of an hour.
set -eu
root=$1
home=/home/maria/"Área de Trabalho"/bancada
# The link that is there leads to what only a running system has.
mkdir -p "$root/run/systemd/resolve"
cp /etc/resolv.conf "$root/run/systemd/resolve/stub-resolv.conf"
cp "$2" "$root/home/maria/bundle"
# shellcheck disable=SC2016 # it is expanded there
chroot "$root" su - maria -c '
  set -eu
  git init -q -b main "$1" && cd "$1" && git pull -q ~/bundle HEAD
  ./bancada --yes --version
  mv .venv ~/venv && cd && rm -rf "$1" && mkdir "$1" && mv ~/venv "$1/.venv"
' su "$home" >&2
rm -r "$root/home/maria/bundle" "$root/run/systemd/resolve"
