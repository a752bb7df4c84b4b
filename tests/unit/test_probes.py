"""A busy computer has time for every probe: each has its own, and no more of them run at once than it can serve."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bancada.onseat.seatside import base, main, namespaces
from bancada.onseat.seatside.namespaces import side_by_side
from bancada.onseat.seatside.probes import looked_at, probes

NOTES = "import os, time\n\n\ndef probe(seat):\n    {}\n"
AT_ONCE = NOTES.format(
    "mine = os.path.join(seat.variant.there, str(os.getpid())); open(mine, 'w').close(); time.sleep(0.2); "
    "seen = len(os.listdir(seat.variant.there)); os.unlink(mine); return seen"
)


def many(number: int, there: Path) -> dict[str, base.Facts]:
    return {f"t/{n}": {"source": AT_ONCE, "variant": {"there": str(there)}} for n in range(number)}


def test_no_more_probes_run_at_once_than_the_cores_can_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    said = probes(many(12, tmp_path), {}, "/x")
    assert {one["answer"] for one in said.values()} <= {1, 2} and len(said) == 12


def test_each_has_its_own_time_and_not_what_the_others_left() -> None:
    """One after the other, they take longer than one of them may: none is late."""
    works = {n: lambda: time.sleep(2) for n in range(4)}
    assert "late" not in str(side_by_side(works, seconds=7, most=1))


def test_what_hangs_is_late_and_costs_the_others_nothing() -> None:
    works = {"hangs": lambda: time.sleep(60), "breaks": lambda: {1, 2}, "works": lambda: "x" * 10**6}
    said = side_by_side(works, seconds=8, most=2)
    assert said["hangs"]["late"] and said["works"] == "x" * 10**6
    assert "set" in said["breaks"]["error"], "an answer that is no JSON is told as that"


def test_all_of_them_end_in_time() -> None:
    works = {n: lambda: time.sleep(60) for n in range(5)}
    began = time.monotonic()
    assert all(one["late"] for one in side_by_side(works, seconds=60, most=1, total=0.5).values())
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(("load", "cores", "times"), [(0.1, 2, 1), (20.0, 2, 10), (900.0, 2, 20), (6.0, 64, 1)])
def test_a_crowded_machine_is_given_more_time(
    monkeypatch: pytest.MonkeyPatch, load: float, cores: int, times: float
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)))
    monkeypatch.setattr(time, "thread_time", lambda: 0.0)
    assert base.slowness() == times


def test_a_namespace_that_could_not_be_looked_at_in_time_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Left out, it would be taken for one that its student made badly."""
    answers = {1: {"hostname": "x"}, 2: {"error": "OSError: it is gone"}}
    monkeypatch.setattr(namespaces, "side_by_side", lambda works, seconds: answers)
    assert namespaces.each("uts", {1: "", 2: ""}, dict) == {1: {"hostname": "x"}}
    answers[3] = namespaces.LATE
    with pytest.raises(base.Refusal, match="busy"):
        namespaces.each("uts", {1: "", 2: "", 3: ""}, dict)


def test_a_view_of_cgroups_that_was_not_had_in_time_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "inside", lambda handles, work, seconds: namespaces.LATE)
    with pytest.raises(base.Refusal, match="busy"):
        namespaces.cgroup_views({1: {"ns": {"cgroup": 1}}, 2: {"ns": {"cgroup": 2}}})


def test_whom_a_look_began_ends_with_it(tmp_path: Path) -> None:
    """Else what was late would go on taking the seat's time, and hold the connection open."""

    def begin() -> None:
        (tmp_path / "new").write_text(str(os.getpid()))
        (tmp_path / "new").rename(tmp_path / "pid")
        time.sleep(600)

    looking = namespaces.start(lambda: side_by_side({1: begin}, seconds=600))
    end = time.monotonic() + 60
    while not (tmp_path / "pid").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert namespaces.finish(*looking, 0.0)["late"]
    stat = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, "it goes on"
        time.sleep(0.01)


def test_where_all_looking_is_late_each_probe_is() -> None:
    """As one that is not there, whose exercise is asked for again: no document of another kind, and no broken seat."""
    assert looked_at(namespaces.start(lambda: time.sleep(600)), time.monotonic()) == {}
    assert looked_at(namespaces.start(lambda: {"a/b": {"answer": 1}}), time.monotonic() + 60) == {"a/b": {"answer": 1}}


@pytest.mark.parametrize("command", ["collect", "baseline", "stage", "reset", "snapshot"])
def test_all_that_is_done_on_a_crowded_machine_has_more_time(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PACE", pace := {"patience": 1.0})
    monkeypatch.setattr(main, "PACE", pace)
    monkeypatch.setattr(main, "slowness", lambda: 7.0)
    monkeypatch.setattr(main, "see_through_proc", lambda keep: None)
    monkeypatch.setitem(main.COMMANDS, command, lambda *given: {"seconds": base.patient(2)})
    assert main.main(command, *([] if command == "baseline" else ["{}"])) == 0
    assert base.patient(2) == 14
