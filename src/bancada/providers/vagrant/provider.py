"""Virtual machines through Vagrant: with libvirt (KVM, or emulated where KVM runs no kernel) or with VirtualBox.

What a machine is stands in the Vagrantfile, which reads the same inventory; this module only calls Vagrant, through
python-vagrant, and tells it what was found out here: which driver boots, and which box each seat is a linked clone of.
"""

from __future__ import annotations

import json
import os
import shlex
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bancada.inventory import Class, Seat
from bancada.providers.adopt import Access, adopt
from bancada.providers.base import BaseSystem, Lack, Machine, MachineState, Made, OwnMachines, foreign
from bancada.providers.vagrant import boot, box, diagnosis
from bancada.reach import ssh
from bancada.reach.host import EMULATED, which
from bancada.reach.paths import Project, write_whole
from bancada.reach.run import as_root, run
from bancada.reach.ssh import Address
from bancada.words.diagnosis import Diagnosis
from bancada.words.errors import BenchError, to_read

if TYPE_CHECKING:
    from bancada.providers.vagrant.command import Vagrant as Command

PREFIX = "bancada-"
"""Of what Vagrant's providers call the machines of all classes; while VirtualBox makes one, it has another name."""
FILES = Path(__file__).parent / "files"
DISK_BYTES = 10 * 2**30
"""Of every machine, as it sees it; the image of it grows as it is written to."""
READY = "ready"
"""The name of the snapshot that a seat can be brought back to."""
SYSTEM = ["virsh", "--connect", "qemu:///system"]
PACKAGES = {
    "vagrant": "vagrant",
    "virsh": "libvirt-clients",
    "libvirtd": "libvirt-daemon-system",
    boot.QEMU: "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "dnsmasq": "dnsmasq-base",
    "sfdisk": "fdisk",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
}
VM_PACKAGES = sorted({*PACKAGES.values(), "vagrant-libvirt"})
HEADING = 2
"""Lines above what a table of virsh lists."""
BOX_SECONDS = 600
"""How long a command of Vagrant's may take besides a boot: the first machine of a box has the box copied for it."""
BOOT_SECONDS = {False: 300, True: 1200}
"""How long a machine may take to SSH, where the inventory does not say it: on a real CPU, emulated."""


class Vagrant(Made, OwnMachines):
    name = "vagrant"

    def __init__(self, cls: Class) -> None:
        self.cls = cls
        self.project = Project.here()
        self.folder = cls.state.folder / "vagrant"

    # What this computer can do

    def lacks(self) -> list[Lack]:
        if self._virtualbox:
            if which("vagrant") is None:
                return [Lack("vagrant not installed.", "sudo apt-get install vagrant")]
            if not all(seat.variables.bancada_box for seat in self.cls.seats):
                return [Lack("no box can be baked with VirtualBox.", "set bancada_box in the inventory")]
            return []
        missing = [package for program, package in PACKAGES.items() if which(program) is None]
        if not missing and not _has_plugin():
            missing = ["vagrant-libvirt"]
        if missing:
            return [Lack(f"{' and '.join(missing)} not installed.", f"sudo apt-get install {' '.join(missing)}")]
        asked = run([*SYSTEM, "uri"], check=False)
        if not asked.ok:
            if "denied" in asked.stderr or "authentication" in asked.stderr:
                return [Lack("you may not use libvirt.", "sudo adduser $USER libvirt; then log in anew")]
            return [Lack("libvirt's daemon is not running.", "sudo systemctl start libvirtd")]
        if self._booted.driver is None:
            return [Lack(f"{self._booted.says}.", "take container seats: ./bancada up --provider podman")]
        return []

    def reluctance(self) -> str:
        if self._virtualbox:
            return "whether VirtualBox boots a machine here is not known beforehand"
        return self._booted.says if self._is_emulated else ""

    def diagnose(self) -> list[Diagnosis]:
        return diagnosis.diagnose(self, VM_PACKAGES)

    def prepare_host(self) -> list[str]:
        """Let libvirt's own user read our consoles' folder, and see that its pool of images is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return []

    @property
    def patience(self) -> float:
        return EMULATED if self._is_emulated else 1.0

    @property
    def base(self) -> BaseSystem:
        key = _insecure_key()
        scripts = {name: FILES / name for name in ("essential.sh", "customize.sh")}
        return BaseSystem(
            packages=(
                "linux-image-cloud-amd64",
                *("initramfs-tools", "zstd", "grub-pc-bin", "grub2-common"),
                *("systemd-resolved", "cloud-guest-utils", "fdisk"),
            ),
            options=(
                f'--essential-hook=sh {shlex.quote(str(scripts["essential.sh"]))} "$1"',
                f'--customize-hook=sh {shlex.quote(str(scripts["customize.sh"]))} "$1" {shlex.quote(key)}',
            ),
            made_of=(key, *(path.read_text(encoding="utf-8") for path in sorted(FILES.iterdir()))),
        )

    # Seats

    def machines(self) -> dict[str, Machine]:
        found = {}
        domains, running = self._domains()
        ours = self._noted()
        for seat, number in ours.items():
            if number in domains:
                record = self._record(seat)
                # One that was started by hand, and that we have not entered yet, is still to be brought up.
                state = MachineState.RUNNING if number in running and record["address"] else MachineState.STOPPED
                if domains[number] != self._domain(seat) and domains[number].startswith(PREFIX):
                    state = MachineState.FOREIGN  # Vagrant's notes are the project's, whose class had another name
                found[seat] = Machine(seat, number, domains[number], state, record["image"], record["address"])
        prefix = self._domain("")
        for number, name in domains.items():
            if name.startswith(prefix) and number not in ours.values():
                seat = name.removeprefix(prefix)
                if self._is_half_made(seat, number):
                    state = MachineState.STOPPED
                elif self.cls.may_make(seat):
                    state = MachineState.FOREIGN
                else:
                    continue
                found[seat] = Machine(seat, number, name, state, self._record(seat)["image"], None)
        return found

    def bakes(self, seat: Seat) -> bool:
        return not seat.variables.bancada_box

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        self._tell(seat, _box_name(image) if image else "")
        self._clear(seat.name)
        self._keep(seat.name, image, None)  # a killed `up` goes on with a machine that knows what it was made from
        try:
            self._up(seat.name)
            return self._enter(seat.name, image, admin_key)
        except BaseException:
            self._command.destroy(vm_name=seat.name)
            raise

    def create_bare(self, seat: Seat, image: str, admin_key: str, packages: Path) -> Machine:
        return self.create(seat, image, admin_key)

    def start(self, machine: Machine) -> Machine:
        if not self._has_network(machine):
            if self._record(machine.seat)["address"]:  # there may be work in it
                card = f"attach-interface {self._domain(machine.seat)} network vagrant-libvirt --model virtio --config"
                raise BenchError(
                    f"{machine.seat} has no network card any more, so nobody gets in.",
                    where=machine.name,
                    next=f"virsh --connect qemu:///system {card}; then ./bancada up {machine.seat}",
                )
            self._take_away(machine)  # nobody was ever in it, and `up` makes it anew
        self._up(machine.seat)
        admin_key = self.cls.state.admin_key.with_suffix(".pub").read_text().strip()
        # One that was made by `vagrant up`, by hand, is of the box that Vagrant was told.
        image = machine.image or _image_of(self._known()["boxes"].get(machine.seat, ""))
        return self._enter(machine.seat, image, admin_key)

    def stop(self, machine: Machine) -> None:
        self._command.halt(vm_name=machine.seat)

    def restart(self, machine: Machine) -> Machine:
        self.stop(machine)
        return self.start(machine)

    def reconnect(self, machine: Machine) -> None:
        """libvirt and VirtualBox keep the way themselves."""

    def last_words(self, machine: Machine) -> str:
        return self._console(machine.seat)

    def snapshot(self, machine: Machine) -> None:
        self._command._call_vagrant_command(["snapshot", "save", "--force", machine.seat, READY])

    def restore(self, machine: Machine) -> bool:
        if READY not in self._command._run_vagrant_command(["snapshot", "list", machine.seat]):
            return False
        self._command._call_vagrant_command(["snapshot", "restore", "--no-provision", machine.seat, READY])
        # Its memory is back, and with it the clock of that moment.
        ssh.remote(self.cls.state, machine.seat, f"sudo date --set=@{time.time():.0f}", timeout=60 * self.patience)
        return True

    def destroy(self, machine: Machine) -> None:
        if machine.state is MachineState.FOREIGN:
            raise foreign(machine)
        known = self._known()
        if machine.seat not in {seat.name for seat in self.cls.seats}:
            known["others"].setdefault(machine.seat, {})  # the inventory named it once: Vagrant must, to destroy it
            with suppress(OSError):  # a full disk, which this may mend: then Vagrant itself says that it knows no such
                self._write_known(known)
        self._take_away(machine)
        self._record_path(machine.seat).unlink(missing_ok=True)
        for kept in known.values():
            kept.pop(machine.seat, None)
        with suppress(OSError):
            self._write_known(known)

    # Images

    def image_store(self) -> Path:
        return _home() if _home().exists() else Path.home()

    def has_image(self, tag: str) -> bool:
        return (_home() / "boxes" / _box_name(tag).replace("/", "-VAGRANTSLASH-") / "0" / self._kind).is_dir()

    def import_base(self, archive: Path, tag: str) -> None:
        disk = archive.with_name("disk.qcow2")
        number = f"6f6d1b5e-0000-4000-8000-{tag[-12:]}"
        run(
            as_root(["sh", str(FILES / "disk.sh"), str(archive), str(disk), str(DISK_BYTES), number]),
            timeout=1800,
        )
        self._add(disk, tag)

    def commit(self, machine: Machine, tag: str) -> None:
        """Keep the machine's disk, with what it was cloned from, as one image."""
        self.stop(machine)
        listed = run([*SYSTEM, "domblklist", machine.id, "--details"]).stdout
        source = next(line.split()[3] for line in listed.splitlines() if line.split()[1:2] == ["disk"])
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            disk = Path(scratch) / "disk.qcow2"
            run(
                as_root(["qemu-img", "convert", "-O", "qcow2", "-c", "-o", "compression_type=zstd", source, str(disk)]),
                timeout=1800,
            )
            run(as_root(["chmod", "0644", str(disk)]))
            self._add(disk, tag)

    def offer(self, seat: Seat, tag: str) -> None:
        if seat.name not in self.machines():
            self._tell(seat, _box_name(tag))

    def export(self, tag: str, folder: Path) -> list[Path]:
        """Write the image as boxes for libvirt and for VirtualBox, each with its checksum beside it."""
        disk = _home() / "boxes" / _box_name(tag).replace("/", "-VAGRANTSLASH-") / "0" / self._kind / "box.img"
        written = []
        for kind, pack in (("libvirt", box.libvirt), ("virtualbox", box.virtualbox)):
            file = folder / f"{_box_name(tag).replace('/', '-')}.{kind}.box"
            pack(disk, file)
            write_whole(file.with_suffix(".box.sha256"), f"{box.checksum(file)}  {file.name}\n")
            written.append(file)
        return written

    # Inside

    @cached_property
    def _virtualbox(self) -> bool:
        """Whether machines are VirtualBox's: where it is there and libvirt is not."""
        return which("VBoxManage") is not None and which("libvirtd") is None

    @property
    def _kind(self) -> str:
        return "virtualbox" if self._virtualbox else "libvirt"

    @cached_property
    def _booted(self) -> boot.Booted:
        return boot.probe(self.project.cache)

    @property
    def _is_emulated(self) -> bool:
        return not self._virtualbox and self._booted.driver is boot.Driver.QEMU

    @property
    def _dotfile(self) -> Path:
        """Where Vagrant keeps its machines: its own place for the project's class, so that it can be typed by hand."""
        given = {"BANCADA_INVENTORY", "BANCADA_STATE"} & os.environ.keys()
        return self.folder / "dotfile" if given else self.project.root / ".vagrant"

    @cached_property
    def _command(self) -> Command:
        # Imported here: python-vagrant complains on every computer that has no Vagrant.
        from bancada.providers.vagrant.command import Vagrant as Command

        environment = {
            "BANCADA_INVENTORY": str(self.cls.inventory),
            "BANCADA_STATE": str(self.project.state),
            "VAGRANT_DOTFILE_PATH": str(self._dotfile),
            "VAGRANT_DEFAULT_PROVIDER": self._kind,
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_NO_COLOR": "1",
            "VAGRANT_CWD": str(self.project.root),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        told = [seat.variables.bancada_boot_seconds or 0 for seat in self.cls.seats]
        boot_seconds = max(told) or BOOT_SECONDS[self._is_emulated]
        return Command(self.project.root, self.folder / "vagrant.log", environment, BOX_SECONDS + boot_seconds)

    def _domain(self, seat: str) -> str:
        return f"{PREFIX}{self.cls.name}-{seat}"

    def _domains(self) -> tuple[dict[str, str], set[str]]:
        """Names of all machines by number, and the numbers of those that run. Not asked of Vagrant, which takes 4 s."""
        if self._virtualbox:
            listed, active = (run(["VBoxManage", "list", what]).stdout for what in ("vms", "runningvms"))
            pairs = [line.rsplit(" ", 1) for line in listed.splitlines() if line.endswith("}")]
            return {n.strip("{}"): name.strip('"') for name, n in pairs}, {
                line.rsplit(" ", 1)[1].strip("{}") for line in active.splitlines() if line.endswith("}")
            }
        listed = run([*SYSTEM, "list", "--all", "--uuid", "--name"]).stdout
        active = run([*SYSTEM, "list", "--uuid", "--state-running"]).stdout
        pairs = [line.split(None, 1) for line in listed.splitlines() if line.strip()]
        return {number: name.strip() for number, name in pairs}, set(active.split())

    def _tell(self, seat: Seat, name: str) -> None:
        """Write what the Vagrantfile must know of one more seat."""
        known = self._known()
        known["boxes"].pop(seat.name, None)
        if name:
            known["boxes"][seat.name] = name
        if seat.name not in {one.name for one in self.cls.seats}:
            known["others"][seat.name] = seat.variables.model_dump(mode="json")
        self._write_known(known)

    def _known(self) -> dict[str, dict[str, Any]]:
        """What the Vagrantfile was told: the box of each seat, and the machines beside the class's seats."""
        try:
            known = json.loads(self._told.read_text(encoding="utf-8"))
            return {key: known[key] for key in ("boxes", "others")}
        except (OSError, ValueError, KeyError):
            return {"boxes": {}, "others": {}}

    def _write_known(self, known: dict[str, dict[str, Any]]) -> None:
        driver = "kvm" if self._virtualbox else self._booted.driver
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._told, json.dumps({"driver": driver, **known}, indent=2) + "\n")

    @property
    def _told(self) -> Path:
        return self.folder / "_machines.json"

    def _clear(self, seat: str) -> None:
        """Take away the disk of a machine that we made and that a person destroyed without it."""
        if self._record_path(seat).exists() and not self._virtualbox:
            name = f"{self._domain(seat)}.img"
            run([*SYSTEM, "vol-delete", name, "--pool", "default"], check=False)  # most often there is none

    def _noted(self) -> dict[str, str]:
        """The number of each seat's machine, as Vagrant wrote it down."""
        noted = self._dotfile.glob(f"machines/*/{self._kind}/id")
        return {path.parents[1].name: path.read_text(encoding="utf-8").strip() for path in noted}

    def _is_half_made(self, seat: str, number: str) -> bool:
        """Whether we were killed as Vagrant made it, before it wrote down that it had: our record and its Vagrantfile,
        which vagrant-libvirt notes in the machine itself, tell it from somebody else's."""
        if self._virtualbox or not self._record_path(seat).exists() or self._record(seat)["address"]:
            return False
        return str(self.project.root / "Vagrantfile") in run([*SYSTEM, "desc", number], check=False).stdout

    def _take_away(self, machine: Machine) -> None:
        if machine.id not in self._noted().values():  # half made: Vagrant would refuse its name
            run([*SYSTEM, "destroy", machine.id], check=False)
            run([*SYSTEM, "undefine", machine.id])
        self._command.destroy(vm_name=machine.seat)

    def _has_network(self, machine: Machine) -> bool:
        """Whether it has a network card. vagrant-libvirt adds that after it made a machine, and never later: one whose
        making was killed in between would be waited for in vain."""
        return self._virtualbox or len(run([*SYSTEM, "domiflist", machine.id]).stdout.strip().splitlines()) > HEADING

    def _up(self, seat: str) -> None:
        try:
            self._command.up(vm_name=seat, no_provision=True)
        except BenchError as error:
            if "did not come up" not in error.what:
                raise
            lines = self._console(seat)
            raise BenchError(
                f"{seat}: {error.what} Its console's last words: {lines}",
                where=error.where,
                next=to_read(f"{self.folder / seat}.console"),
            ) from error

    def _console(self, seat: str) -> str:
        path = self.folder / f"{seat}.console"
        done = run(as_root(["tail", "--lines", "5", str(path)]), check=False)
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        return " / ".join(lines[-3:]) or "none at all"

    def _enter(self, seat: str, image: str, admin_key: str) -> Machine:
        """Let ourselves in by the way that Vagrant made, once; from then on the seat is like any other."""
        said = self._command.conf(vm_name=seat)
        access = Access(said["HostName"], int(said["Port"]), said["User"], Path(said["IdentityFile"]))
        address = adopt(access, admin_key)
        self._keep(seat, image, address)
        return Machine(seat, self._noted()[seat], self._domain(seat), MachineState.RUNNING, image, address)

    def _keep(self, seat: str, image: str, address: Address | None) -> None:
        record = {"image": image, "address": asdict(address) if address else None}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._record_path(seat), json.dumps(record) + "\n")

    def _record_path(self, seat: str) -> Path:
        return self.folder / f"{seat}.json"

    def _record(self, seat: str) -> dict[str, Any]:
        try:
            kept = json.loads(self._record_path(seat).read_text(encoding="utf-8"))
            return {"image": kept["image"], "address": Address(**kept["address"]) if kept["address"] else None}
        except (OSError, ValueError, KeyError, TypeError):
            return {"image": "", "address": None}

    def _add(self, disk: Path, tag: str) -> None:
        with tempfile.TemporaryDirectory(dir=disk.parent) as scratch:
            file = Path(scratch) / "image.box"
            box.libvirt(disk, file) if self._kind == "libvirt" else box.virtualbox(disk, file)
            self._command.box_add(_box_name(tag), str(file), provider=self._kind, force=True)


def _box_name(tag: str) -> str:
    return f"bancada/{tag.replace(':', '-')}"


def _image_of(box: str) -> str:
    """The other way round."""
    return box.removeprefix("bancada/").replace("-", ":", 1)


def _home() -> Path:
    return Path(os.environ.get("VAGRANT_HOME") or Path.home() / ".vagrant.d")


def _insecure_key() -> str:
    """The public key that every box admits until Vagrant, at a machine's first start, puts a fresh one in its place."""
    found = sorted(Path("/usr").glob("**/vagrant-*/keys/vagrant.pub")) + sorted(
        Path("/opt/vagrant").glob("**/keys/vagrant.pub")
    )
    if not found:
        raise BenchError("Vagrant's public key for boxes is not where it should be.", where="keys/vagrant.pub")
    return found[0].read_text(encoding="utf-8").splitlines()[0].strip()


def _has_plugin() -> bool:
    return bool(sorted(Path("/usr/share/rubygems-integration").glob("*/gems/vagrant-libvirt-*"))) or (
        "vagrant-libvirt" in run(["vagrant", "plugin", "list"], timeout=60, check=False).stdout
    )
