"""The class as the inventory has it; its lock; what two languages must share."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bancada import records
from bancada.inventory import Seat, SeatVariables, load_class
from bancada.prove import proving as prove
from bancada.prove.proving import differences
from bancada.reach.lock import locked
from bancada.reach.paths import ROOT, ClassState, Project
from bancada.reach.run import Completed
from bancada.seats import bake
from bancada.words.errors import BenchError, UsageError
from bancada.words.i18n import Language, T, Text


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "inventory").mkdir()
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "inventory"))
    return Project(ROOT, tmp_path / "state")


def write(project: Project, text: str) -> None:
    (project.state.parent / "inventory" / "hosts.yml").write_text(text)


def test_hosts_are_the_seats_in_order(project: Project) -> None:
    write(project, "all:\n  vars: {bancada_class: t}\n  hosts:\n    seat-[01:12]:\n")
    cls = load_class(project)
    assert [seat.name for seat in cls.seats] == [f"seat-{n:02}" for n in range(1, 13)]
    assert [seat.name for seat in cls.pick(["seat-03", "seat-01"])] == ["seat-01", "seat-03"]
    assert cls.language is Language.PT_BR


def test_changed_inventory_is_read_anew(project: Project) -> None:
    write(project, "all: {vars: {bancada_class: a}, hosts: {one: }}\n")
    assert load_class(project).name == "a"
    write(project, "all: {vars: {bancada_class: b}, hosts: {one: , two: }}\n")
    assert load_class(project).name == "b" and len(load_class(project).seats) == 2


def test_role_variables_are_part_of_the_image(project: Project) -> None:
    write(project, "all: {hosts: {one: {docker_source: docker-ce, other: 1}, two: }}\n")
    one, two = load_class(project).seats
    assert one.prepare == {"docker_source": "docker-ce"} and two.prepare == {}


def test_what_is_no_template_stays_none(project: Project) -> None:
    """Docker's own templates look like Ansible's; what a plugin looked up could be anything."""
    write(project, "all: {hosts: {one: {bancada_class: !unsafe t, docker_version: !unsafe 28.1.x,"
                   " docker_daemon_options: {log-opts: {tag: !unsafe '{{.Name}}'}}}}}\n")  # fmt: skip
    (one,) = load_class(project).seats
    assert one.variables.bancada_class == "t" and one.prepare["docker_version"] == "28.1.x"
    assert one.prepare["docker_daemon_options"] == {"log-opts": {"tag": {"__ansible_unsafe": "{{.Name}}"}}}


def test_connection_is_kept_apart_from_what_a_machine_is_prepared_with(project: Project) -> None:
    write(
        project, "all: {hosts: {one: {ansible_host: a, ansible_ssh_common_args: b, ansible_python_interpreter: c}}}\n"
    )
    (one,) = load_class(project).seats
    assert one.connection == {"ansible_host": "a", "ansible_ssh_common_args": "b"} and one.prepare == {}


@pytest.mark.parametrize("key", ["bancada_class", "bancada_course", "bancada_language", "bancada_provider"])
def test_what_is_one_per_class_may_not_differ(project: Project, key: str) -> None:
    other = {"bancada_language": "en", "bancada_provider": "existing"}.get(key, "other")
    write(project, f"all: {{hosts: {{one: , two: {{{key}: {other}}}}}}}\n")
    with pytest.raises(UsageError, match=f"One class, one {key}"):
        load_class(project)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("bancada_language: fr", "bancada_language of one must be en or pt-BR; it is 'fr'"),
        ("bancada_release: potato", "bancada_release of one must be trixie or bookworm"),
        ("bancada_provider: podmam", "bancada_provider of one must be auto, vagrant, podman, existing"),
        ("bancada_class: 'A B'", "bancada_class of one must be up to 31 of a-z, 0-9 and -"),
        ("bancada_memory: much", "bancada_memory of one must be a number with m or g"),
        ("bancada_cpus: all", "bancada_cpus of one must be a number from 1 to 64"),
        ("bancada_mirror: [a]", "bancada_mirror of one is wrong: Input should be a valid string"),
        ("bancada_host_key: SHA256:abc", "bancada_host_key of one must be a type and a key"),
        ("docker_sorce: distro", "There is no variable docker_sorce, which one has. Did you mean docker_source?"),
        ("bancada_lingua: en", "There is no variable bancada_lingua, which one has. Did you mean bancada_language?"),
        ("student_user: joana", "the student's account is called student"),
    ],
)
def test_wrong_value_is_refused_by_name(project: Project, variable: str, message: str) -> None:
    write(project, f"all: {{hosts: {{one: {{{variable}}}}}}}\n")
    with pytest.raises(UsageError) as refused:
        load_class(project)
    assert message in refused.value.what
    if variable.startswith("bancada_"):
        found = subprocess.run(shlex.split(refused.value.next), capture_output=True, text=True, check=True).stdout
        assert variable in found  # the next command shows where it stands


@pytest.mark.parametrize(
    ("file", "text", "place", "what"),
    [
        ("group_vars/all.yml", "bancada_class: a\n  bancada_language: en\n", ":2:19", "mapping values are not allowed"),
        ("group_vars/all.yml", 'bancada_class: "a\n', ":2:1", "found unexpected end of stream"),
        ("hosts.yml", "all:\n\thosts:\n", ":2:1", "found character"),
        ("hosts.yml", "all: {hosts: [one]}\n", "", 'Invalid "hosts" entry for "all" group, requires a dictionary.'),
    ],
)
def test_an_inventory_that_cannot_be_read_says_where_and_why(
    project: Project, file: str, text: str, place: str, what: str
) -> None:
    write(project, "all: {hosts: {one: }}\n")
    folder = project.state.parent / "inventory"
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text)
    with pytest.raises(UsageError, match=re.escape(what)) as refused:
        load_class(project)
    assert refused.value.where == f"{folder / file}{place}" and "then type the same command" in refused.value.next


@pytest.mark.parametrize(
    "name",
    [
        *("-seat", "seat-", "a--b", "own--builder", "a b", "$(true)", "a/b", "..", "seat.01", "student.one", "joão"),
        *("n" * 300, "admin", "Admin", "builder", "proof-1", "students"),
    ],
)
def test_name_that_no_seat_can_have_is_refused_in_one_sentence(project: Project, name: str) -> None:
    write(project, json.dumps({"all": {"hosts": {"seat-01": {}, name: {}}}}))
    with pytest.raises(UsageError, match="cannot be the name of a seat") as refused:
        load_class(project)
    assert "give the host another name" in refused.value.next and len(refused.value.what) < 200


def test_our_own_machines_bear_names_that_no_seat_can_have(project: Project) -> None:
    write(project, json.dumps({"all": {"hosts": {"n" * 40: {}, "Lab-PC-7": {}}}}))
    assert [seat.name for seat in load_class(project).seats] == ["n" * 40, "Lab-PC-7"]
    for own in (bake.BUILDER, f"{prove.PROOF_SEAT}-1"):
        write(project, json.dumps({"all": {"hosts": {own: {}}}}))
        with pytest.raises(UsageError, match=f"{own}' cannot be the name of a seat"):
            load_class(project)


def test_keys_of_students_move_apart_from_the_administrators_and_none_is_overwritten(tmp_path: Path) -> None:
    cls = ClassState(tmp_path)
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("admin", "hidden", "one", "two"):
        (keys / name).write_text(name)
        (keys / f"{name}.pub").write_text(f"{name}, public")
    cls.student_key("two").parent.mkdir()
    cls.student_key("two").write_text("newer")
    for _ in range(2):
        records.take_over_keys(cls, ["one", "two", "three"])
    assert cls.student_key("one").read_text() == "one" and not (keys / "one").exists()
    assert cls.student_key("one").with_suffix(".pub").read_text() == "one, public"
    assert cls.student_key("two").read_text() == "newer" and (keys / "two").read_text() == "two"
    assert cls.admin_key.read_text() == "admin" and (keys / "hidden").exists()


def test_lock_names_its_holder_and_goes_with_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = (
        "import sys; from pathlib import Path; from bancada.reach.lock import locked\n"
        "with locked(Path(sys.argv[1]), 'up'):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"PYTHONPATH": str(ROOT / "src")},
    ) as holder:  # fmt: skip
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with (
            pytest.raises(BenchError, match=rf"`bancada up` has been running since .* \(pid {holder.pid}\)"),
            locked(lock, "check"),
        ):
            pass
        holder.kill()
    with locked(lock, "check"):
        pass


@pytest.mark.parametrize("said", ["{}", "5", "null", '{"verb": "up"}', "{"])
def test_lock_whose_holder_cannot_be_read_is_held_all_the_same(tmp_path: Path, said: str) -> None:
    with locked(tmp_path / "lock", "up"):
        (tmp_path / "lock").write_text(said)
        with pytest.raises(BenchError, match="busy: another command"), locked(tmp_path / "lock", "down"):
            pytest.fail("two held it")


def test_text_with_other_placeholders_in_one_language_cannot_be_made() -> None:
    assert T("{n} here", "{n} aqui", n=3).as_dict() == {"en": "3 here", "pt-BR": "3 aqui"}
    with pytest.raises(ValueError, match="different placeholders"):
        Text("{n} here", "aqui", {"n": 3})
    with pytest.raises(ValueError, match="no value for n"):
        Text("{n}", "{n}", {})


def test_a_text_within_a_text_is_in_the_same_language() -> None:
    whole = T("{what} is there", "{what} existe", what=T("a kernel", "um kernel"))
    assert whole.as_dict() == {"en": "a kernel is there", "pt-BR": "um kernel existe"}


def test_a_text_that_is_no_template_stays_as_it_is() -> None:
    assert str(Text("{{.ID}} {", "}")) == "{{.ID}} {"


def test_differences_name_what_is_left_over_missing_and_changed() -> None:
    before = {"files": {"/a": 1, "/b": 2}, "hostname": "seat"}
    after = {"files": {"/a": 9, "/c": 3}, "hostname": "seat"}
    assert differences(before, before) == []
    assert differences(before, after) == [
        "changed: files//a: 1 -> 9",
        "missing: files//b",
        "left over: files//c = 3",
    ]


def test_variables_of_the_folder_where_one_stands_do_not_count(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "all: {vars: {bancada_class: mine}, hosts: {one: }}\n")
    for kind in ("group_vars/all.yml", "host_vars/one.yml"):
        (tmp_path / "elsewhere" / kind).parent.mkdir(parents=True)
        (tmp_path / "elsewhere" / kind).write_text("{bancada_class: theirs, docker_source: theirs}")
    monkeypatch.chdir(tmp_path / "elsewhere")
    cls = load_class(project)
    assert cls.name == "mine" and cls.seats[0].prepare == {}


def test_changed_variables_beside_an_inventory_file_are_read_anew(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "all: {hosts: {one: }}\n")
    monkeypatch.setenv("BANCADA_INVENTORY", str(tmp_path / "inventory" / "hosts.yml"))
    assert load_class(project).name == "class"
    for kind, name in (("group_vars/all.yml", "a"), ("host_vars/one.yml", "b"), ("host_vars/one.yml", "c")):
        (tmp_path / "inventory" / kind).parent.mkdir(exist_ok=True)
        (tmp_path / "inventory" / kind).write_text(f"bancada_class: {name}\n")
        assert load_class(project).name == name


def test_changed_variables_in_a_linked_folder_are_read_anew(project: Project, tmp_path: Path) -> None:
    write(project, "all: {hosts: {one: }}\n")
    (tmp_path / "shared").mkdir()
    (tmp_path / "inventory" / "group_vars").symlink_to(tmp_path / "shared")
    for name in ("a", "b"):
        (tmp_path / "shared" / "all.yml").write_text(f"bancada_class: {name}\n")
        assert load_class(project).name == name


def test_what_answers_anew_is_asked_anew(project: Project, tmp_path: Path) -> None:
    """A script, and a plugin of Ansible's: what they say may change though no file of the inventory does."""
    script = tmp_path / "inventory" / "hosts.sh"
    script.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    script.chmod(0o755)
    for name in ("a", "b"):
        hosts = {"hosts": ["one"], "vars": {"bancada_class": name}}
        (tmp_path / "answer").write_text(json.dumps({"_meta": {"hostvars": {}}, "all": hosts}))
        assert load_class(project).name == name
    script.unlink()
    write(project, "all: {hosts: {one: }}\n")
    (tmp_path / "inventory" / "more.yml").write_text(
        f"plugin: ansible.builtin.constructed\ncompose:\n  bancada_class: lookup('file', '{tmp_path}/answer')\n"
    )
    for name in ("a", "b"):
        (tmp_path / "answer").write_text(name)
        assert load_class(project).name == name


def test_what_is_looked_up_is_no_template(project: Project, tmp_path: Path) -> None:
    """It goes on to Ansible as that, which would run it here otherwise."""
    (tmp_path / "answer").write_text("{{ lookup('pipe', 'id') }}")
    write(project, "all: {hosts: {one: }}\n")
    (tmp_path / "inventory" / "more.yml").write_text(
        f"plugin: ansible.builtin.constructed\ncompose:\n  docker_data_root: lookup('file', '{tmp_path}/answer')\n"
    )
    (one,) = load_class(project).seats
    assert one.prepare == {"docker_data_root": {"__ansible_unsafe": "{{ lookup('pipe', 'id') }}"}}


def test_ansible_keeps_what_it_keeps_in_our_state(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that cannot be written is no reason not to read the class."""
    write(project, "all: {hosts: {one: }}\n")
    given: list[Mapping[str, str]] = []

    def run(argv: Sequence[str], *, env: Mapping[str, str], check: bool) -> Completed:
        given.append(env)
        return Completed(tuple(argv), 0, '{"_meta": {"hostvars": {}}, "all": {"hosts": ["one"]}}', "")

    monkeypatch.setattr("bancada.inventory.run", run)
    load_class(project)
    (env,) = given
    assert Path(env["ANSIBLE_HOME"]).is_relative_to(project.state)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"one": 1}', "\0"])
def test_damaged_memory_of_an_inventory_is_thrown_away(project: Project, damage: str) -> None:
    write(project, "all: {vars: {bancada_class: t}, hosts: {one: }}\n")
    load_class(project)
    (kept,) = project.cache.glob("inventory-*.json")
    whole = kept.read_text()
    kept.write_text(damage)
    assert load_class(project).name == "t" and kept.read_text() == whole


def test_the_proxy_is_part_of_what_a_machine_is_prepared_with_and_not_of_its_image() -> None:
    own = SeatVariables.model_validate({"bancada_proxy": "http://proxy.example:3128"})
    through = Seat("seat-01", own, {"docker_users": ["maria"]})
    assert through.preparation == {
        "docker_users": ["maria"],
        "prepare_environment": {"http_proxy": "http://proxy.example:3128", "https_proxy": "http://proxy.example:3128"},
    }
    assert through.prepare == {"docker_users": ["maria"]}


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "http://proxy.example; reboot", "http://a'b"])
def test_what_is_no_address_of_a_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(ValueError, match="bancada_proxy"):
        SeatVariables.model_validate({"bancada_proxy": proxy})
