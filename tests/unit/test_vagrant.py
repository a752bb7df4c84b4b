"""What Vagrant says when it fails, told in one sentence with what to type; and what it is told of the class."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from bancada.inventory import SEAT_NAME, load_class
from bancada.providers.base import Machine, MachineState
from bancada.providers.vagrant import boot
from bancada.providers.vagrant import provider as vagrant
from bancada.providers.vagrant.command import Vagrant as Command
from bancada.providers.vagrant.command import failure
from bancada.providers.vagrant.provider import Vagrant
from bancada.reach.paths import ROOT, Project
from bancada.reach.run import Completed
from bancada.reach.ssh import Address
from bancada.words.errors import BenchError

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
    "stopped or paused by somebody else": "The guest machine entered an invalid state while waiting for it to boot."
    " Valid states are 'running'. The machine is in the 'paused' state.",
}


def test_a_machine_without_an_address_is_one_that_did_not_come_up() -> None:
    said = "wait_for.rb:9:in `block in wait_for': The specified wait_for timeout (2 seconds) was exceeded"
    error = failure(Completed(("vagrant", "up"), 1, "", f"{said} (Fog::Errors::TimeoutError)"), LOG)
    assert "did not come up to SSH" in error.what


@pytest.mark.parametrize("sentence", SAID)
def test_cause_is_said_in_one_sentence(sentence: str) -> None:
    error = failure(Completed(("vagrant", "up"), 1, "", SAID[sentence]), LOG)
    assert sentence in error.what
    assert error.what.count(". ") == 0 and error.next
    assert str(LOG) in error.where


def test_what_nobody_knows_is_told_in_vagrants_own_words() -> None:
    error = failure(Completed(("vagrant", "up"), 1, "", "Something new\nwent wrong."), LOG)
    assert "Something new went wrong." in error.what


def test_a_baked_box_is_the_one_that_vagrant_up_takes_but_for_a_seat_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {seat-01: , seat-02: }, vars: {bancada_class: t}}\n")
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "hosts.yml"))
    monkeypatch.setattr(boot, "probe", lambda cache: boot.Booted(boot.Driver.QEMU, ""))
    there = Machine("seat-02", "1", "bancada-t-seat-02", MachineState.RUNNING, "seat:trixie-0ld", None)
    monkeypatch.setattr(Vagrant, "machines", lambda self: {"seat-02": there})
    cls = load_class(Project(ROOT, tmp_path / "state"))
    vagrant = Vagrant(cls)
    for seat in cls.seats:
        vagrant.offer(seat, "seat:trixie-4bcd")
    told = json.loads((cls.state.folder / "vagrant" / "_machines.json").read_text())
    assert told["boxes"] == {"seat-01": "bancada/seat-trixie-4bcd"}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vagrant:
    """Of the class t, whose seats are seat-01 and seat-02."""
    (tmp_path / "hosts.yml").write_text("all: {hosts: {seat-01: , seat-02: }, vars: {bancada_class: t}}\n")
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "hosts.yml"))
    monkeypatch.setattr(Vagrant, "_virtualbox", False)
    monkeypatch.setattr(boot, "probe", lambda cache: boot.Booted(boot.Driver.QEMU, ""))  # which may boot a machine
    lab = Vagrant(load_class(Project(ROOT, tmp_path / "state")))
    lab.folder.mkdir(parents=True)
    return lab


def test_another_classs_machines_that_vagrant_noted_are_not_ours(lab: Vagrant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its notes are the project's: they are still there when the class has another name."""
    monkeypatch.setattr(lab, "_noted", lambda: {"seat-01": "1", "seat-02": "2"})
    monkeypatch.setattr(lab, "_domains", lambda: ({"1": "bancada-last-year-seat-01", "2": "bancada-t-seat-02"}, {"1"}))
    states = {name: machine.state for name, machine in lab.machines().items()}
    assert states == {"seat-01": MachineState.FOREIGN, "seat-02": MachineState.STOPPED}
    monkeypatch.setattr(lab, "_domains", lambda: ({"1": "trixie_1732_123"}, set()))  # killed before it had its name
    assert [machine.state for machine in lab.machines().values()] == [MachineState.STOPPED]
    monkeypatch.setattr(lab, "_domains", lambda: ({"1": "bancada-last-year-seat-01"}, {"1"}))
    with pytest.raises(BenchError, match="this class did not make it"):
        lab.destroy(lab.machines()["seat-01"])


def test_a_class_whose_name_goes_on_is_another_one(lab: Vagrant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "_noted", dict)
    monkeypatch.setattr(lab, "_domains", lambda: ({"1": "bancada-t-2-seat-01", "2": "bancada-t-seat-02"}, set()))
    assert {name: machine.state for name, machine in lab.machines().items()} == {"seat-02": MachineState.FOREIGN}


def test_vagrant_by_hand_prepares_with_the_same_variables() -> None:
    text = (ROOT / "Vagrantfile").read_text()
    assert 'of_roles = YAML.load_file(File.join(playbooks, "prepare.yml"))[0]["roles"].map' in text
    assert "key.start_with?(*of_roles)" in text
    assert 'own["prepare_environment"] =' in text and "play.extra_vars = own" in text  # as JSON: no type is lost


def test_virtualbox_is_taken_only_where_the_class_asks_for_it_and_names_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: set[str] = {"VBoxManage"}
    monkeypatch.setattr(vagrant, "which", lambda name: f"/usr/bin/{name}" if name in there else None)
    inventory = tmp_path / "hosts.yml"
    monkeypatch.setenv("BANCADA_INVENTORY", str(inventory))

    def lab(more: str) -> Vagrant:
        inventory.write_text(f"all: {{hosts: {{seat-01: }}, vars: {{bancada_class: t{more}}}}}\n")
        return Vagrant(load_class(Project(ROOT, tmp_path / "state")))

    assert [lack.what for lack in lab("").lacks()] == ["vagrant not installed."]
    there.add("vagrant")
    assert [lack.mend for lack in lab("").lacks()] == ["set bancada_box in the inventory"]
    named = lab(", bancada_box: debian/bookworm64")
    assert named.lacks() == [] and "not known beforehand" in named.reluctance()


CARDS = " Interface   Type     Source     Model    MAC\n--------------------------------------------\n"


@pytest.mark.parametrize(
    ("was_entered", "card", "goes"),
    [
        (False, "", True),
        (False, " -           bridge   br0        virtio   52:54:00:00:00:01\n", False),
        (True, "", False),
        (True, " -           bridge   br0        virtio   52:54:00:00:00:01\n", False),
    ],
)
def test_only_a_machine_that_nobody_was_in_and_that_has_no_card_is_made_anew(
    lab: Vagrant, monkeypatch: pytest.MonkeyPatch, was_entered: bool, card: str, goes: bool
) -> None:
    taken: list[Machine] = []
    machine = Machine("seat-01", "1", "bancada-t-seat-01", MachineState.STOPPED, "seat:x", None)
    lab._keep("seat-01", "seat:x", Address("192.0.2.1", 22, "ssh-ed25519 AAAA") if was_entered else None)
    (lab.cls.state.admin_key.parent).mkdir()
    lab.cls.state.admin_key.with_suffix(".pub").write_text("ssh-ed25519 AAAA")
    monkeypatch.setattr(
        "bancada.providers.vagrant.provider.run", lambda *_, **__: Completed((), 0, CARDS + card + "\n", "")
    )
    monkeypatch.setattr(lab, "_take_away", taken.append)
    monkeypatch.setattr(lab, "_up", lambda seat: None)
    monkeypatch.setattr(lab, "_enter", lambda *_: machine)
    if was_entered and not card:  # nor is it waited for in vain
        with pytest.raises(BenchError, match="seat-01 has no network card any more") as error:
            lab.start(machine)
        assert "attach-interface bancada-t-seat-01 network" in error.value.next
    else:
        lab.start(machine)
    assert taken == [machine] * goes


def test_what_we_note_for_vagrant_has_a_name_that_no_seat_can_have(lab: Vagrant) -> None:
    assert lab._told.parent == lab._record_path("seat-01").parent and not SEAT_NAME.fullmatch(lab._told.stem)


def test_a_full_disk_keeps_no_machine_from_going(lab: Vagrant, monkeypatch: pytest.MonkeyPatch) -> None:
    """`down` is what makes room."""
    monkeypatch.setattr(lab, "_noted", lambda: {"seat-01": "1", "gone-09": "9"})
    monkeypatch.setattr(lab, "_domains", lambda: ({"1": "bancada-t-seat-01", "9": "bancada-t-gone-09"}, {"1"}))
    taken: list[str] = []
    monkeypatch.setattr(lab, "_take_away", lambda machine: taken.append(machine.seat))

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(vagrant, "write_whole", full)
    for machine in lab.machines().values():
        lab.destroy(machine)
    assert sorted(taken) == ["gone-09", "seat-01"]
    said = Completed(("vagrant", "destroy"), 0, "done", "")
    Command(ROOT, Path("/dev/full"), {}, 1.0)._keep(said)
