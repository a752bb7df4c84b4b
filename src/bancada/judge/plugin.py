"""The pytest plugin that gives exercise tests their fixtures and turns their outcome into verdicts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bancada.bench import EXERCISES_ROOT
from bancada.catalog import Exercise
from bancada.catalog.variant import Variant
from bancada.evidence import Evidence
from bancada.i18n import T
from bancada.judge.expect import Finding
from bancada.judge.verdict import TestResult, Verdict


class Busy(Exception):
    """The seat was too busy to look: nobody's fault, and gone when it is asked again."""

    SAID = T(
        "the seat is busy and was not done with looking in time: ask again",
        "a bancada está ocupada e não terminou de olhar a tempo: pergunte de novo",
    )


class CheckPlugin:
    """One run of some exercises' tests against one seat's evidence.

    `decided(exercise, tests)` is called as soon as the last test of an exercise has ended, so that a killed check
    keeps what it knew. What it raises ends the run and is in `broken`: pytest would take it for a failed teardown.
    `host` makes a testinfra host; only called where a test asks for one.
    """

    broken: Exception | None = None

    def __init__(
        self,
        exercises: dict[Path, Exercise],
        evidence: Evidence,
        variant: Callable[[Exercise], Variant],
        folder: Callable[[Exercise], str],
        host: Callable[[], Any],
        decided: Callable[[Exercise, list[TestResult]], None],
    ) -> None:
        self._exercises = exercises
        self._evidence = evidence
        self._variant = variant
        self._folder = folder
        self._host = host
        self._decided = decided
        self._seen: dict[str, Evidence] = {}
        self._results: dict[Path, list[TestResult]] = {path: [] for path in exercises}

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Any:
        """Tests are read from their source: byte code that lies beside it is in no digest, and may be of other ones."""
        prefix, sys.pycache_prefix = sys.pycache_prefix, os.devnull
        try:
            return (yield)
        finally:
            sys.pycache_prefix = prefix

    @pytest.fixture
    def seat(self, folder: str) -> Evidence:
        """What the kernel shows, without what belongs to other exercises."""
        if folder not in self._seen:
            self._seen[folder] = self._evidence.seen_from(folder, EXERCISES_ROOT)
        return self._seen[folder]

    @pytest.fixture
    def probe(self, request: pytest.FixtureRequest) -> Any:
        """What the exercise's probe.py returned."""
        said = self._evidence.probes.get(self._exercises[request.path].name, {"late": True})
        if said.get("late"):
            raise Busy
        if "answer" not in said:
            raise RuntimeError(f"probe.py: {said['error']}")
        return said["answer"]

    @pytest.fixture(scope="session")
    def host(self) -> Any:
        return self._host()

    @pytest.fixture
    def variant(self, request: pytest.FixtureRequest) -> Variant:
        return self._variant(self._exercises[request.path])

    @pytest.fixture
    def folder(self, request: pytest.FixtureRequest) -> str:
        return self._folder(self._exercises[request.path])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        result = self._judge(item, call)
        if result is not None:
            self._results[item.path].append(result)
        return report

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if self.broken is None and (nextitem is None or nextitem.path != item.path):
            try:
                self._decided(self._exercises[item.path], self._results[item.path])
            except Exception as error:
                self.broken = error
                item.session.shouldstop = "a verdict could not be told"

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> TestResult | None:
        name = item.name
        hints = [hint.as_dict() for hint in self._exercises[item.path].file.hints.get(name, [])]
        if call.excinfo is None:
            return TestResult(name=name, verdict=Verdict.PASSED) if call.when == "call" else None
        problem = call.excinfo.value
        if isinstance(problem, Finding):
            return TestResult(
                name=name,
                verdict=Verdict.FAILED,
                expected=problem.expected.as_dict(),
                found=problem.found.as_dict(),
                hints=hints,
            )
        if isinstance(problem, AssertionError) and call.when == "call":
            text = (str(problem).splitlines() or ["the condition does not hold"])[0]
            found = {"en": text, "pt-BR": text}
            return TestResult(name=name, verdict=Verdict.FAILED, found=found, hints=hints)
        if isinstance(problem, Busy):
            return TestResult(name=name, verdict=Verdict.ERROR, found=Busy.SAID.as_dict())
        # A skip too: a check that decides nothing is a broken check.
        return _broke(name, f"{type(problem).__name__}: {problem}")


def _broke(name: str, why: str) -> TestResult:
    return TestResult(
        name=name,
        verdict=Verdict.ERROR,
        found={"en": f"the check itself broke: {why}", "pt-BR": f"a própria verificação quebrou: {why}"},
    )
