"""The processes that judge: shut in, bounded, and whatever one check does, it is that exercise's error alone."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import document

from bancada.evidence import Evidence
from bancada.judge import pool, worker
from bancada.judge.judge import Check
from bancada.judge.pool import Judges
from bancada.judge.verdict import Judged, State, Verdict
from bancada.reach.child import interrupt
from bancada.words.errors import BenchError

DOCUMENT = json.dumps(document()).encode()
GREEN = "def test_it(seat):\n    pass\n"


def check(source: str) -> Check:
    return Check("demo/first", source, ("test_it",), (), False, {})


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    judges = Judges()
    yield judges
    judges.close()


def said(judges: Judges, body: str) -> str:
    """What a test with this body leads to: its own words, or what is told of it."""
    (judged,) = judges.judge(
        DOCUMENT, [(check(f"import os\ndef test_it(seat, variant):\n    {body}\n"), {"word": "w"})]
    )
    return str(judged.tests[0].found or "passed") if judged else "died"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("assert False, variant.word + seat.hostname", "wseat"),
        ("assert False, sorted(set(os.listdir('/')) & {'etc', 'home', 'proc', 'run', 'tmp', 'var'})", "[]"),
        ("import socket; socket.create_connection(('127.0.0.1', 22), 1)", "Network is unreachable"),
        ("open('/usr/lib/new', 'w')", "Read-only file system"),
        ("assert False, (os.getpid() < 100, os.getppid())", "(True, 1)"),
        ("os.kill(1, 9); assert False, 'still there'", "still there"),
        ("x = 'x' * 3 * 2**30", "MemoryError"),
        ("import ipaddress, decimal, fractions; assert False, 'found'", "found"),
        ("print('x' * 10**6); assert False, 'printed'", "printed"),
        ("os._exit(0)", "the check died: exit code 0"),
        ("os.abort()", "the check died: SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "the check died: SIGSEGV"),
    ],
)
def test_what_a_check_does_ends_in_there(judges: Judges, body: str, told: str) -> None:
    assert told in said(judges, body)
    assert judges.open_because == ""
    assert said(judges, "pass") == "passed", "the next one is not touched"


def test_the_state_of_the_class_cannot_be_read(judges: Judges, tmp_path: Path) -> None:
    key = tmp_path / "admin"
    key.write_text("secret")
    assert "No such file" in said(judges, f"open({str(key)!r})")


def test_nothing_of_one_check_is_left_to_the_next(judges: Judges) -> None:
    spoil = "import sys, bancada.judge; bancada.judge.expect = print; sys.modules['left'] = print"
    assert said(judges, spoil) == "passed"
    assert "built-in" not in said(judges, "import bancada.judge; assert False, bancada.judge.expect")
    assert "No module named 'left'" in said(judges, "import left")


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(1000)"])
def test_a_check_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Where it computes the kernel ends it, else we do."""
    monkeypatch.setattr(worker, "CPU_SECONDS", 1)
    monkeypatch.setattr(worker, "SECONDS", 60.0 if "while" in body else 1.0)
    evidence = Evidence.from_json(DOCUMENT)
    judged = Judged.model_validate_json(worker._in_a_child(evidence, check(f"def test_it(seat):\n    {body}\n"), {}))
    assert judged.verdict is Verdict.ERROR and str(judged.tests[0].found) == "the check came to no end"
    assert judged.tests[0].model_dump()["found"]["pt-BR"] == "a verificação não chegou ao fim"


def test_a_judge_that_dies_costs_only_what_it_was_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is killed, as the kernel would where memory is short, while it has one of three checks before it."""
    judges, real = Judges(1), pool._Judge._take
    taken = []

    def take(self: pool._Judge) -> bytes:
        taken.append(self)
        if len(taken) == 3:  # after its greeting and the first result
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        return real(self)

    waits = "import time\ndef test_it(seat):\n    time.sleep(2)\n"
    monkeypatch.setattr(pool._Judge, "_take", take)
    found = judges.judge(DOCUMENT, [(check(GREEN), {}), (check(waits), {}), (check(GREEN), {})])
    judges.close()
    assert [one and one.verdict for one in found] == [Verdict.PASSED, None, Verdict.PASSED]
    assert len({id(one) for one in taken}) == 2


def test_evidence_that_is_none_is_an_error_of_each(judges: Judges) -> None:
    found = judges.judge(b"[]", [(check(GREEN), {}), (check(GREEN), {})])
    assert [one and one.verdict for one in found] == [Verdict.ERROR] * 2
    assert said(judges, "pass") == "passed"


def test_threads_share_the_judges(judges: Judges) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda n=n: found.append(said(judges, f"assert 0, {n}"))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=int) == [str(n) for n in range(12)]


def test_what_the_persons_shell_tells_python_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor what it tells pytest: a verdict needs all tests, whoever's PYTEST_ADDOPTS picks some."""
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit(1)")
    for name, value in {"PYTHONPATH": tmp_path, "PYTHONOPTIMIZE": 2, "PYTEST_ADDOPTS": "-k nothing"}.items():
        monkeypatch.setenv(name, str(value))
    judges = Judges(1)
    assert said(judges, "assert False, 'asserted'") == "asserted"
    judges.close()


REFUSING = """
import ctypes, os, pathlib, bancada.judge.shut_in as s
real = s._libc
class Kernel:
    def __getattr__(self, name):
        return getattr(real, name) if name != {refused!r} else lambda *words: ctypes.set_errno(1) or -1
s._libc = Kernel()
os.geteuid = lambda: 1000
write = pathlib.Path.write_text
def refuse(self, text):
    if {refused!r} in str(self):
        raise PermissionError(1, "Operation not permitted", str(self))
    return write(self, text)
pathlib.Path.write_text = refuse
"""


@pytest.mark.parametrize(
    "refused", ["unshare", "uid_map", "setgroups", "mount", "pivot_root", "mount_setattr", "capset"]
)
def test_where_it_cannot_be_shut_in_it_is_said_and_nothing_is_half_done(
    monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """By the kernel or by who rules the computer, as AppArmor does for ordinary users on some: at whichever step."""
    refusing = f"exec({REFUSING.format(refused=refused)!r}); from bancada.judge.worker"
    monkeypatch.setattr(pool, "COMMAND", pool.COMMAND.replace("from bancada.judge.worker", refusing))
    judges = Judges(1)
    for number in range(4):
        assert said(judges, f"assert False, ({number}, os.path.exists('/proc/self/status'))") == f"({number}, True)"
    assert "Operation not permitted" in judges.open_because
    judges.close()


@pytest.mark.parametrize("open_", [False, True], ids=["shut in", "open"])
def test_what_a_check_starts_ends_with_it(monkeypatch: pytest.MonkeyPatch, open_: bool) -> None:
    """A child that went its own ways and would end all others; and one that would give an answer of its own."""
    if open_:
        refusing = f"exec({REFUSING.format(refused='unshare')!r}); from bancada.judge.worker"
        monkeypatch.setattr(pool, "COMMAND", pool.COMMAND.replace("from bancada.judge.worker", refusing))
    judges = Judges(1)
    if not open_:
        away = "if os.fork() == 0:\n        os.setsid(); os.closerange(0, 64)\n        while True: os.kill(-1, 9)"
        said(judges, away)  # which may have ended the check itself
    assert said(judges, "os.fork(); assert False, 'once'") == "once"
    assert [said(judges, "pass") for _ in range(3)] == ["passed"] * 3
    judges.close()


def test_an_error_says_that_the_exercise_stands_there(judges: Judges) -> None:
    staged = json.dumps(document(staged={"demo/first": {}})).encode()
    (died,) = judges.judge(staged, [(check("import os\ndef test_it(seat):\n    os._exit(3)\n"), {})])
    assert died and (died.verdict, died.state) == (Verdict.ERROR, State.STAGED)


def test_a_judge_that_cannot_start_says_why_and_that_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pool, "COMMAND", f"import no_such_thing; {pool.COMMAND}")
    judges = Judges(1)
    with pytest.raises(BenchError, match="cannot be started: ModuleNotFoundError: No module named 'no_such_thing'"):
        judges.judge(DOCUMENT, [(check(GREEN), {})] * 3)
    assert capfd.readouterr().err == ""


def test_a_judge_that_hears_nothing_can_be_waited_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped, and more is sent than a pipe holds."""
    monkeypatch.setattr(pool, "PATIENCE", 2.0)
    judges, stopped = Judges(1), pool._Judge()
    assert stopped.greeting() == ""
    os.kill(stopped._process.pid, signal.SIGSTOP)
    (inner,) = Path(f"/proc/{stopped._process.pid}/task/{stopped._process.pid}/children").read_text().split()
    (first,) = Path(f"/proc/{inner}/task/{inner}/children").read_text().split()
    os.kill(int(first), signal.SIGSTOP)
    judges._idle.put(stopped)
    large = json.dumps(document(kernel="x" * 10**6)).encode()
    found = judges.judge(large, [(check(GREEN), {})] * 2)
    assert [one and one.verdict for one in found] == [None, Verdict.PASSED]
    judges.close()


def test_who_is_interrupted_waits_for_no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    judges, ended = Judges(1), []

    def ask() -> None:
        try:
            said(judges, "import time; time.sleep(50)")
        except KeyboardInterrupt:
            ended.append(True)

    assert said(judges, "pass") == "passed"
    thread = threading.Thread(target=ask)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGINT, None)
    thread.join(20)
    assert ended and not thread.is_alive()
