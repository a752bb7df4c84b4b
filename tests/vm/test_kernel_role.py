"""Role `kernel` on a real kernel that was broken in each way that it mends or names. Part of `./bancada test --whole`.

In order, on one machine: a test leaves it as the next one may find it. About fifteen minutes where it is emulated.
"""

from __future__ import annotations

import json

import pytest
from machine import Machine

pytestmark = pytest.mark.vm

KINDS = {"mnt", "uts", "ipc", "pid", "net", "user", "cgroup", "time"}
AS_NOBODY = "setpriv --reuid=nobody --regid=nogroup --clear-groups unshare --user --map-root-user id -u"
GIVES = {
    "overlay": "d=$(mktemp -d); mkdir $d/l $d/u $d/w $d/m; mount -t tmpfs t $d/u; mkdir $d/u/u $d/u/w; "
    "mount -t overlay o -o lowerdir=$d/l,upperdir=$d/u/u,workdir=$d/u/w $d/m; umount $d/m $d/u",
    "veth": "ip link add try0 type veth peer name try1; ip link del try0",
    "bridge": "ip link add try0 type bridge; ip link del try0",
}
BREAK_COMMAND_LINE = """mkdir -p /etc/default/grub.d
echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX {word}"' >/etc/default/grub.d/99-broken.cfg
update-grub"""


def unusable(machine: Machine) -> list[str]:
    features = json.loads(machine.sh("cat /var/lib/bancada/kernel.json"))["features"]
    return [name for name, result in features.items() if not result["usable"]]


def test_an_untouched_kernel_has_everything_and_a_second_run_changes_nothing(machine: Machine) -> None:
    assert machine.apply().message == ""
    assert unusable(machine) == []
    assert json.loads(machine.sh("cat /var/lib/bancada/kernel.json"))["features"].keys() > KINDS
    assert machine.apply().changed == 0


def test_settings_that_shut_are_opened_for_good(machine: Machine) -> None:
    # A name that comes late: systemd-sysctl takes the last file's word. Without a modprobe(8) of its own, the kernel
    # loads no module by itself.
    machine.sh("""cd /etc/sysctl.d; echo user.max_user_namespaces=0 >99-broken.conf
        for setting in kernel.unprivileged_userns_clone=0 kernel.apparmor_restrict_unprivileged_userns=1; do
            if sysctl "${setting%=*}"; then echo "$setting" >>99-broken.conf; fi
        done
        echo kernel.modprobe=/bin/false >>99-broken.conf
        sysctl --load 99-broken.conf; modprobe -r overlay veth bridge""")
    assert machine.run(AS_NOBODY).returncode != 0
    for module, use in GIVES.items():
        assert machine.run(use).returncode != 0, module
    done = machine.apply()
    assert done.message == ""
    assert done.changed > 0
    assert unusable(machine) == []

    machine.reboot()
    assert machine.sh("cat /proc/sys/kernel/modprobe") == "/bin/false"
    assert machine.sh(AS_NOBODY) == "0"
    for use in GIVES.values():
        machine.sh(use)
    assert "failed" not in machine.run("systemctl is-failed systemd-sysctl systemd-modules-load").stdout
    assert machine.apply().changed == 0
    machine.sh(
        "rm /etc/sysctl.d/99-broken.conf /etc/modules-load.d/bancada.conf; sysctl kernel.modprobe=/sbin/modprobe"
    )


@pytest.mark.parametrize(
    ("line", "module", "feature"),
    [("install overlay /bin/false", "overlay", "overlayfs"), ("blacklist veth", "veth", "veth")],
)
def test_a_line_that_forbids_a_module_is_named(machine: Machine, line: str, module: str, feature: str) -> None:
    machine.sh(f"modprobe -r {module}; echo '{line}' >/etc/modprobe.d/broken.conf")
    message = machine.apply().message
    machine.sh("rm /etc/modprobe.d/broken.conf")
    assert f"does not give {feature} (" in message
    assert f"take the line `{line}` out of /etc/modprobe.d/broken.conf" in message
    assert unusable(machine) == [feature]
    assert machine.run("cat /etc/modules-load.d/bancada.conf").stdout == ""


def test_a_module_that_the_kernel_does_not_have_is_named(machine: Machine) -> None:
    machine.sh("modprobe -r bridge; cd /lib/modules/$(uname -r)/kernel/net/bridge; mv bridge.ko* /root; depmod")
    done = machine.apply()
    machine.sh("mv /root/bridge.ko* /lib/modules/$(uname -r)/kernel/net/bridge; depmod")
    assert "does not give bridge (new bridge interface: Operation not supported)" in done.message
    assert "boot a kernel that has this module, such as Debian's linux-image-amd64" in done.message
    # What did not help is not left for the next boot, where it would be a failed unit.
    assert "bridge" not in machine.run("cat /etc/modules-load.d/bancada.conf").stdout
    machine.apply()
    assert machine.apply().changed == 0


def test_a_controller_left_out_by_the_command_line_comes_back_by_a_reboot_or_is_named(machine: Machine) -> None:
    machine.sh(BREAK_COMMAND_LINE.format(word="cgroup_disable=memory"))
    machine.reboot()
    assert "cgroup_disable=memory" in machine.sh("cat /proc/cmdline")
    refused = machine.apply(kernel_may_reboot=False)
    assert "does not give cgroup_memory (" in refused.message
    assert "take cgroup_disable=memory off the kernel's command line and reboot" in refused.message
    before = machine.sh("cat /proc/sys/kernel/random/boot_id")

    assert machine.apply().message == ""
    assert machine.sh("cat /proc/sys/kernel/random/boot_id") != before
    assert "cgroup_disable" not in machine.sh("cat /proc/cmdline")
    assert unusable(machine) == []
    assert machine.apply().changed == 0
    machine.sh("rm /etc/default/grub.d/99-broken.cfg")


def test_control_groups_of_version_1_are_left_where_the_kernel_lacks_a_controller_on_them(machine: Machine) -> None:
    # Debian 13's kernel has no controller memory on version 1. Where a kernel has all, version 1 is as good.
    word = "systemd.unified_cgroup_hierarchy=0"
    machine.sh(BREAK_COMMAND_LINE.format(word=f"{word} SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"))
    machine.reboot()
    assert machine.sh("findmnt --noheadings --output FSTYPE /sys/fs/cgroup") == "tmpfs"
    refused = machine.apply(kernel_may_reboot=False)
    assert "does not give cgroup_memory (no mounted cgroup hierarchy has the controller memory)" in refused.message
    assert f"take {word} off the kernel's command line and reboot" in refused.message

    assert machine.apply().message == ""
    assert machine.sh("findmnt --noheadings --output FSTYPE /sys/fs/cgroup") == "cgroup2"
    assert unusable(machine) == []
    assert machine.apply().changed == 0
