"""What Vagrant says when it fails, told in one sentence with what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from bancada.run import Completed
from bancada.vm.cli import failure

LOG = Path("vagrant.log")

# Words of Vagrant 2.3, vagrant-libvirt 0.11 and VirtualBox 7.
SAID = {
    "libvirt's daemon is not running": "Error while connecting to Libvirt: Error making a connection to libvirt URI"
    " qemu:///system:\nCall to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No"
    " such file or directory",
    "not in its group": "Call to virConnectOpen failed: authentication unavailable: no polkit agent available to"
    " authenticate action 'org.libvirt.unix.manage' (libvirt)",
    "its checksum is wrong": "The checksum of the downloaded box did not match the expected value. Please verify that"
    " you have the proper URL setup and that you're downloading the proper file.",
    "The box could not be had": "The box 'bancada/none' could not be found or could not be accessed in the remote"
    " catalog.",
    "The disk became full": "Call to virStorageVolUpload failed: cannot write to volume: No space left on device",
    "A port that the machine needs is taken": "Vagrant cannot forward the specified ports on this VM, since they would"
    " collide with some other application that is already listening on these ports. The forwarded port to 2222 is"
    " already in use on the host machine.",
    "this class did not make it": "Name `bancada-x-seat-01` of domain about to create is already taken. Please try to"
    " run\n`vagrant up` command again.",
    "not enough memory": "Call to virDomainCreateWithFlags failed: internal error: qemu unexpectedly closed the"
    " monitor: cannot set up guest memory 'pc.ram': Cannot allocate memory",
    "did not come up to SSH": "Timed out while waiting for the machine to boot. This means that Vagrant was unable to"
    " communicate with the guest machine within the configured time period.",
}


@pytest.mark.parametrize("sentence", SAID)
def test_cause_is_said_in_one_sentence(sentence: str) -> None:
    error = failure(Completed(("vagrant", "up"), 1, "", SAID[sentence]), LOG)
    assert sentence in error.what
    assert error.what.count(". ") == 0 and error.next
    assert str(LOG) in error.where


def test_what_nobody_knows_is_told_in_vagrants_own_words() -> None:
    error = failure(Completed(("vagrant", "up"), 1, "", "Something new\nwent wrong."), LOG)
    assert "Something new went wrong." in error.what
