"""The shape of `exercise.yml` and of a course file. Unknown keys are refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bancada.words.i18n import Language

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Bilingual(Strict):
    """One text in both languages; neither may be missing."""

    en: Line
    pt_br: Line = Field(alias="pt-BR")

    def in_(self, language: Language) -> str:
        return self.pt_br if language is Language.PT_BR else self.en

    def as_dict(self) -> dict[str, str]:
        return {language.value: self.in_(language) for language in Language}


class Need(StrEnum):
    """A capability that an exercise asks of its machine beyond the kernel and the student's account."""

    DOCKER = "docker"
    OWN_KERNEL = "own-kernel"
    """A kernel that no other seat shares: virtual machines and computers have one, containers have not."""
    QEMU = "qemu"
    """QEMU and a kernel to boot in it: see the role emulator."""


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


class Seed(Strict):
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


class Measures(Strict):
    """What its probe tells as `measured`, for the report to draw: of whom, and which quantities."""

    of: dict[Key, Bilingual] = Field(min_length=1)
    what: dict[Key, Bilingual] = Field(min_length=1, description="quantity and unit")


class ExerciseFile(Strict):
    """`exercise.yml`."""

    title: Bilingual
    summary: Bilingual
    needs: list[Need] = []
    uses: list[Feature] = Field(min_length=1, description="features of the kernel that it is done with")
    minutes: int = Field(ge=1, le=240, description="what a student needs, about")
    points: int = Field(ge=1, le=100)
    patience: int = Field(20, ge=20, le=300, description="seconds that its scripts' wait_until waits at most")
    survives_reboot: bool = Field(False, description="the solution still stands after the seat was rebooted")
    claims: list[Claim] = []
    seeds: dict[Key, Seed] = {}
    measures: Measures | None = Field(None, description="numbers that the report draws")
    hints: dict[str, Annotated[list[Bilingual], Field(min_length=1)]]


class CourseFile(Strict):
    """`courses/<name>.yml`."""

    title: Bilingual
    exercises: list[str] = Field(min_length=1)
