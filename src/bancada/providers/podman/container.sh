#!/bin/sh
# Runs once over the freshly made root file system ($1) of system containers, outside it: what a container may not do.
set -eu
root=$1
# To note who logged in takes a right over the computer's own audit that no container has. Where the computer's user has
# been noted already, as on any computer that people log in to, nobody could log in to the seat: pam_loginuid(8).
for file in "$root"/etc/pam.d/* "$root"/usr/lib/pam.d/*; do
    [ ! -f "$file" ] || sed -i 's/^\(session[[:space:]]\+\)required\([[:space:]]\+pam_loginuid\.so\)/\1optional\2/' "$file"
done
# File systems of the kernel's insides: refused in a user namespace, and no seat's business.
for unit in sys-kernel-config sys-kernel-debug sys-kernel-tracing; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit.mount"
done
# In a user namespace a sysfs may be mounted only where another one can be seen, and ip-netns(8) takes /sys away first.
cat >"$root/etc/systemd/system/run-sysfs.mount" <<'UNIT'
[Unit]
Description=A sysfs that stays where /sys is taken away
DefaultDependencies=no
Conflicts=umount.target
Before=local-fs.target umount.target
ConditionVirtualization=private-users

[Mount]
What=sysfs
Where=/run/sysfs
Type=sysfs
Options=ro,nosuid,nodev,noexec
UNIT
mkdir -p "$root/etc/systemd/system/local-fs.target.wants"
ln -sf ../run-sysfs.mount "$root/etc/systemd/system/local-fs.target.wants/run-sysfs.mount"
