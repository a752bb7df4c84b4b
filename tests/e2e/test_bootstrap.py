"""The script `./bancada`, and what it needs of a system, on pretended ones: nothing is installed here."""

from __future__ import annotations

import os
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import ROOT

from bancada.inventory import load_class
from bancada.providers.podman import provider as podman
from bancada.reach import host
from bancada.reach import run as running
from bancada.reach.paths import Project
from bancada.seats import bake
from bancada.words.errors import BenchError

# All that the script calls before it hands over. What is not linked is not there, save in /usr/sbin and /sbin.
PROGRAMS = ("sh", "dirname", "readlink", "cmp", "cat", "sort", "tr", "sed", "id", "env", "tail")
ALWAYS_MISSING = ("crun", "mmdebstrap", "openssh-client", "podman")
SPEED_RATIO = 1.3
SPEED_ROUNDS = 7


class Computer:
    """A folder with the script and a lock file of its own, and a PATH of which the test decides what it holds."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        self.bin = folder / "bin"
        self.clone.mkdir()
        self.bin.mkdir()
        self.log = folder / "log"
        self.log.touch()
        shutil.copy(ROOT / "bancada", self.clone)
        (self.clone / "requirements.lock").write_text("nothing==1\n")
        for program in PROGRAMS:
            found = shutil.which(program)
            assert found, program
            (self.bin / program).symlink_to(found)
        (self.bin / "python3").symlink_to(Path(sys.executable).resolve())

    def give(self, program: str, then: str = "") -> None:
        """A program that notes how it was called and does no more, or what `then` says."""
        file = self.bin / program
        file.unlink(missing_ok=True)
        file.write_text(f'#!/bin/sh\necho "{program} $*" >>{self.log}\n{then}\n')
        file.chmod(0o755)

    def __call__(
        self, *words: str, answer: str | None = None, ci: str = "", env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run the script with nobody at the terminal, or with somebody who types `answer`."""
        person, terminal = pty.openpty()
        os.write(person, (answer or "").encode())
        try:
            return subprocess.run(
                [str(self.clone / "bancada") if cwd else "./bancada", *words], cwd=cwd or self.clone,
                env={"PATH": str(self.bin), "CI": ci, **(env or {})}, capture_output=True,
                stdin=subprocess.DEVNULL if answer is None else terminal, text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            os.close(person)
            os.close(terminal)

    @property
    def installed(self) -> bool:
        return "install" in self.log.read_text() or (self.clone / ".venv").exists()


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_unknown_system_is_told_exactly_what_it_needs(computer: Computer) -> None:
    done = computer("up")
    assert done.returncode == 3
    assert "This system is unknown to Bancada" in done.stderr
    assert all(f" {package}" in done.stderr for package in ALWAYS_MISSING)
    assert "next:  install them with your system's own tool" in done.stderr
    assert not computer.installed


def test_missing_python_is_one_of_the_packages(computer: Computer) -> None:
    (computer.bin / "python3").unlink()
    done = computer("up")
    assert done.returncode == 3
    assert " python3 python3-venv" in done.stderr


def test_nobody_to_ask_means_nothing_installed(computer: Computer) -> None:
    computer.give("apt-get")
    done = computer("up", "seat-01")
    assert done.returncode == 3
    assert "will be installed with apt-get: " in done.stderr
    assert "There is nobody to ask whether to go on.\n  next:  ./bancada --yes up seat-01\n" in done.stderr
    assert not computer.installed


@pytest.mark.parametrize("inventory", ["lab.yml", "."], ids=["a file", "a folder"])
def test_packages_come_through_the_classs_proxy(computer: Computer, tmp_path: Path, inventory: str) -> None:
    """Whatever else the person's shell says of proxies, with spaces as many write it."""
    lab = tmp_path / "My classes"
    (lab / "group_vars").mkdir(parents=True)
    (lab / "group_vars" / "all.yml").write_text("bancada_proxy: http://proxy.example:3128\n")
    (lab / "lab.yml").write_text("all: {hosts: {one: }}\n")
    computer.give("id", "echo 0")
    computer.give("apt-get", f'echo "by $http_proxy and $https_proxy, not for $no_proxy" >>{computer.log}; exit 1')
    env = {"BANCADA_INVENTORY": str(lab / inventory), "no_proxy": "localhost, 127.0.0.1"}
    done = computer("--yes", "up", env=env)
    assert done.returncode == 3 and "apt-get could not install" in done.stderr, done.stderr
    proxy = "http://proxy.example:3128"
    assert f"by {proxy} and {proxy}, not for localhost, 127.0.0.1\n" in computer.log.read_text()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("lint", 0), ("nonsense", 2)])
def test_what_the_caller_closed_is_nowhere(words: str, code: int, closed: str) -> None:
    script = f"exec ./bancada {words} {closed}"
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"], ids=["no", "nothing", "Ctrl-D"])
def test_any_answer_but_yes_installs_nothing(computer: Computer, answer: str) -> None:
    computer.give("apt-get")
    done = computer("up", answer=answer)
    assert done.returncode == 3
    assert "Go on? [y/N] Nothing was installed.\n  next:  ./bancada --yes up\n" in done.stderr
    assert not computer.installed


@pytest.mark.parametrize("how", ["--yes", "CI", "y", "s"])
def test_who_agrees_gets_the_packages_that_were_named(computer: Computer, how: str) -> None:
    computer.give("id", "echo 0")
    computer.give("apt-get", '[ "$1" = update ]')
    if how == "--yes":
        done = computer("--yes", "up")
    else:
        done = computer("up", ci="true" if how == "CI" else "", answer=None if how == "CI" else f"{how}\n")
    named = done.stderr.partition("with apt-get: ")[2].splitlines()[0].split()
    assert set(ALWAYS_MISSING) <= set(named)
    calls = [line for line in computer.log.read_text().splitlines() if line.startswith("apt-get")]
    assert calls == ["apt-get update -qq", f"apt-get install -qq -y --no-install-recommends {' '.join(named)}"]
    # This one pretends to fail.
    assert done.returncode == 3
    assert f"next:  sudo apt-get install {' '.join(named)}" in done.stderr


def test_what_boots_machines_is_installed_for_the_whole_test_alone(computer: Computer) -> None:
    assert " vagrant" not in computer("test", ci="true").stderr
    assert " vagrant" in computer("test", "--whole", ci="true").stderr
    _installed(computer, library_of="python3.97")  # not only where something else is missing
    assert " vagrant" not in computer("test").stderr
    assert " vagrant" in computer("test", "--whole").stderr


def test_ordinary_user_installs_through_sudo(computer: Computer) -> None:
    computer.give("id", "echo 1000")
    computer.give("apt-get", '[ "$1" = update ]')
    computer.give("sudo", '[ "$1" = true ] || "$@"')
    computer("--yes", "up")
    calls = computer.log.read_text()
    assert re.search(r"^sudo (env .*)?apt-get update", calls, re.MULTILINE)
    assert re.search(r"^sudo env .*DEBIAN_FRONTEND=noninteractive .*apt-get install", calls, re.MULTILINE)


@pytest.mark.parametrize(("sudo", "says"), [(None, "there is no sudo here."), ("false", "sudo does not let you.")])
def test_user_without_sudo_is_told_what_root_must_type(computer: Computer, sudo: str | None, says: str) -> None:
    computer.give("id", "echo 1000")
    computer.give("apt-get")
    if sudo:
        computer.give("sudo", sudo)
    done = computer("--yes", "up")
    assert done.returncode == 3
    assert f"Installing needs root, and {says}\n  next:  as root: apt-get install " in done.stderr
    assert "apt-get" not in computer.log.read_text()


def test_packages_go_where_they_belong_whatever_pip_was_told(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("crun", "mmdebstrap", "podman", "ssh", "ssh-keygen", "iptables", "nft"):
        computer.give(name)
    told = {
        "PIP_TARGET": "/there",
        "PIP_PREFIX": "/there",
        "PIP_USER": "1",
        "UV_PYTHON": "3.8",
        "UV_SYSTEM_PYTHON": "1",
    }
    asked = f"{computer.log}.env"
    computer.give("python3", f'case "$*" in *-m*) env >{asked}; pwd >>{asked}; exit 1 ;; esac')
    script = computer.clone / "bancada"
    # Packages without a program are files of a system that this one may not be.
    script.write_text(script.read_text().replace('[ -e "$thing" ]', "true"))
    done = computer("up", env={**told, "PIP_INDEX_URL": "https://mirror/simple"}, cwd=computer.bin)
    assert "python3 could not make" in done.stderr
    got = Path(asked).read_text()
    assert "PIP_USER=0\n" in got and "PIP_INDEX_URL=https://mirror/simple\n" in got
    assert not [name for name in told if name != "PIP_USER" and f"{name}=" in got]
    assert got.splitlines()[-1] == str(computer.clone)


def test_path_without_programs_is_told(computer: Computer) -> None:
    done = computer("up", env={"PATH": ""})
    assert done.returncode == 3
    assert (
        done.stderr
        == "No program is found here: PATH is ''.\n  next:  PATH=/usr/local/bin:/usr/bin:/bin ./bancada up\n"
    )


def test_checkout_of_somebody_else_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own may be entered by its user only
        Path(folder).chmod(0o755)
        shutil.copy(ROOT / "bancada", folder)
        Path(folder, "requirements.lock").touch()
        Path(folder).chmod(0o555)
        user = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        argv = [*user, "sh", f"{folder}/bancada", "up"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert f"{folder} belongs to {Path(folder).owner()}, and you may not write there." in done.stderr
        assert f"next:  git clone {folder} bancada, in a folder of your own" in done.stderr


def test_clone_that_translates_line_ends_still_runs(tmp_path: Path) -> None:
    git = ["git", "-c", "core.autocrlf=true", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(tmp_path / "c")]
    subprocess.run(git, check=True)
    assert b"\r" not in (tmp_path / "c" / "bancada").read_bytes()


def _installed(computer: Computer, *, library_of: str) -> None:
    venv = computer.clone / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "lib" / library_of).mkdir(parents=True)
    shutil.copy(computer.clone / "requirements.lock", venv / ".bancada-lock")
    computer.give("python3.97", f'printf "[%s]" "$@" >>{computer.log}')
    (venv / "bin" / "python").symlink_to(computer.bin / "python3.97")


def test_an_installed_clone_hands_over_at_once(computer: Computer) -> None:
    _installed(computer, library_of="python3.97")
    assert computer("check", "seat-01", "-e", "a b").returncode == 0
    assert computer.log.read_text().endswith(f"[-I][{computer.clone}/src][check][seat-01][-e][a b]")


def test_a_changed_lock_file_installs_again(computer: Computer) -> None:
    _installed(computer, library_of="python3.97")
    (computer.clone / "requirements.lock").write_text("nothing==2\n")
    assert "unknown to Bancada" in computer("check").stderr


def test_a_new_python_of_the_system_installs_again(computer: Computer) -> None:
    _installed(computer, library_of="python3.96")
    assert "unknown to Bancada" in computer("check").stderr


def test_the_script_adds_no_noticeable_delay() -> None:
    python = ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}

    def seconds(argv: list[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*argv, "--version"], cwd=ROOT, env=environment, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Of the processors' time, in turns, and the least of each: other work on this computer only ever adds.
    rounds = [(seconds(["./bancada"]), seconds([str(python), "-m", "bancada"])) for _ in range(SPEED_ROUNDS)]
    with_script, without = (min(column) for column in zip(*rounds, strict=True))
    assert with_script / without < SPEED_RATIO


# What the Python side needs of the system


@pytest.mark.parametrize(
    ("program", "package"), [*podman.PACKAGES.items(), ("iptables", "iptables"), ("nft", "nftables")]
)
def test_the_script_brings_what_the_provider_needs(program: str, package: str) -> None:
    assert f"\n{program} {package}\n" in (ROOT / "bancada").read_text()


@pytest.mark.parametrize(
    ("version", "package"),
    [('{"version": "1.4.0"}', "iptables"), ('{"version": "1.14.0", "default_fw_driver": "nftables"}', "nftables")],
)
def test_the_firewall_program_is_the_one_that_netavark_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, package: str
) -> None:
    netavark = tmp_path / "netavark"
    netavark.write_text(f"#!/bin/sh\necho '{version}'\n")
    netavark.chmod(0o755)
    monkeypatch.setattr(podman, "NETAVARK", str(netavark))
    monkeypatch.setattr(podman, "which", {"podman": "", "crun": "", "mmdebstrap": ""}.get)
    (lack,) = podman.Podman(load_class(Project.here())).lacks()
    assert (lack.what, lack.mend) == (f"{package} not installed.", f"sudo apt-get install {package}")


def test_room_is_found_out_where_only_root_can_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path) -> None:
        raise PermissionError(path)

    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setattr(shutil, "disk_usage", forbidden)
    monkeypatch.setattr(host, "as_root", list)
    assert host.free_bytes(tmp_path) == pytest.approx(free, rel=0.1)


def test_user_without_sudo_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchError, match="This needs root, and there is no sudo here"):
        running.as_root(["podman", "ps"])


def test_user_whom_sudo_refuses_is_told_so(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    computer.give("sudo", "echo 'sudo: a password is required' >&2; exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(computer.bin))
    with pytest.raises(BenchError, match="sudo does not let you: a password is required") as raised:
        running.run(running.as_root(["podman", "ps"]))
    assert "sudo -v" in str(raised.value)


def test_byte_code_beside_a_role_does_not_outdate_its_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("roles", "playbooks", "src/bancada/seats/base"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(bake, "BASE", tmp_path / "src" / "bancada" / "seats" / "base")
    cls = load_class(Project.here())
    provider, seat = podman.Podman(cls), cls.seats[0]
    project = Project(tmp_path, tmp_path / "state")
    before = bake.image_tag(project, provider, seat)
    cache = tmp_path / "roles" / "kernel" / "library" / "__pycache__"
    cache.mkdir()
    (cache / "kernel_probe.cpython-311.pyc").touch()
    assert bake.image_tag(project, provider, seat) == before
    (tmp_path / "roles" / "kernel" / "library" / "another.py").touch()
    assert bake.image_tag(project, provider, seat) != before


def test_controller_left_in_the_unified_hierarchy_is_mounted_as_version_1(tmp_path: Path) -> None:
    """In a mount namespace of its own: what `up` mends so that crun starts, and says."""
    left = Path("/sys/fs/cgroup/unified/cgroup.controllers")
    if os.geteuid() or not left.exists():
        pytest.skip("needs root, and a computer with cgroup version 1 and a unified hierarchy")
    (tmp_path / "controllers").write_text("hugetlb\n")
    code = "from bancada.providers.podman.provider import Podman; print(*Podman(None).prepare_host())"
    script = f"""
        if mountpoint -q /sys/fs/cgroup/hugetlb; then umount /sys/fs/cgroup/hugetlb; fi
        mount --bind {tmp_path}/controllers {left}
        {sys.executable} -c '{code}'
        grep ' /sys/fs/cgroup/hugetlb ' /proc/self/mountinfo
    """
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "mounted the cgroup controller hugetlb at /sys/fs/cgroup/hugetlb" in done.stdout
    assert "cgroup rw,hugetlb" in done.stdout
