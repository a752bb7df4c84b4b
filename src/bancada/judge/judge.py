"""Evidence, the check of an exercise and a variant give a result: a pure function, the one behind every verdict.

Nothing here reads a file, asks a seat, knows the class or the time. It runs in a process that has neither keys nor
network: see worker.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bancada.course.needs import Capability, lack
from bancada.evidence import Evidence, Probed
from bancada.judge.expect import Finding
from bancada.judge.verdict import Judged, Measured, State, TestResult, Verdict, overall
from bancada.words.i18n import T, Text

EXERCISES_ROOT = "/home/student/exercises"
FILE = "test_exercise.py"
LATE = T(
    "the seat is busy and was not done with looking in time: ask again",
    "a bancada está ocupada e não terminou de olhar a tempo: pergunte de novo",
)
"""Nobody's fault, and gone when it is asked again."""


@dataclass(frozen=True)
class Check:
    """All of an exercise that decides its verdict."""

    exercise: str
    """Its name: topic/slug."""
    source: str
    """Of its test_exercise.py."""
    tests: tuple[str, ...]
    """The names of its tests: a verdict needs exactly these."""
    needs: tuple[Capability, ...]
    measures: bool
    """Whether its probe tells numbers for the report."""
    hints: Mapping[str, tuple[Text, ...]]
    """By the name of the test."""


def judge(evidence: Evidence, check: Check, variant: Mapping[str, str | int]) -> Judged:
    """What the evidence says of this exercise, for a student with these values."""
    fault = bench_fault(evidence, check.needs)
    tests = [fault] if fault else _run(evidence, check, variant)
    measured: Measured = {}
    if check.measures:
        try:
            measured = _measured(evidence.probes.get(check.exercise))
        except ValidationError as error:
            why = error.errors()[0]["msg"]
            tests.append(
                broken(
                    T("what it measured is no number: {why}", "o que ela mediu não é um número: {why}", why=why),
                    "probe",
                )
            )
    verdict = overall(tests)
    staged = State.STAGED if check.exercise in evidence.staged else State.PRISTINE
    return Judged(
        state=State.SOLVED if verdict is Verdict.PASSED else staged, verdict=verdict, tests=tests, measured=measured
    )


def bench_fault(evidence: Evidence, needs: Collection[Capability]) -> TestResult | None:
    """What is lacking or broken on the seat that an exercise needs; None where it can be judged."""
    if why := lack(evidence, needs):
        return broken(why)
    for need in needs:
        if (name := need.seen_by.service) and (why := _trouble(name, need.title, evidence.services.get(name, {}))):
            return broken(why)
    return None


def _trouble(name: str, title: Text, told: Mapping[str, str]) -> Text | None:
    """What is wrong with a service that starts on demand: either it runs, or its socket waits for the first caller."""
    socket, service = (told.get(unit, "unknown") for unit in ("socket", "service"))
    dead = service != "active" and (socket != "active" or service == "failed")
    if not dead and told.get("answers") != "no":
        return None
    return T(
        f"{{title}} {'is not usable on' if dead else 'gave no answer in time on'} this seat: {{states}}",
        f"{{title}} não {'funciona' if dead else 'respondeu a tempo'} nesta bancada: {{states}}",
        title=title,
        states=T(
            "{name}.socket is {socket}, {name}.service is {service}",
            "{name}.socket está {socket}, {name}.service está {service}",
            name=name,
            socket=socket,
            service=service,
        ),
    )


def broken(why: Text, name: str = "bench") -> TestResult:
    """An error: nobody's mark hangs on it."""
    return TestResult(name=name, verdict=Verdict.ERROR, found=why)


def _run(evidence: Evidence, check: Check, variant: Mapping[str, str | int]) -> list[TestResult]:
    """One result for each test of the exercise, and one for each that is none of its own."""
    try:
        found = _tests(check)
    except BaseException as problem:
        return [_broke(name, problem) for name in check.tests]
    folder = f"{EXERCISES_ROOT}/{check.exercise}"
    given: dict[str, Callable[[], Any]] = {
        "seat": lambda: evidence.seen_from(folder, EXERCISES_ROOT),
        "variant": lambda: SimpleNamespace(**variant),
        "folder": lambda: folder,
        "probe": lambda: _answer(evidence.probes.get(check.exercise)),
    }
    results = []
    for name in check.tests:
        if name in found:
            results.append(_one(name, found.pop(name), given, check.hints.get(name, ())))
        else:
            results.append(broken(T("it did not run: {name}", "não rodou: {name}", name=name), name))
    for name in sorted(found):
        what = T("it is not one of the exercise's: {name}", "não é um dos do exercício: {name}", name=name)
        results.append(broken(what, name))
    return results


def _tests(check: Check) -> dict[str, Callable[..., object]]:
    """The tests that are there once the file was run, as it is: no file, and no byte code, is read."""
    module = ModuleType(f"check of {check.exercise}")
    sys.modules[module.__name__] = module  # where dataclasses look their own up
    exec(compile(check.source, FILE, "exec", dont_inherit=True), vars(module))
    return {name: one for name, one in vars(module).items() if name.startswith("test_") and callable(one)}


class _Late(Exception):
    """The probe was not done in time."""


def _answer(said: Probed | None) -> Any:
    """What the exercise's probe.py returned."""
    if said is None or said.late:
        raise _Late
    if said.error:
        raise RuntimeError(f"probe.py: {said.error}")
    return said.answer


def _one(
    name: str, test: Callable[..., object], given: Mapping[str, Callable[[], Any]], hints: Sequence[Text]
) -> TestResult:
    try:
        wanted = inspect.signature(test).parameters
        if unknown := [one for one in wanted if one not in given]:
            raise TypeError(f"{name} asks for {', '.join(unknown)}; there are {', '.join(given)}")
        values = {one: given[one]() for one in wanted}
    except _Late:
        return broken(LATE, name)
    except BaseException as problem:
        return _broke(name, problem)
    try:
        test(**values)
    except AssertionError as problem:
        try:
            return _failed(name, problem, hints)
        except BaseException as broken_words:  # of what its text is made of
            return _broke(name, broken_words)
    except BaseException as problem:  # a skip too: a check that decides nothing is a broken check
        return _broke(name, problem)
    return TestResult(name=name, verdict=Verdict.PASSED)


def _failed(name: str, problem: AssertionError, hints: Sequence[Text]) -> TestResult:
    if isinstance(problem, Finding):
        expected, found = problem.expected.filled(), problem.found.filled()
    else:
        text = (str(problem).splitlines() or ["the condition does not hold"])[0]
        expected, found = None, Text(text, text)
    return TestResult(name=name, verdict=Verdict.FAILED, expected=expected, found=found, hints=list(hints))


def _broke(name: str, problem: BaseException) -> TestResult:
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == FILE]
    at = f" ({FILE}:{lines[-1]})" if lines else ""
    try:
        words = str(problem)
    except Exception:
        words = "its own words cannot be told"
    why = f"{type(problem).__name__}: {words}{at}"
    return broken(T("the check itself broke: {why}", "a própria verificação quebrou: {why}", why=why), name)


def _measured(said: Probed | None) -> Measured:
    """The numbers of a probe's answer; none where it gave none. Raises ValidationError for what is no number."""
    if said is None or said.late or said.error:
        return {}
    answer = TypeAdapter(dict[str, Any]).validate_python(said.answer)
    return TypeAdapter(Measured).validate_python(answer.get("measured", {}))
