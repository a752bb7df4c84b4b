"""What reaches the programs that we start: nothing of the person's shell but a short list, and no folder of theirs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bancada.reach import environment, private
from bancada.reach import run as running
from bancada.reach.environment import children
from bancada.reach.paths import ROOT, ClassState, write_whole
from bancada.reach.run import CommandFailed, run
from bancada.words.errors import BenchError

HOSTILE = {
    "ANSIBLE_RUN_TAGS": "web",
    "ANSIBLE_ROLES_PATH": "/etc/ansible/roles",
    "PYTEST_ADDOPTS": "-k nothing",
    "PYTEST_PLUGINS": "nonexistent",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONOPTIMIZE": "1",
    "PYTHONSTARTUP": "/nowhere",
    "PYTHONHOME": "/nowhere",
    "PIP_USER": "1",
    "UV_PYTHON": "3.8",
    "CONTAINER_HOST": "tcp://192.0.2.1:1",
    "LIBVIRT_DEFAULT_URI": "qemu:///session",
    "LANGUAGE": "pt_BR",
    "LD_PRELOAD": "",
    "XDG_RUNTIME_DIR": "/nowhere",
    "TMPDIR": "/nowhere",
}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LC_ALL", "pt_BR.UTF-8")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("HOME", "/nonexistent")


@pytest.mark.usefixtures("hostile")
def test_child_gets_nothing_that_changes_what_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("BANCADA_STATE", "/kept")
    monkeypatch.chdir(tmp_path)
    said = run(["sh", "-c", "pwd && env"], env={"ANSIBLE_NOCOLOR": "1"}).stdout.splitlines()
    got = dict(line.partition("=")[::2] for line in said[1:])
    assert said[0] == str(ROOT)
    assert not got.keys() & HOSTILE.keys()
    assert got["LC_ALL"] == "C.UTF-8" and got["PYTHONPATH"] == str(ROOT / "src") and Path(got["HOME"]).is_dir()
    assert got["https_proxy"] == "http://proxy:3128" and got["BANCADA_STATE"] == "/kept"
    assert got["ANSIBLE_NOCOLOR"] == "1" and got["PATH"] == os.environ["PATH"]


def test_folders_that_can_be_used_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_RUNTIME_DIR", "TMPDIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    tmp_path.chmod(0o700)
    assert {name for name in ("XDG_RUNTIME_DIR", "TMPDIR", "HOME") if children().get(name) == str(tmp_path)} == {
        "XDG_RUNTIME_DIR", "TMPDIR", "HOME",
    }  # fmt: skip
    tmp_path.chmod(0o755)  # somebody else may look in
    assert "XDG_RUNTIME_DIR" not in children()


@pytest.mark.usefixtures("hostile")
def test_command_line_takes_its_own_environment_over(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')\n")
    code = (
        "import os, json; from bancada.cli import main as start\n"
        "try: start()\nexcept SystemExit: pass\n"
        "os.umask(mask := os.umask(0)); print(json.dumps([dict(os.environ), mask]))"
    )
    env = {**os.environ, "BANCADA_STATE": "here", "PYTHONPATH": str(ROOT / "src")}
    del env["PYTHONHOME"]  # no Python starts with it; the script `bancada` has Python leave it out
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--version"], cwd=tmp_path, env=env, umask=0o077, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    own, mask = json.loads(done.stdout.splitlines()[-1])
    assert not own.keys() & HOSTILE.keys() and own["LC_ALL"] == environment.LOCALE
    assert own["BANCADA_STATE"] == str(tmp_path / "here") and mask == 0o022


def test_python_of_the_script_sees_no_module_of_the_persons(tmp_path: Path) -> None:
    for name in ("json.py", "click.py", "bancada.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong module')\n")
    script = (ROOT / "bancada").read_text(encoding="utf-8")
    last = script.splitlines()[-1]
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONOPTIMIZE": "1", "PYTHONHOME": "/nowhere"}
    argv = ["sh", "-c", f"venv=$1 root=$2; shift 2; {last}", "sh", sys.prefix, str(ROOT), "--version"]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("bancada, version"), done.stderr


def test_start_says_nothing_where_there_is_no_vagrant(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    argv = [sys.executable, "-c", "import bancada.cli, bancada.providers"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


# Folders for sockets


def parents(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setattr(private, "_parents", lambda: iter(folders))
    monkeypatch.setattr(private, "LONGEST", 4096)


def test_folder_for_sockets_is_ours_and_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parents(monkeypatch, tmp_path / "missing", tmp_path)
    folder = private.private_folder("b")
    assert folder == tmp_path / "b" == private.private_folder("b")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("how", ["open to others", "a link", "somebody else's"])
def test_folder_that_was_made_for_us_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    trap = first / "b"
    if how == "a link":
        (tmp_path / "real").mkdir(mode=0o700)
        trap.symlink_to(tmp_path / "real")
    else:
        trap.mkdir(mode=0o700)
        if how == "open to others":
            trap.chmod(0o777)
        elif os.geteuid() == 0:
            os.chown(trap, 65534, 65534)
        else:
            pytest.skip("needs root: gives a folder to somebody else")
    parents(monkeypatch, first, second)
    assert private.private_folder("b") == second / "b"
    parents(monkeypatch, first)
    with pytest.raises(BenchError, match="ours alone") as told:
        private.private_folder("b")
    assert told.value.where == str(trap)


def test_folder_in_which_others_may_rename_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    parents(monkeypatch, tmp_path)
    with pytest.raises(BenchError):
        private.private_folder("b")
    tmp_path.chmod(0o1777)
    assert private.private_folder("b").is_dir()


def test_too_long_a_place_is_left_for_a_shorter_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    short = Path("/tmp")
    monkeypatch.setattr(private, "_parents", lambda: iter((long, short)))
    folder = private.private_folder(name := f"bancada-test-{os.getpid()}")
    folder.rmdir()
    assert folder == short / name and len(os.fsencode(long / name)) > private.LONGEST


def test_testinfra_gets_a_path_that_it_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parents(monkeypatch, tmp_path)
    for name in ("turma de Ávila", "other"):
        state = ClassState(tmp_path / name)
        state.folder.mkdir()
        monkeypatch.setattr(ClassState, "sockets", property(lambda _: private.private_folder("b")))
        plain = state.plain_ssh_config()
        assert str(plain).isascii() and plain.readlink() == state.ssh_config
        assert state.plain_ssh_config() == plain
    assert [file.name for file in (tmp_path / "b").iterdir()] == ["ssh_config"]


# The log, and files that cannot be written


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(running, "_log", tmp_path / "commands.log")
    return tmp_path / "commands.log"


def test_log_that_cannot_be_written_stops_nothing(log: Path) -> None:
    log.mkdir()
    assert run(["echo", "done"]).stdout == "done\n"


def test_log_tells_the_size_of_a_long_word_and_is_begun_anew(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["true", "a b", "x" * 50_000])
    assert "\ntrue 'a b' '<50000 letters>'\n" in log.read_text() and log.stat().st_size < 200
    with pytest.raises(CommandFailed):
        run(["sh", "-c", "head --bytes=50000 /dev/zero | tr '\\0' x >&2; exit 1"])
    assert log.stat().st_size < 3000
    monkeypatch.setattr(running, "LARGEST_LOG", 10)
    run(["echo", "last"])
    assert "echo last" in log.read_text() and "echo" not in log.with_name("commands.log.1").read_text()
    assert len(log.read_text().splitlines()) == 2


def test_file_that_cannot_be_written_whole_leaves_no_part(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    code = (
        "import resource, sys; from pathlib import Path; from bancada.reach.paths import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_whole(Path(sys.argv[1]), 'x' * 5000)\n"
        "except OSError as error: print(error.filename)\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path / "file")]
    done = subprocess.run(argv, env=children(), capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path / 'file'}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["file"] and (tmp_path / "file").read_text() == "old"
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "file", "\udcff")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["BANCADA_INVENTORY", "BANCADA_STATE"])
def test_a_path_that_is_not_utf_8_is_told_before_anything_is_done(tmp_path: Path, name: str) -> None:
    place = os.fsencode(tmp_path) + b"/st\xfe"
    done = subprocess.run(
        [sys.executable, ROOT / "src", "doctor"], env={**os.environ, name: os.fsdecode(place)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and f"The path of {name} is not UTF-8." in done.stderr, done.stderr
    assert not Path(os.fsdecode(place)).exists()
