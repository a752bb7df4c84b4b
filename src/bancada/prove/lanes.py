"""The parts of the test command, and which of them go side by side.

Two lanes, for two processors: what a lane holds runs one after the other. They are about as long. Measured on two CPUs,
in seconds, with the images there:

    short:  lint 87, end to end 86, six proofs 543           = 716
            unit and replay 200, bootstrap 23, molecule 483  = 706
    whole:  lint 87, emulated machines 2725, stock computers 2301                                             = 5113
            unit and replay 200, bootstrap 23, end to end 1860, lent machines 336, molecule 600, proofs 2118  = 5137
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.paths import Project

EMULATED = "pytestmark = pytest.mark.vm"
"""In a file of tests that boots machines: those are emulated where there is no hardware for it, and take long."""
LONG = "pytestmark = pytest.mark.whole"
"""In a file of tests that is for the long form alone."""
MOLECULE = (sys.executable, "-m", "molecule")
KEPT = '"$@" destroy && "$@" test --no-command-borders --destroy=never && "$@" destroy'
"""Molecule keeps the seat or not, whether its tests failed or not; so it is told to keep it, and then to destroy it."""


@dataclass(frozen=True)
class Part:
    """One program that runs tests. Each of `files` has a test in `report`, or the part has failed."""

    name: str
    argv: Sequence[str]
    report: Path
    files: frozenset[str]


def lanes(project: Project, reports: Path, *, fast: bool, whole: bool, keep: bool = False) -> list[list[Part]]:
    """The parts of the short form, of the `fast` one that needs no seat, or of the `whole`."""

    def files(folder: str, *, boots: bool = False) -> list[Path]:
        """Those of the form, and those that boot machines or the others."""
        found = {file: file.read_text("utf-8") for file in sorted((project.root / folder).glob("test_*.py"))}
        return [file for file, text in found.items() if (whole or LONG not in text) and (EMULATED in text) == boots]

    def part(name: str, short: str, argv: Sequence[str], files: Sequence[Path]) -> Part:
        names = frozenset(file.relative_to(project.root).with_suffix("").as_posix().replace("/", ".") for file in files)
        return Part(name, argv, reports / f"{short}.xml", names)

    def tests(name: str, short: str, files: Sequence[Path]) -> Part:
        chosen = [] if whole else ["-m", "not whole"]
        paths = [str(file.relative_to(project.root)) for file in files]
        argv = [sys.executable, "-m", "pytest", "-v", *chosen, f"--junitxml={reports}/{short}.xml", *paths]
        return part(name, short, argv, files)

    lint = tests("lint", "lint", files("tests/lint"))
    unit = tests("unit and replay", "unit", [*files("tests/unit"), *files("tests/replay")])
    if fast:
        return [[lint], [unit]]
    ends = files("tests/e2e")
    bootstrap = [file for file in ends if file.name == "test_bootstrap.py"]
    lent = [file for file in ends if file.name == "test_existing.py"]
    no_machines = tests("bootstrap", "bootstrap", bootstrap)
    seats = tests("end to end", "e2e", [file for file in ends if file not in (*bootstrap, *lent)])
    proofs = tests("proofs", "proofs", files("tests/proofs"))
    # Its verify step runs these, with a report of its own.
    molecule = ["sh", "-c", KEPT, "sh", *MOLECULE] if keep else [*MOLECULE, "test", "--no-command-borders"]
    if whole:
        molecule = ["env", "BANCADA_TEST_MARKS=whole or not whole", *molecule]
    states = part("molecule", "states", molecule, [*files("tests/states"), *files("src/bancada/seats/states")])
    if not whole:
        return [[lint, seats, proofs], [unit, no_machines, states]]
    emulated = tests("emulated machines", "vm", [*files("tests/e2e", boots=True), *files("tests/vm", boots=True)])
    others = [tests("stock computers", "hosts", hosts) for hosts in [files("tests/hosts")] if hosts]
    return [
        [lint, emulated, *others],
        [unit, no_machines, seats, tests("lent machines", "lent", lent), states, proofs],
    ]
