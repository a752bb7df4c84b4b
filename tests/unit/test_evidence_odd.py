"""Whatever a seat answers, it is sound evidence or a ValueError of one short line: its student has root."""

from __future__ import annotations

import copy
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from bancada.evidence import Evidence, Probed
from bancada.reach.paths import ROOT

set_hypothesis_home_dir(ROOT / ".hypothesis_cache")  # among what is no part of the tree

INODE = 4026531835
PROCESS = {
    "pid": 1, "ppid": 0, "uid": 0, "start": 10, "session": 1, "comm": "systemd", "cmdline": ["/sbin/init", "splash"],
    "exe": "/usr/lib/systemd/systemd", "cwd": "/", "root": "/", "root_id": [8, 2], "pwd": None,
    "ns": {"uts": INODE, "net": INODE, "mnt": INODE, "ipc": INODE}, "nspid": [1], "uid_map": [[0, 0, 4294967295]],
    "gid_map": [[0, 0, 4294967295]], "cgroup": {"": "/init.scope"}, "unit": None, "service": None, "container": False,
    "caps": {"Eff": 2199023255551}, "no_new_privs": 0, "seccomp": 0, "proc_shows": INODE,
}  # fmt: skip
MOUNT = {"id": 22, "parent": 1, "root": "/", "target": "/tmp", "fstype": "tmpfs", "source": "tmpfs",
         "options": "rw,nosuid"}  # fmt: skip
FILES = {
    "bin": {"type": "dir", "mode": 493, "size": 4096, "id": [8, 78]},
    "bin/sh": {"type": "link", "mode": 511, "size": 7, "target": "/bin/busybox"},
    "answer.txt": {"type": "file", "mode": 420, "size": 3, "text": "42\n"},
}
SOUND: dict[str, Any] = json.loads(json.dumps({
    "evidence": 3, "kernel": "6.1", "hostname": "seat", "has": ["own-kernel"],
    "systemd": {"state": "degraded", "failed_units": ["x.service"]},
    "services": {"docker": {"socket": "active", "service": "inactive", "answers": "yes"}}, "cgroup_version": 2,
    "staged": {"a/b": {"name": "a/b", "digest": "0", "variant": {"word": "w"}}},
    "baselines": {"a/b": {"hostname": "seat", "interfaces": ["lo"]}},
    "processes": [PROCESS, {**PROCESS, "pid": 5, "ppid": 1, "cgroup": {"": "/demo"}}],
    "uts": {str(INODE): {"hostname": "seat", "domainname": "(none)"}},
    "mounts": {str(INODE): [MOUNT]},
    "folders": {"a/b": {"path": "/home/student/exercises/a/b", "files": FILES, "truncated": False}},
    "roots": [{"path": "/", "id": [8, 77], "mounts": [MOUNT], "files": FILES, "truncated": False, "libraries": ["/l"],
               "programs": {"/bin/busybox": {"interpreter": None, "needs": ["/l"], "missing": ["/m"]}}}],
    "kept": [{"type": "uts", "inode": 6, "path": "/k"}],
    "ipc": {str(INODE): {"queues": {"q": 3}, "msg": [{"key": 1}], "shm": [], "sem": []}},
    "networks": {str(INODE): {
        "interfaces": [{"name": "eth0", "index": 2, "peer_index": 7, "kind": "veth", "up": True, "carrier": True,
                        "master": None, "mac": None, "addresses": ["10.1.2.3/24"], "received": 4, "sent": 5}],
        "routes": [{"dst": "default", "metric": 100, "flags": []}],
        "listeners": [{"protocol": "tcp", "address": "0.0.0.0", "port": 80, "pid": None}]}},
    "time_offsets": {"7": {"monotonic": 0, "boottime": 86400.5}},
    "cgroup_views": {"5": {"": "/"}},
    "cgroups": {"/demo": {"folders": ["/sys/fs/cgroup/demo"], "pids": [5], "memory_limit": 1024, "cpu_limit": 0.5}},
    "engine": {"version": "26", "containers": [{"Name": "/x", "State": {"Running": True}}], "images": [],
               "volumes": [], "networks": [{"Name": "n"}]},
    "probes": {"a/b": {"answer": {"measured": {"boot": {"container": 0.5}}}},
               "a/c": {"error": "there was no answer in time", "late": True}, "a/d": {"error": "KeyError: 1"}},
}))  # fmt: skip

Place = tuple[str | int, ...]


def is_free(place: Place) -> bool:
    """Whether any JSON may stand there: it is what others wrote."""
    match place:
        case ["staged", _, _, *_] | ["engine", _, _, _, *_] | ["networks", _, "routes", _, _, *_]:
            return True
        case ["probes", _, "answer", *_]:
            return True
    return False


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Where something stands in a document, from the top down."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from places(one, (*above, key))


def at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def changed(place: Place, change: Callable[[Any, Any], None]) -> str:
    """The sound document, after `change` of what holds this place and of its key there."""
    document = copy.deepcopy(SOUND)
    change(at(document, place[:-1]), place[-1])
    return json.dumps(document)


def look(document: str | bytes) -> Evidence | str:
    """The evidence, which answers what it is asked; or why it is none, in one short line."""
    try:
        evidence = Evidence.from_json(document)
    except ValueError as error:
        said = str(error)
        assert type(error) is ValueError and said and len(said) <= 300
        assert said == " ".join(said.split()), "it is no single line"
        return said
    init = evidence.seen_from("/home/student/exercises/a/b", "/home/student/exercises").init
    assert init.pid == 1
    for process in evidence.processes:
        assert isinstance(process.name + process.command, str) and process.is_init_of_namespace in (True, False)
        evidence.uts_of(process), evidence.network_of(process), evidence.mounts_of(process), evidence.root_of(process)
    for cgroup in evidence.cgroups:
        assert cgroup.made_by_hand in (True, False) and len(evidence.living_in(cgroup, "memory")) >= 0
    return evidence


def test_what_is_sound_becomes_tuples_and_plain_dictionaries() -> None:
    seat = look(json.dumps(SOUND).encode())
    assert isinstance(seat, Evidence), seat
    assert seat.has == {"own-kernel"} and seat.systemd.failed_units == ("x.service",)
    assert seat.init.cmdline == ("/sbin/init", "splash") and seat.init.uid_map == ((0, 0, 4294967295),)
    assert type(seat.init.ns) is dict and seat.init.root_id == (8, 2)
    (mount,) = seat.mounts[INODE]
    assert mount.options == ("rw", "nosuid") and type(seat.mounts) is dict
    assert (folder := seat.folder("a/b")) and folder.files["bin"].id == (8, 78) and folder.files["bin/sh"].id is None
    (cgroup,) = seat.cgroups
    assert (cgroup.path, cgroup.cpu_limit, cgroup.memory_used, cgroup.oom_kills) == ("/demo", 0.5, None, 0)
    assert seat.engine.containers == ({"Name": "/x", "State": {"Running": True}},) and seat.engine.images == ()
    assert seat.probes["a/b"] == Probed({"measured": {"boot": {"container": 0.5}}})
    assert seat.probes["a/c"] == Probed(error="there was no answer in time", late=True)
    assert seat.time_offsets[7] == {"monotonic": 0, "boottime": 86400.5} and seat.cgroup_views[5] == {"": "/"}


# Each place of a document


ODD = [["odd"]]


@pytest.mark.parametrize("place", list(places(SOUND)), ids=lambda place: ".".join(map(str, place)))
def test_nothing_stands_where_another_kind_belongs(place: Place) -> None:
    """Be it there instead, or beside it: in a list, or under a key that nobody knows."""

    def instead(holder: Any, key: Any) -> None:
        holder[key] = ODD

    def beside(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.append(ODD)
        else:
            holder["odd"] = ODD

    for change, where in ((instead, place), (beside, (*place[:-1], "odd"))):
        said = look(changed(place, change))
        if is_free(where):
            assert isinstance(said, Evidence), said
        elif where == ("evidence",):
            assert said == "evidence of version [['odd']]; this program reads version 3"
        else:
            assert isinstance(said, str) and said.startswith(f"evidence that is not sound: {where[0]}"), said


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_lacking(name: str) -> None:
    said = look(changed((name,), lambda holder, key: holder.pop(key)))
    assert said in (f"evidence that is not sound: {name}: Field required",
                    "evidence of version None; this program reads version 3")  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("processes", 0, "pid"), "1"), (("processes", 0, "pid"), 1.0), (("processes", 0, "pid"), True),
        (("processes", 0, "pid"), 2), (("processes", 1, "pid"), 1), (("processes",), []),
        (("processes", 0, "container"), "no"), (("processes", 0, "container"), 0),
        (("processes", 0, "cmdline"), []), (("processes", 0, "root_id"), [8]), (("processes", 0, "uid_map"), [[0, 0]]),
        (("cgroups",), {"demo": {"folders": [], "pids": []}}), (("uts",), {"one": {}}), (("mounts",), {"9" * 5000: []}),
        (("cgroups", "/demo", "cpu_limit"), float("nan")), (("cgroups", "/demo", "cpu_limit"), 10**4000),
        (("time_offsets", "7", "boottime"), float("-inf")),
        (("probes", "a/b", "answer"), float("nan")), (("staged", "a/b", "variant"), {"n": float("inf")}),
        (("engine", "images"), [{"Size": float("-inf")}]), (("probes", "a/b", "answer"), "\ud800"),
        (("hostname",), "\ud800"),
    ],
    ids=str,
)  # fmt: skip
def test_values_that_are_nearly_right_are_wrong(place: Place, value: Any) -> None:
    def change(holder: Any, key: Any) -> None:
        holder[key] = value

    assert isinstance(look(changed(place, change)), str)


@pytest.mark.parametrize("place", [("probes", "a/b", "answer"), ("time_offsets", "7", "boottime"), ("engine",)])
def test_a_number_too_large_for_a_float_is_not_infinity(place: Place) -> None:
    def change(holder: Any, key: Any) -> None:
        holder[key] = {"containers": [{"x": "HUGE"}]} if key == "engine" else "HUGE"

    for number in ("1e999", "-1e999", "9" * 400 + ".5"):
        assert isinstance(look(changed(place, change).replace('"HUGE"', number)), str)


# Documents that once ended the check of a whole class


BROKE = [
    "[]", "42", "null", "{}", '{"evidence": 3}', '{"error": "x"}', '{"error": {"message": 7}}', '{"error": []}',
    '{"error": null}', '{"error": {}}', "", "no JSON", '"\\ud800"', '{"x": "\\ud800"}', '"\ud800"', "[" * 1_000_000,
    '{"a":' * 200_000, '{"evidence": ' + "9" * 5000 + "}", '{"error": ' + "9" * 4300 + "}", '{"evidence": 1e999}',
    '{"error": {"message": "' + "a\\n" * 10_000 + '"}}', '{"evidence": NaN}', "NaN", "-Infinity",
    '{"evidence": 3, "processes": [' + "{}," * 100_000 + "{}]}", '{"evidence": 3, ' + '"processes": [], ' * 9 + "}",
    json.dumps({"evidence": 3, "staged": [], "probes": {}, "services": {}, "processes": []}),
    json.dumps({"evidence": 3, "staged": {"x": []}, "probes": {}, "services": {}, "processes": []}),
    json.dumps({"evidence": 3, "staged": {}, "probes": {"x": 1}, "services": {}, "processes": [{"pid": 1}]}),
    json.dumps({**SOUND, "probes": {"error": "RecursionError: maximum recursion depth exceeded"}}),
    json.dumps({**SOUND, "probes": {"a\nb" * 500: {"answer": 1, "late": "\x1b[2J"}}}),
]  # fmt: skip


@pytest.mark.parametrize("document", BROKE, ids=lambda text: ascii(text[:40]))
def test_what_once_broke_it_is_refused(document: str) -> None:
    assert isinstance(look(document), str)


def test_of_many_faults_none_is_named() -> None:
    said = look(json.dumps({**SOUND, **dict.fromkeys(map(str, range(1000)))}))
    assert said == "evidence that is not sound: 1000 faults"


def test_what_is_deep_or_huge_where_anything_may_stand_is_harmless() -> None:
    for inner in ("[" * 150 + "]" * 150, "9" * 4300, '"\\u0000\\n"', '{"": {"": null}}'):
        found = look(json.dumps({**SOUND, "probes": {"a/b": {"answer": "HERE"}}}).replace('"HERE"', inner))
        assert isinstance(found, Evidence) and found.probes["a/b"].answer == json.loads(inner)


HUNGRY = """
from bancada.evidence import Evidence
size = 4 * 2**20
for head, item in (('{"evidence": 3, "processes": [', "{}"), ('{"evidence": 3, "has": [', "0"),
                   ('{"evidence": 3, "mounts": {', '"": 0'), ('{"evidence": [', "{}"), ('{"error": [', "[]")):
    document = head + ",".join([item] * (size // (len(item) + 1))) + ("]}" if head.endswith("[") else "}}")
    try:
        Evidence.from_json(document)
    except ValueError as error:
        print(error)
"""


def test_a_document_of_faults_alone_does_not_fill_the_memory() -> None:
    """A parser that copies for each fault what is around it took 13 GB for 16 MiB."""
    most = 1 << 30
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY], capture_output=True, text=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)), env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert len(done.stdout.splitlines()) == 5


# Documents that nobody thought of: the same ones in each run


ANYHOW = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(["\ud800", "1", "/", "", 2**64, 10**400, -1, 0, 1]),
)  # fmt: skip
KEYS = st.one_of(
    st.text(max_size=8), st.sampled_from(["error", "evidence", "pid", "1", "-1", "path", *SOUND, *PROCESS])
)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
PLACES = list(places(SOUND))
OWN = st.sampled_from(PLACES).map(lambda place: at(SOUND, place))


@ANYHOW
@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(["put", "take", "add"]), ANY | OWN, KEYS), max_size=3)
)
def test_sound_evidence_with_odd_places(changes: list[tuple[Place, str, Any, str]]) -> None:
    document = copy.deepcopy(SOUND)
    for place, how, value, key in changes:
        try:
            holder = at(document, place[:-1])
            if how == "put":
                holder[place[-1]] = value
            elif how == "take":
                del holder[place[-1]]
            elif isinstance(holder, list):
                holder.append(value)
            else:
                holder[key] = value
        except (LookupError, TypeError):
            continue  # the change before it took the place away
    look(json.dumps(document))


@ANYHOW
@given(
    ANY | st.dictionaries(KEYS, ANY, max_size=8) | st.dictionaries(KEYS, ANY).map(lambda one: {**one, "evidence": 3})
)
def test_any_json(document: Any) -> None:
    look(json.dumps(document))


@ANYHOW
@given(st.binary(max_size=200), st.integers(0, len(json.dumps(SOUND))), st.integers(0, 40))
def test_any_bytes_alone_and_amid_sound_evidence(odd: bytes, begin: int, length: int) -> None:
    whole = json.dumps(SOUND).encode()
    look(odd)
    look(whole[:begin] + odd + whole[begin + length :])
    look(whole[:begin])
