"""What a provider is: it makes, finds, restarts and destroys seats, and says how to reach them. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bancada.inventory import Seat
from bancada.reach.ssh import Address
from bancada.words.diagnosis import Diagnosis
from bancada.words.errors import BenchError


class MachineState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    """All its processes are frozen, by somebody's hand: `start` lets them go on."""
    HALF_MADE = "half-made"
    """Its making, or its going, was killed half-way. Nobody was ever in it, or is to be: it is made anew."""
    FOREIGN = "foreign"
    """Somebody else's, with a name that would be ours. Never touched."""


@dataclass(frozen=True)
class Machine:
    """What exists of a seat. `image` is the tag of what it was made from; `address` is None unless it is ours."""

    seat: str
    id: str
    name: str
    """What its provider calls it, for a person to find it by."""
    state: MachineState
    image: str
    address: Address | None


def made_by_us(machines: Mapping[str, Machine]) -> dict[str, Machine]:
    """Those of a provider's machines that this class made, by seat."""
    return {seat: machine for seat, machine in machines.items() if machine.state is not MachineState.FOREIGN}


def foreign(machine: Machine) -> BenchError:
    """The refusal to touch a machine that has our name and is not ours."""
    return BenchError(
        f"{machine.seat} exists already, and this class did not make it, so it is left alone.",
        where=machine.name,
        next=f"look at {machine.name}; then rename the class, or remove it yourself",
    )


@dataclass(frozen=True)
class Lack:
    """Something that this computer is missing, and how to get it."""

    what: str
    mend: str


@dataclass(frozen=True)
class Change:
    """Something that a provider would do to this computer for the class's seats, if its owner agrees."""

    says: str
    """What would be done, as a sentence without its full stop."""
    make: Callable[[], None]


@dataclass(frozen=True)
class BaseSystem:
    """What the machines of a provider need on their disk beyond what all seats have."""

    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """Words for mmdebstrap(1): hooks that run over the new root."""
    made_of: tuple[str, ...] = ()
    """All that the result depends on, so that another base system gets another name."""


@dataclass(frozen=True)
class Words:
    """How it is told what is done with a provider's machines."""

    made: str = "created"
    take: str = "destroy"
    taking: str = "destroying"
    taken: str = "Gone"
    lost: str = "All work there is"
    """What the question before it says is lost."""


class Hold(Protocol):
    """While one is there, what changes on its machine is ours."""

    def close(self) -> None:
        """All is done. Raises BenchError where the machine did not note that."""

    def drop(self) -> None:
        """Let go, whatever was done: what changes from now on is not ours."""


class Provider(Protocol):
    name: str
    lent: bool
    """Whether its machines are other people's, and run on after `destroy`: only what we changed there is undone."""
    words: Words

    @property
    def patience(self) -> float:
        """How many times longer than on real hardware its machines may take for everything."""

    @property
    def base(self) -> BaseSystem: ...

    def lacks(self) -> list[Lack]:
        """What keeps this provider from working here; empty where it can run."""

    def reluctance(self) -> str:
        """Why it is not taken unasked although it can run; empty where it is as good as any."""

    def diagnose(self) -> list[Diagnosis]:
        """What matters here for machines of this provider, in the order in which a person would mend it."""

    def prepare_host(self) -> list[str]:
        """Mend what may be mended without asking; says what was changed."""

    def changes(self) -> list[Change]:
        """What its owner must agree to, so that the class's seats are kept apart from this computer."""

    def shared_root(self, seats: Sequence[str] = ()) -> Lack | None:
        """Why root of a seat would be root of this computer, and how not; None where root of a seat is nobody here.
        Of `seats` those that exist are looked at as they are; all others are as they would be made now."""

    def kept_on_computer(self) -> list[tuple[str, str]]:
        """What `changes` did that stays when no seat of any class is left, and the command that takes it away."""

    def machines(self) -> dict[str, Machine]:
        """All machines that exist under this class's names, by seat."""

    def holds(self, machines: Mapping[str, Machine]) -> bool:
        """Whether the class has a machine still: one of these, as they were listed, or one of a host that the
        inventory no longer names."""

    def image_store(self) -> Path:
        """The folder whose file system images and machines fill."""

    def has_image(self, tag: str) -> bool: ...

    def import_base(self, archive: Path, tag: str) -> None:
        """Make an image of a root file system (a tar archive)."""

    def bakes(self, seat: Seat) -> bool:
        """Whether this seat starts from an image of ours; where not, it is prepared when it is first brought up."""

    def preparation(self) -> Mapping[str, object]:
        """What roles are told on its machines, where the class does not say otherwise."""

    def hold(self, seat: str) -> Hold:
        """Take what is about to change on this seat's machine for ours."""

    def create(self, seat: Seat, image: str, admin_key: str) -> Machine:
        """Make and start a machine that admits this public key, for a student. It has a fresh host key."""

    def create_bare(self, seat: Seat, image: str, admin_key: str, packages: Path) -> Machine:
        """The same of a bare system, to which our roles come and nobody else: it is shut in no further than they need.
        What its apt downloads is kept in the folder `packages`, where that can be."""

    def start(self, machine: Machine) -> Machine:
        """Start it, and say how it is found from now on."""

    def stop(self, machine: Machine) -> None:
        """Halt it; what is on its disk stays."""

    def restart(self, machine: Machine) -> Machine:
        """Reboot: everything that lives only in memory is gone after it."""

    def reconnect(self, machine: Machine) -> None:
        """Mend the way to a machine that runs, where that can be done without touching what runs on it."""

    def last_words(self, machine: Machine) -> str:
        """What the machine itself says of why nobody gets in; empty where nothing can be asked from outside."""

    def snapshot(self, machine: Machine) -> None:
        """Keep the machine as it is now, to come back to; nothing to do where a new one is as quick."""

    def restore(self, machine: Machine) -> bool:
        """Bring the machine back to its snapshot; False where it has none, so that a new one has to be made."""

    def commit(self, machine: Machine, tag: str) -> None:
        """Keep a stopped or running machine as an image."""

    def offer(self, seat: Seat, tag: str) -> None:
        """Have the provider's own tools, typed by hand, start this seat from this image."""

    def export(self, tag: str, folder: Path) -> list[Path]:
        """Write an image as files that other computers can take; says which."""

    def takes_away(self, machine: Machine) -> str:
        """What `destroy` takes away, for the question before it; empty where that is the machine itself."""

    def destroy(self, machine: Machine) -> None: ...


class _Free:
    """The hold on a machine that is ours anyway."""

    def close(self) -> None: ...

    def drop(self) -> None: ...


class Made:
    """What holds of each provider that makes its machines: nothing there is anybody else's, and all of it goes."""

    lent = False
    words = Words()

    def holds(self, machines: Mapping[str, Machine]) -> bool:
        return bool(made_by_us(machines))

    def preparation(self) -> Mapping[str, object]:
        return {}

    def hold(self, seat: str) -> Hold:
        return _Free()

    def takes_away(self, machine: Machine) -> str:
        return ""


class OwnMachines:
    """What holds of each provider whose seats have a kernel of their own: nothing of this computer is theirs."""

    def changes(self) -> list[Change]:
        return []

    def shared_root(self, seats: Sequence[str] = ()) -> Lack | None:
        return None

    def kept_on_computer(self) -> list[tuple[str, str]]:
        return []
