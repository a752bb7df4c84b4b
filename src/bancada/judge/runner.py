"""Judges exercises on seats: evidence once a seat, then the exercises' own tests over it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bancada.bench import EXERCISES_ROOT, Bench
from bancada.catalog import Exercise
from bancada.catalog.models import Need
from bancada.errors import BenchError, Late
from bancada.evidence import Evidence
from bancada.i18n import T
from bancada.inventory import Seat
from bancada.judge.verdict import ExerciseResult, Measured, State, TestResult, Verdict, overall
from bancada.needs import LeftOut, lack

ONE_PYTEST = Lock()
"""pytest runs in this process and owns its output and modules meanwhile; proofs on several seats take turns."""


UNFINISHED = T(
    "the seat is not ready, since no `up` has come to its end there: ./bancada up",
    "a bancada não está pronta, pois nenhum `up` chegou ao fim nela: ./bancada up",
)


def check(
    bench: Bench,
    seats: Iterable[Seat],
    exercises: Sequence[Exercise],
    keep: Callable[[ExerciseResult], None],
    *,
    leave_out: bool = False,
) -> list[ExerciseResult]:
    """One result for each exercise on each seat; each is handed to `keep` at the moment it is decided.

    An exercise that a seat cannot have is an error there, or, as part of a course, is left out.
    """
    results: list[ExerciseResult] = []

    def decided(result: ExerciseResult) -> None:
        keep(result)
        results.append(result)

    seats = list(seats)
    # pytest takes as long to load as a seat to answer, so both happen at once.
    with ThreadPoolExecutor(max_workers=1) as loader:
        loader.submit(import_module, "bancada.judge.plugin")
        unfinished = bench.unfinished(seat.name for seat in seats)
        left_out = LeftOut()
        for seat, evidence in bench.evidence_as_it_comes(seats, exercises):
            if isinstance(evidence, BenchError):
                for exercise in exercises:
                    decided(_result(bench, seat, exercise, None, [_unseen(evidence)]))
            elif seat in unfinished:
                for exercise in exercises:
                    decided(_result(bench, seat, exercise, evidence, [_fault(UNFINISHED.en, UNFINISHED.pt)]))
            else:
                able = left_out.fitting(seat, evidence, exercises) if leave_out else exercises
                _judge_seat(bench, seat, evidence, able, decided)
    left_out.tell(bench.progress)
    order = {(seat.name, exercise.name): n for n, (seat, exercise) in enumerate(_pairs(seats, exercises))}
    return sorted(results, key=lambda result: order[result.seat, result.exercise])


def _pairs(seats: Iterable[Seat], exercises: Sequence[Exercise]) -> list[tuple[Seat, Exercise]]:
    return [(seat, exercise) for seat in seats for exercise in exercises]


def _judge_seat(
    bench: Bench,
    seat: str,
    evidence: Evidence,
    exercises: Sequence[Exercise],
    decided: Callable[[ExerciseResult], None],
) -> None:
    sound = []
    for exercise in exercises:
        fault = bench_fault(evidence, exercise)
        if fault is None:
            sound.append(exercise)
        else:
            decided(_result(bench, seat, exercise, evidence, [fault]))
    heard: set[str] = set()

    def hear(exercise: Exercise, tests: list[TestResult]) -> None:
        if exercise.name not in heard:
            decided(_result(bench, seat, exercise, evidence, [*tests, *_unheard(exercise, tests)]))
            heard.add(exercise.name)

    with ONE_PYTEST:
        said = _run_tests(bench, seat, evidence, sound, hear) if sound else ""
    for exercise in sound:
        # Nothing was heard of it: pytest broke before its tests. Never a pass, never the student's fault.
        if exercise.name not in heard:
            fault = _fault(f"its tests did not run: {said}", f"os testes não rodaram: {said}")
            decided(_result(bench, seat, exercise, evidence, [fault]))


def _unheard(exercise: Exercise, tests: Sequence[TestResult]) -> list[TestResult]:
    """An error for each test of the exercise that did not run, and for each that ran and is not one of its own."""
    ran = {test.name for test in tests}
    missing = [
        _fault(f"it did not run: {name}", f"não rodou: {name}", name) for name in exercise.tests if name not in ran
    ]
    return missing + [
        _fault(f"it is not one of the exercise's: {name}", f"não é um dos do exercício: {name}", name)
        for name in sorted(ran - set(exercise.tests))
    ]


def _run_tests(
    bench: Bench,
    seat: str,
    evidence: Evidence,
    exercises: Sequence[Exercise],
    decided: Callable[[Exercise, list[TestResult]], None],
) -> str:
    # Imported here: only a check pays for it (it is loaded by then, see check).
    import pytest

    from bancada.judge.plugin import CheckPlugin

    def host() -> Any:
        import testinfra

        return testinfra.get_host(f"ssh://{seat}", ssh_config=str(bench.cls.state.plain_ssh_config()), sudo=True)

    plugin = CheckPlugin(
        {exercise.check: exercise for exercise in exercises},
        evidence,
        lambda exercise: bench.variant(exercise, seat),
        lambda exercise: f"{EXERCISES_ROOT}/{exercise.name}",
        host,
        decided,
    )
    options = [
        "--import-mode=importlib", "--assert=plain", "--continue-on-collection-errors", "--noconftest",
        "--quiet", "--no-header", "--tb=line", f"--config-file={os.devnull}", f"--rootdir={bench.project.exercises}",
        *(f"-pno:{plugin}" for plugin in ("cacheprovider", "faulthandler", "unraisableexception")),
    ]  # fmt: skip
    # Each run reads the tests as their files are now: no module or byte code (see CheckPlugin) of an earlier one.
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.endswith("test_exercise")]:
        del sys.modules[name]
    said = io.StringIO()
    with _only_our_pytest(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main([*options, *(str(exercise.check) for exercise in exercises)], plugins=[plugin])
    if plugin.broken is not None:
        raise plugin.broken
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt  # pytest keeps it to itself; an interrupted check decides nothing
    return " ".join(said.getvalue().split())[-300:]


@contextlib.contextmanager
def _only_our_pytest() -> Iterator[None]:
    """Whatever the person's shell tells pytest (PYTEST_ADDOPTS, PYTEST_PLUGINS) is not said to ours."""
    theirs = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in theirs:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(theirs)


def bench_fault(evidence: Evidence, exercise: Exercise) -> TestResult | None:
    """What is lacking or broken on the seat that this exercise needs; None where it can be judged."""
    if why := lack(evidence, exercise):
        return TestResult(name="bench", verdict=Verdict.ERROR, found=why.as_dict())
    if Need.DOCKER in exercise.file.needs:
        socket, service = (str(evidence.docker.get(unit, "unknown")) for unit in ("socket", "service"))
        # Docker starts on demand: either it runs, or its socket waits for the first caller.
        dead = service != "active" and (socket != "active" or service == "failed")
        if dead or evidence.docker.get("answers") == "no":
            states = "docker.socket is {socket}, docker.service is {service}"
            estados = "docker.socket está {socket}, docker.service está {service}"
            said = T(
                f"Docker {'is not usable on' if dead else 'gave no answer in time on'} this seat: {states}",
                f"o Docker não {'funciona' if dead else 'respondeu a tempo'} nesta bancada: {estados}",
                socket=socket,
                service=service,
            )
            return TestResult(name="bench", verdict=Verdict.ERROR, found=said.as_dict())
    return None


def _unseen(error: BenchError) -> TestResult:
    """Why nothing of a seat can be judged."""
    from bancada.judge.plugin import Busy  # with pytest, which takes as long to load as a seat to answer

    if isinstance(error, Late) or Busy.SAID.en in error.what:
        return TestResult(name="bench", verdict=Verdict.ERROR, found=Busy.SAID.as_dict())
    return _fault(error.what, error.what)


def _fault(en: str, pt: str, name: str = "bench") -> TestResult:
    return TestResult(name=name, verdict=Verdict.ERROR, found={"en": en, "pt-BR": pt})


def _result(
    bench: Bench, seat: str, exercise: Exercise, evidence: Evidence | None, tests: list[TestResult]
) -> ExerciseResult:
    measured: Measured = {}
    if evidence and exercise.file.measures:
        try:
            measured = _measured(evidence.probes.get(exercise.name, {}))
        except ValidationError as error:
            why = error.errors()[0]["msg"]
            fault = _fault(f"what it measured is no number: {why}", f"o que ela mediu não é um número: {why}", "probe")
            tests = [*tests, fault]
    verdict = overall(tests)
    staged = evidence is not None and exercise.name in evidence.staged
    return ExerciseResult(
        seat=seat,
        exercise=exercise.name,
        digest=exercise.digest,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        state=State.SOLVED if verdict is Verdict.PASSED else State.STAGED if staged else State.PRISTINE,
        verdict=verdict,
        tests=tests,
        measured=measured,
    )


def _measured(said: Any) -> Measured:
    """The numbers of a probe's answer; none where it gave none. Raises ValidationError for what is no number."""
    if "answer" not in said:
        return {}
    answer = TypeAdapter(dict[str, Any]).validate_python(said["answer"])
    return TypeAdapter(Measured).validate_python(answer.get("measured", {}))
