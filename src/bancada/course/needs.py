"""What an exercise needs of its seat beyond the kernel and the student's account, and what a seat may lack of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints, model_validator

from bancada.evidence import Evidence
from bancada.words.document import Document
from bancada.words.i18n import Text, Written

if TYPE_CHECKING:
    from bancada.course import Exercise
    from bancada.words.progress import Progress


class SeenBy(Document):
    """How a seat shows that it has a capability; one of the three."""

    files: list[str] = Field([], description="all of these are there")
    own_kernel: bool = Field(False, description="it is no container")
    service: str | None = Field(None, description="a service of systemd's, or the socket that wakes it, is active")

    @model_validator(mode="after")
    def _one_way(self) -> SeenBy:
        if sum(map(bool, (self.files, self.own_kernel, self.service))) != 1:
            raise ValueError("say exactly one of files, own_kernel, service")
        return self


CapabilityName = Annotated[str, StringConstraints(pattern="^[a-z][a-z-]*$")]


class Capability(Document):
    """What exercises may need of a machine beyond the kernel and the student's account: `meta/capability.yml` of the
    role that brings it."""

    name: CapabilityName
    title: Written
    lacking: Written
    """Why a seat that lacks it cannot have the exercise."""
    seen_by: SeenBy


def lack(evidence: Evidence, needs: Collection[Capability]) -> Text | None:
    """Why a seat cannot have an exercise with these needs at all; None where it can. Of services that are there and do
    not work see judge.bench_fault."""
    for need in needs:
        if need.seen_by.service is None and need.name not in evidence.has:
            return need.lacking
    return None


class LeftOut:
    """What seats cannot have, gathered over all of a verb's seats, so that it is said once and not by each seat."""

    def __init__(self) -> None:
        self._seats: dict[tuple[str, str], list[str]] = {}

    def fitting(self, seat: str, evidence: Evidence, exercises: Iterable[Exercise]) -> tuple[Exercise, ...]:
        """Those of the exercises that this seat can have; the others are noted."""
        found = []
        for exercise in exercises:
            why = lack(evidence, exercise.needs)
            if why is None:
                found.append(exercise)
            else:
                self._seats.setdefault((exercise.name, str(why)), []).append(seat)
        return tuple(found)

    def tell(self, progress: Progress) -> None:
        """Say which exercises are left out, why, and on which seats: one line for all that lack the same."""
        together: dict[tuple[str, ...], list[str]] = {}
        for (exercise, why), seats in self._seats.items():
            together.setdefault((why, *sorted(seats)), []).append(exercise)
        for (why, *names), exercises in together.items():
            on = names[0] if len(names) == 1 else f"{len(names)} seats ({names[0]} … {names[-1]})"
            verb = "is" if len(exercises) == 1 else "are"
            progress.note(f"! {', '.join(exercises)} {verb} left out on {on}: {why}.")
