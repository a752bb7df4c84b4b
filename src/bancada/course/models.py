"""The shape of `exercise.yml` and of a course file. Unknown keys are refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from bancada.course.needs import CapabilityName
from bancada.words.document import Document
from bancada.words.i18n import Written


class Claim(StrEnum):
    """A kind of thing that, made foreign on the seat, belongs to the exercise when it is reset."""

    MNT = "mnt"
    UTS = "uts"
    IPC = "ipc"
    PID = "pid"
    NET = "net"
    USER = "user"
    CGROUP = "cgroup"
    TIME = "time"
    ROOT = "root"
    """A root directory other than the seat's own."""
    DOCKER = "docker"
    """A container, image, volume or network of Docker's."""
    VM = "vm"
    """A virtual machine of QEMU's."""


class Feature(StrEnum):
    """A feature of the kernel that an exercise is done with. The first eight are types of namespaces(7)."""

    MNT = "mnt"
    UTS = "uts"
    IPC = "ipc"
    PID = "pid"
    NET = "net"
    USER = "user"
    CGROUP = "cgroup"
    TIME = "time"
    CHROOT = "chroot"
    PIVOT_ROOT = "pivot_root"
    BIND_MOUNT = "bind mount"
    OVERLAYFS = "overlayfs"
    VETH = "veth"
    NAT = "NAT"
    CONTROL_GROUPS = "control groups"
    CAPABILITIES = "capabilities"
    NO_NEW_PRIVS = "no_new_privs"
    SECCOMP = "seccomp"
    INITRAMFS = "initramfs"
    MODULES = "kernel modules"
    SYSCTL = "sysctl"


class Seed(Document):
    """How one value that differs from seat to seat is drawn. Exactly one of the three ways."""

    prefix: str | None = None
    letters: int = Field(4, ge=2, le=16)
    choose: list[str | int] | None = Field(None, min_length=2)
    between: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Seed:
        ways = [way for way in (self.prefix, self.choose, self.between) if way is not None]
        if len(ways) != 1:
            raise ValueError("say exactly one of prefix, choose, between")
        if self.between and self.between[0] >= self.between[1]:
            raise ValueError("between: the first number must be smaller than the second")
        return self


Key = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]*$")]


class Measures(Document):
    """What its probe tells as `measured`, for the report to draw: of whom, and which quantities."""

    of: dict[Key, Written] = Field(min_length=1)
    what: dict[Key, Written] = Field(min_length=1, description="quantity and unit")


class ExerciseFile(Document):
    """`exercise.yml`."""

    title: Written
    summary: Written
    needs: list[CapabilityName] = Field([], description="capabilities: see roles/*/meta/capability.yml")
    uses: list[Feature] = Field(min_length=1, description="features of the kernel that it is done with")
    minutes: int = Field(ge=1, le=240, description="what a student needs, about")
    points: int = Field(ge=1, le=100)
    patience: int = Field(20, ge=20, le=300, description="seconds that its scripts' wait_until waits at most")
    survives_reboot: bool = Field(False, description="the solution still stands after the seat was rebooted")
    claims: list[Claim] = Field(default=[])
    seeds: dict[Key, Seed] = Field(default={})
    measures: Measures | None = Field(None, description="numbers that the report draws")
    hints: dict[str, Annotated[list[Written], Field(min_length=1)]]


class CourseFile(Document):
    """`courses/<name>.yml`."""

    title: Written
    exercises: list[str] = Field(min_length=1)
