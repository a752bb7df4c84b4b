"""What an exercise needs of its seat beyond the kernel and the student's account, and what a seat may lack of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from bancada.course.models import Need
from bancada.evidence import Evidence
from bancada.words.i18n import T, Text

if TYPE_CHECKING:
    from bancada.course import Exercise
    from bancada.words.progress import Progress

SENTENCES = {
    Need.OWN_KERNEL: T(
        "the exercise needs a kernel of its own, and this seat is a container, which has that of its computer",
        "o exercício precisa de um kernel próprio, e esta bancada é um contêiner, que tem o do computador",
    ),
    Need.QEMU: T(
        "the exercise needs QEMU and a kernel to boot in it, and this seat was made without the role emulator",
        "o exercício precisa do QEMU e de um kernel para iniciar nele, e esta bancada foi feita sem o papel emulator",
    ),
}


def lack(evidence: Evidence, needs: Collection[Need]) -> Text | None:
    """Why a seat cannot have an exercise with these needs at all; None where it can. Docker: judge.bench_fault."""
    for need in needs:
        if need in SENTENCES and need not in evidence.has:
            return SENTENCES[need]
    return None


class LeftOut:
    """What seats cannot have, gathered over all of a verb's seats, so that it is said once and not by each seat."""

    def __init__(self) -> None:
        self._seats: dict[tuple[str, str], list[str]] = {}

    def fitting(self, seat: str, evidence: Evidence, exercises: Iterable[Exercise]) -> tuple[Exercise, ...]:
        """Those of the exercises that this seat can have; the others are noted."""
        found = []
        for exercise in exercises:
            why = lack(evidence, exercise.file.needs)
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
