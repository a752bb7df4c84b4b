"""Machines that exist already: computers of a lab, servers in a cloud, any Debian with SSH and systemd.

Nothing is made and nothing destroyed here. `create` adds our account to the machine, `destroy` gives the machine back
as it was: what we put there is taken away, and only that (`onseat/lending/lent.py`). A file for each seat in the
class's folder says that we adopted it, and pins its host key; where it is and who enters it, the inventory says at each
call.
"""

from __future__ import annotations

import json
import shlex
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import yaml

from bancada.inventory import Class, Seat
from bancada.providers.adopt import SCRIPT, Access, enter, first_contact
from bancada.providers.base import BaseSystem, Hold, Lack, Machine, MachineState, OwnMachines, Words
from bancada.providers.existing import lent
from bancada.providers.existing.lent import WAIT_SECONDS, Answer, Back, Ours, Shape, answer_of
from bancada.reach import ssh
from bancada.reach.paths import Project, write_whole
from bancada.reach.ssh import Address
from bancada.words.diagnosis import Diagnosis
from bancada.words.errors import BancadaError, BenchError, UsageError
from bancada.words.shown import one_line, say

ACCOUNTS = ("student", "bancada")
REBOOT_SECONDS = 600.0
GIVE_BACK_SECONDS = 1800.0 + WAIT_SECONDS
# Differs after each boot: the kernel's own mark, and for containers, which share their kernel, when init began.
BOOT = "cat /proc/sys/kernel/random/boot_id; cut -d' ' -f22 /proc/1/stat"


@dataclass(frozen=True)
class Adopted:
    """What we keep of one machine. `done` tells whether our account was seen to be made."""

    id: str
    host_key: str
    done: bool


class Existing(OwnMachines):
    name = "existing"
    lent = True
    words = Words("adopted", "give back", "giving back", "Given back", "What is named above is")
    patience = 1.0
    base = BaseSystem()

    def __init__(self, cls: Class) -> None:
        self.cls = cls

    def lacks(self) -> list[Lack]:
        """The inventory has to say where each seat is, and two seats cannot be one machine."""
        if not any(seat.connection for seat in self.cls.seats):
            return [
                Lack("the inventory does not say where its hosts are.", f"set ansible_host in {self.cls.inventory}")
            ]
        seen: dict[tuple[str, int], str] = {}
        for seat in self.cls.seats:
            access = self._access(seat)
            where = access.host, access.port
            if where in seen:
                return [Lack(f"{seat.name} and {seen[where]} are the same machine, {access.host} port {access.port}.",
                             f"mend {self.cls.inventory}")]  # fmt: skip
            seen[where] = seat.name
        return []

    def reluctance(self) -> str:
        return "these are people's own machines, so they are taken only where the class says so."

    def diagnose(self) -> list[Diagnosis]:
        """Nothing of this computer matters for them but the way there, which each says when it is entered."""
        return []

    def prepare_host(self) -> list[str]:
        return []

    # Seats

    def machines(self) -> dict[str, Machine]:
        """The seats that we adopted, from what we noted of them: nobody is asked over the network."""
        found = {}
        for seat in self.cls.seats:
            try:
                adopted = self._read(seat.name)
            except BenchError:  # told as soon as something is done with it; no other machine waits for that
                access = self._access(seat)
                key = access.host_key or ssh.known_key(self.cls.state, seat.name)
                address = Address(access.host, access.port, key) if key else None
                found[seat.name] = Machine(seat.name, "", str(access), MachineState.STOPPED, "", address)
                continue
            if adopted is not None:
                found[seat.name] = self._machine(seat, adopted)
        return found

    def holds(self, machines: Mapping[str, Machine]) -> bool:
        return any((self.cls.state.folder / "existing").glob("*.json"))

    def bakes(self, seat: Seat) -> bool:
        return False

    def preparation(self) -> Mapping[str, object]:
        return lent.DEFAULTS

    def hold(self, seat: str) -> Hold:
        return lent.Hold(self.cls.state, seat)

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        if seat not in self.cls.seats:
            raise UsageError(
                "Machines that exist already are not made, so there is none for this.",
                where=str(self.cls.inventory),
                next=f"name a seat of the class: {self.cls.seats[0].name}",
            )
        access = self._access(seat)
        if not access.host_key:
            access = replace(access, host_key=first_contact(access))
        adopted = Adopted(uuid.uuid4().hex, access.host_key, False)
        self._write(
            seat.name, adopted
        )  # before the machine is touched, so that `down` knows of it whenever we are killed
        try:
            self._note(access, Answer, "ask", admin_key, _unwanted(seat))
        except BancadaError:
            self._record(seat.name).unlink()
            raise
        return self._adopt(seat, access, admin_key, adopted)

    def create_bare(self, seat: Seat, image: str, admin_key: str, packages: Path) -> Machine:
        raise self._no_images()

    def start(self, machine: Machine) -> Machine:
        """Go on with an adoption that was interrupted."""
        seat = self.cls.seat(machine.seat)
        adopted = self._record_of(seat.name)
        access = self._known(seat, adopted)
        admin_key = ssh.ensure_key(self.cls.state.admin_key, f"bancada {self.cls.name}")
        return self._adopt(seat, access, admin_key, adopted)

    def stop(self, machine: Machine) -> None:
        raise BenchError(
            f"{machine.seat} is a person's machine, so Bancada does not switch it off.", where=machine.name
        )

    def restart(self, machine: Machine) -> Machine:
        """Reboot it, and wait until it answers after another boot."""
        state = self.cls.state
        before = ssh.remote(state, machine.seat, BOOT).stdout
        with suppress(BenchError):  # it may go before it has answered
            ssh.remote(state, machine.seat, "sudo systemctl reboot", check=False)
        ssh.close(state, machine.seat)
        end = time.monotonic() + REBOOT_SECONDS
        while True:
            try:
                if ssh.remote(state, machine.seat, BOOT, timeout=15).stdout != before:
                    return machine
            except BenchError:
                ssh.close(state, machine.seat)
            if time.monotonic() > end:
                raise BenchError(
                    f"{machine.seat} did not come back within {REBOOT_SECONDS:.0f} s of its reboot.",
                    where=machine.name,
                    next="look at its screen",
                )
            time.sleep(1)

    def reconnect(self, machine: Machine) -> None:
        """The way to a person's machine is theirs."""

    def last_words(self, machine: Machine) -> str:
        return ""

    def snapshot(self, machine: Machine) -> None:
        """A person's disk is not kept."""

    def restore(self, machine: Machine) -> bool:
        return False

    def destroy(self, machine: Machine) -> None:
        """Give the machine back. Where that fails, it stays adopted, and `down` may be typed again."""
        seat = self.cls.seat(machine.seat)
        adopted = self._read(seat.name)
        if adopted is None:
            return
        access = self._known(seat, adopted)
        ssh.close(self.cls.state, seat.name)
        told = self._note(access, Back, "back", timeout=GIVE_BACK_SECONDS)
        for path in told.left:
            say(f"! {seat.name}: {one_line(path)} was changed by somebody else after us, so it stays.", err=True)
        for package in told.kept:
            kept = one_line(package)
            say(f"! {seat.name}: the package {kept} is needed by now by another one, so it stays.", err=True)
        self._record(seat.name).unlink()

    def takes_away(self, machine: Machine) -> str:
        access = self._known(self.cls.seat(machine.seat), self._record_of(machine.seat))
        ours = self._note(access, Ours, "ours")
        parts = [f"{ours.packages} packages", f"what was changed in {ours.files} places of /etc"]
        parts += [f"the account {name}" for name in ours.accounts] + ours.folders
        return f"{machine.name}: {', '.join(parts)}"

    # Images: there are none

    def image_store(self) -> Path:
        raise self._no_images()

    def has_image(self, tag: str) -> bool:
        return False

    def import_base(self, archive: Path, tag: str) -> None:
        raise self._no_images()

    def commit(self, machine: Machine, tag: str) -> None:
        raise self._no_images()

    def offer(self, seat: Seat, tag: str) -> None:
        raise self._no_images()

    def export(self, tag: str, folder: Path) -> list[Path]:
        raise self._no_images()

    # Inside

    def _no_images(self) -> BenchError:
        return BenchError(
            "Machines that exist already start from no image: each is prepared at its first `up`.",
            where=str(self.cls.inventory),
            next=f"./bancada up {self.cls.seats[0].name}",
        )

    def _machine(self, seat: Seat, adopted: Adopted) -> Machine:
        access = self._known(seat, adopted)
        address = Address(access.host, access.port, access.host_key)
        state = MachineState.RUNNING if adopted.done else MachineState.STOPPED
        return Machine(seat.name, adopted.id, str(access), state, "", address)

    def _adopt(self, seat: Seat, access: Access, admin_key: str, adopted: Adopted) -> Machine:
        script = SCRIPT.read_text(encoding="utf-8")
        self._note(access, Answer, "adopt", admin_key, _unwanted(seat), script, timeout=WAIT_SECONDS)
        adopted = replace(adopted, done=True)
        self._write(seat.name, adopted)
        return self._machine(seat, adopted)

    def _access(self, seat: Seat) -> Access:
        given = seat.connection
        if "ansible_host" not in given or "ansible_user" not in given:
            missing = "ansible_host" if "ansible_host" not in given else "ansible_user"
            raise UsageError(
                f"The inventory does not say {missing} of {seat.name}, a machine that exists already.",
                where=str(self.cls.inventory),
                next=f".venv/bin/ansible-inventory -i {shlex.quote(str(self.cls.inventory))} --host {seat.name}",
            )
        for name, value in given.items():
            if name not in KNOWN:
                raise UsageError(
                    f"{name} of {seat.name} is of no use: Bancada enters by key, straight, with {', '.join(KNOWN)}.",
                    where=str(self.cls.inventory),
                    next=f"take {name} out",
                )
            if "{{" in str(value):
                raise UsageError(f"{name} of {seat.name} has to be the value itself, not a template.",
                                 where=str(self.cls.inventory))  # fmt: skip
        key = given.get("ansible_ssh_private_key_file")
        folder = self.cls.inventory if self.cls.inventory.is_dir() else self.cls.inventory.parent
        try:
            port = int(given.get("ansible_port", 22))
        except ValueError as error:
            raise UsageError(f"ansible_port of {seat.name} is no number: {given['ansible_port']!r}.",
                             where=str(self.cls.inventory)) from error  # fmt: skip
        return Access(
            str(given["ansible_host"]),
            port,
            str(given["ansible_user"]),
            folder / Path(str(key)).expanduser() if key else None,
            seat.variables.bancada_host_key,
        )

    def _known(self, seat: Seat, adopted: Adopted) -> Access:
        access = self._access(seat)
        return replace(access, host_key=access.host_key or adopted.host_key)

    def _note(self, access: Access, shape: type[Shape], *words: str, timeout: float = 120) -> Shape:
        done = enter(access, ["python3", "-", *words], lent.program(), timeout=timeout)
        return answer_of(str(access), done, shape)

    def _record(self, seat: str) -> Path:
        return self.cls.state.folder / "existing" / f"{seat}.json"

    def _read(self, seat: str) -> Adopted | None:
        try:
            return Adopted(**json.loads(self._record(seat).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise BenchError(
                f"The note that {seat} was lent to this class is damaged.",
                where=str(self._record(seat)),
                next='put a copy of it back, which says {"id": …, "host_key": …, "done": true}',
            ) from error

    def _record_of(self, seat: str) -> Adopted:
        adopted = self._read(seat)
        assert adopted is not None, f"{seat} is among the machines, so it has a record"
        return adopted

    def _write(self, seat: str, adopted: Adopted) -> None:
        path = self._record(seat)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(asdict(adopted)))


KNOWN = ("ansible_host", "ansible_port", "ansible_user", "ansible_ssh_private_key_file")


def _unwanted(seat: Seat) -> str:
    """What must not be there before us, as `onseat/lending/lent.py` takes it."""
    return json.dumps({"accounts": ACCOUNTS, "packages": _removed_by_docker_role(seat)})


def _removed_by_docker_role(seat: Seat) -> list[str]:
    """The packages that the role docker takes away, with the source that this seat's Docker comes from."""
    roles = Project.here().roles
    values = yaml.safe_load((roles / "docker" / "vars" / "main.yml").read_text(encoding="utf-8"))
    sources = values["__docker_sources"]
    return list(sources.get(str(seat.prepare.get("docker_source", "distro")), {}).get("conflicting", []))
