#!/bin/sh
# Runs as root on a machine that does not know us yet: makes the account that Bancada comes in as. $1 is our public key.
# Each step may be there already, or half done: a killed run is made good by the next one.
set -eu
if ! getent passwd bancada >/dev/null; then
    useradd --system --user-group --create-home --home-dir /home/bancada --shell /bin/bash \
        --comment "Bancada administrator" bancada
fi
install -d -o bancada -g bancada -m 0700 /home/bancada/.ssh
printf '%s\n' "$1" >/home/bancada/.ssh/authorized_keys.new
chmod 0644 /home/bancada/.ssh/authorized_keys.new
mv /home/bancada/.ssh/authorized_keys.new /home/bancada/.ssh/authorized_keys
umask 0337
printf 'bancada ALL=(ALL) NOPASSWD:ALL\n' >/etc/sudoers.d/bancada.new # sudo passes over names with a dot
mv /etc/sudoers.d/bancada.new /etc/sudoers.d/bancada
