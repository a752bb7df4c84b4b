"""Role emulator: QEMU boots a kernel of another version than the one that runs, which is for nobody else to boot."""

from __future__ import annotations

import re
from typing import Any

KERNEL = "/usr/lib/bancada/vm/vmlinuz"
VERSIONS = {"bookworm": "6.1.", "trixie": "6.12."}
INIT = "#!/bin/busybox sh\\n/bin/busybox uname -r\\n/bin/busybox poweroff -f\\n"


def version(host: Any) -> str:
    said = host.check_output(f"file --brief {KERNEL}")
    found = re.search(r" version (\S+)", said)
    assert found, said
    return found[1]


def release(host: Any) -> str:
    """The Debian release whose kernel the machine must have been given."""
    return "trixie" if host.check_output("uname -r").startswith(VERSIONS["bookworm"]) else "bookworm"


def test_kernel_is_a_cloud_kernel_of_another_version_than_the_one_that_runs(host: Any) -> None:
    found = version(host)
    assert found.startswith(VERSIONS[release(host)]) and "cloud" in found
    assert found.split(".")[:2] != host.check_output("uname -r").split(".")[:2]


def test_student_boots_it_without_being_root(host: Any) -> None:
    with host.sudo("student"):
        said = host.check_output(
            "cd $(mktemp -d) && mkdir -p root/bin && cp /bin/busybox root/bin && "
            f"printf '{INIT}' >root/init && chmod +x root/init && "
            "(cd root && find . | busybox cpio -o -H newc) >initramfs 2>/dev/null && "
            f"timeout 600 qemu-system-x86_64 -kernel {KERNEL} -initrd initramfs -m 128 -nodefaults -no-reboot "
            "-display none -serial stdio -append 'console=ttyS0 quiet' </dev/null; rm -r $PWD"
        )
    assert said.replace("\r", "").splitlines()[0] == version(host)


def test_nothing_of_it_is_for_the_machine_itself_to_boot(host: Any) -> None:
    assert host.run(f"ls /boot /lib/modules 2>/dev/null | grep {version(host)}").stdout == ""
    assert version(host) not in host.check_output("dpkg-query --show --showformat '${Package}\\n'")


def test_qemu_came_without_windows_and_sound(host: Any) -> None:
    installed = host.check_output("dpkg-query --show --showformat '${Package}\\n'").split()
    assert "qemu-system-x86" in installed
    assert not [
        name for name in installed if name.startswith(("qemu-system-gui", "qemu-system-modules", "libgtk", "ovmf"))
    ]


def test_nothing_is_downloaded_again(host: Any) -> None:
    before = host.check_output(f"stat -c '%i %Y' {KERNEL}")
    with host.sudo():
        assert host.check_output(f"unshare --net /usr/lib/bancada/get-kernel {release(host)}") == ""
    assert host.check_output(f"stat -c '%i %Y' {KERNEL}") == before
