"""Machines that exist already: a lab's computer is adopted, taught on, and given back as it was.

The computer is a bare container of another class: Debian with systemd, sshd and a person's account, nothing of ours.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from artifacts import keeping
from conftest import AS_ROOT, ROOT, Bancada, made, make_class, wait_for

from bancada.prove.proving import differences

pytestmark = pytest.mark.whole

HOSTS = """all:
  hosts:
    pc-01:
      ansible_host: 127.0.0.1
      ansible_port: {port}
      ansible_user: instrutor
      ansible_ssh_private_key_file: {key}
"""
VARIABLES = "bancada_class: {name}\nbancada_course: three\nbancada_language: en\nbancada_provider: existing\n"
# Fewer tools than a class has, which install in half the time.
ROLES = (
    "docker_daemon_options: {max-concurrent-downloads: 2}\n"
    "student_packages: [bubblewrap, busybox-static, iproute2, iputils-ping, man-db, psmisc, strace, util-linux]\n"
)
# What a person has there: an account that may become root, one that may not, and settings that our roles change.
OWNED = """
loginctl terminate-user bancada || true
userdel --force --remove bancada 2>/dev/null || true
rm /etc/sudoers.d/bancada
for user in instrutor visita; do
  useradd --create-home --shell /bin/bash $user
  install -d -o $user -m 700 /home/$user/.ssh
  echo '{key}' >/home/$user/.ssh/authorized_keys
done
echo 'instrutor ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/instrutor
mkdir /etc/docker
echo '{{ "debug":false }}' >/etc/docker/daemon.json
echo 'Welcome to the lab.' >/etc/motd
"""
# What its owner does between an `up` that was killed and the next one: nothing of it is ours.
OWNERS = """
cp --archive /etc/subuid- /etc/subgid- /var/tmp
mkdir /srv/thesis
echo 'Chapter 1' >/srv/thesis/one.tex
useradd --create-home maria
echo mine >~maria/notes
echo 'own = 1' >/etc/owner.conf
mkdir -p /run/tools/DEBIAN
cd /run/tools/DEBIAN
printf 'Package: thesis-tools\\nVersion: 1\\nArchitecture: all\\nMaintainer: m\\nDescription: d\\n' >control
dpkg-deb --build /run/tools /run/tools.deb
dpkg --install /run/tools.deb
apt-mark auto thesis-tools
"""
WORKS = "setsid setpriv --reuid maria --clear-groups sleep 100001 >/dev/null 2>&1 </dev/null &"
STANDS = """
cat /srv/thesis/one.tex ~maria/notes /etc/owner.conf
dpkg-query --show --showformat '${Status}\\n' thesis-tools
ps -u maria -o args=
"""
LISTS = "passwd- shadow- group- gshadow-"
GOES = f"""
cd /etc
cp --archive {LISTS} /run
kill $(ps -u maria -o pid=)
while ps -u maria -o pid=; do sleep 0.1; done
dpkg --purge thesis-tools
userdel --remove maria
rm -r /srv/thesis /etc/owner.conf
cd /run
cp --archive {LISTS} /var/tmp/sub?id- /etc
"""
# All files but for logs and caches, with rights, owners and content; packages, accounts, units and a kernel's setting.
LOOK = """
import hashlib, json, os, subprocess
from pathlib import Path
CACHES = "/proc /sys /dev /run /tmp /var/tmp /var/log /var/cache /var/lib/apt /var/lib/dpkg".split()
files = {}
for top, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(top, name) not in CACHES]
    for path in (os.path.join(top, name) for name in (*folders, *names)):
        if path == "/etc/hosts":
            continue  # Podman writes it at each start
        found = os.lstat(path)
        content = os.readlink(path) if os.path.islink(path) else ""
        if os.path.isfile(path) and not content:
            content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        files[path] = [oct(found.st_mode), found.st_uid, found.st_gid, content]
def said(*argv):
    return dict.fromkeys(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines(), "")
units = "systemctl list-units --state=active,failed --plain --no-legend | grep -v ' exited '"
# The owner's own session ends when logind likes.
units += " | awk '{print $1, $3}' | grep -Ev '^(user|session|run-user-1000)'"
print(json.dumps({
    "files": files, "packages": said("dpkg-query", "-W", "-f", "${binary:Package} ${Version} ${Status}\\n"),
    "by hand": said("apt-mark", "showmanual"), "units": said("sh", "-c", units),
    "ping": Path("/proc/sys/net/ipv4/ping_group_range").read_text(),
}))
"""


@dataclass(frozen=True)
class Computer:
    bancada: Bancada
    """The class that it is a container of."""
    container: str
    port: int
    key: Path

    def run(self, *words: str, input: str = "") -> str:
        argv = [*AS_ROOT, "podman", "exec", "-i", self.container, *words]
        return subprocess.run(argv, input=input, capture_output=True, text=True, check=True).stdout

    def look(self) -> Any:
        return json.loads(self.run("python3", "-", input=LOOK))


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    folder = tmp_path_factory.mktemp("lab")
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    with made(folder, f"lab{os.getpid()}") as lab:
        done = lab("up", "seat-01", "--bare", timeout=1800)
        assert done.returncode == 0, done.stderr
        container = lab.container("seat-01")
        published = subprocess.check_output([*AS_ROOT, "podman", "port", container, "22"], text=True)
        computer = Computer(lab, container, int(published.strip().rpartition(":")[2]), key)
        computer.run("sh", "-e", input=OWNED.format(key=key.with_suffix(".pub").read_text().strip()))
        yield computer


def class_of(folder: Path, computer: Computer, name: str) -> Bancada:
    bancada = make_class(folder, name)
    (folder / "inventory" / "hosts.yml").write_text(HOSTS.format(port=computer.port, key=computer.key))
    (folder / "inventory" / "group_vars" / "all.yml").write_text(VARIABLES.format(name=name))
    return bancada


@pytest.fixture
def other(tmp_path: Path, computer: Computer) -> Iterator[Bancada]:
    """A class that has not adopted the computer, and is not to come that far."""
    bancada = class_of(tmp_path, computer, "other")
    yield bancada
    bancada.forget()


@dataclass(frozen=True)
class Adopted:
    bancada: Bancada
    computer: Computer
    before: Any
    """What the computer was like before we came."""


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory, computer: Computer) -> Iterator[Adopted]:
    """The computer as a seat; its first `up` was killed while it was prepared, the second went on.

    In between its owner was at work there, as soon as what was begun had ended and the machine had noted it by itself.
    """
    bancada = class_of(tmp_path_factory.mktemp("class"), computer, f"ex{os.getpid()}")
    variables = bancada.inventory / "group_vars" / "all.yml"
    variables.write_text(variables.read_text() + ROLES)
    before = computer.look()
    with bancada.standing():
        running = bancada.start("up")
        wait_for(lambda: "strace" in computer.run("find", "/usr/bin", "-name", "strace"), 300)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        wait_for(lambda: "open.json" not in computer.run("ls", "/var/lib/bancada/lent").split(), 300)
        computer.run("sh", "-e", input=OWNERS)
        hosts = bancada.inventory / "hosts.yml"
        hosts.write_text(
            hosts.read_text() + "    pc-02: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: nobody}\n"
        )
        done = bancada("up", "--all")
        assert done.returncode == 3, done.stderr
        assert "pc-01" in done.stdout and "3 exercises staged" in done.stdout, done.stdout + done.stderr
        assert "nobody@127.0.0.1 port 1 cannot be reached" in done.stdout
        assert "next:  ./bancada up pc-02" in done.stderr and "./bancada up pc-01" not in done.stderr
        yield Adopted(bancada, computer, before)
        if not (bancada.seats.failed and keeping()):
            done = bancada("down", "--all", "--yes")
            assert done.returncode == 0, done.stderr


def edit(bancada: Bancada, old: str, new: str) -> None:
    hosts = bancada.inventory / "hosts.yml"
    assert old in hosts.read_text()
    hosts.write_text(hosts.read_text().replace(old, new))


def refused(bancada: Bancada, *sentences: str, code: int = 3) -> None:
    done = bancada("up", timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    assert all(sentence in done.stderr for sentence in sentences), done.stderr
    if code == 3:
        assert "./bancada up pc-01" in done.stderr
        assert json.loads(bancada("status", "--json").stdout)["seats"][0]["machine"] == "absent"


def test_wrong_port(other: Bancada, computer: Computer) -> None:
    edit(other, f"ansible_port: {computer.port}", "ansible_port: 1")
    refused(other, "instrutor@127.0.0.1 port 1 cannot be reached:", "ansible_host, ansible_port")


def test_wrong_key(other: Bancada, computer: Computer, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "wrong")], check=True)
    edit(other, f"file: {computer.key}", f"file: {tmp_path}/wrong")
    refused(other, f"instrutor@127.0.0.1 port {computer.port} does not let us in with {tmp_path}/wrong.")


def test_absent_key(other: Bancada, computer: Computer) -> None:
    edit(other, f"file: {computer.key}", "file: ~/no-such-key")
    refused(other, "There is no key", "ansible_ssh_private_key_file in the inventory")


def test_no_sudo(other: Bancada) -> None:
    edit(other, "ansible_user: instrutor", "ansible_user: visita")
    refused(other, "may not become root: sudo asks for a password.", "NOPASSWD")


def test_host_key_that_the_inventory_does_not_name(other: Bancada, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "host")], check=True)
    key = " ".join((tmp_path / "host.pub").read_text().split()[:2])
    edit(other, "ansible_user:", f"bancada_host_key: {key}\n      ansible_user:")
    refused(other, "shows another host key than the one that is known, so it is not entered.")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("ansible_user: instrutor", "# whose machine?", "The inventory does not say ansible_user of pc-01"),
        (
            "ansible_user: instrutor",
            "ansible_user: a\n      ansible_password: b",
            "ansible_password of pc-01 is of no use",
        ),
        ("ansible_user: instrutor", "ansible_user: '{{ me }}'", "has to be the value itself, not a template"),
    ],
)
def test_inventory_that_says_too_little_or_too_much(other: Bancada, old: str, new: str, sentence: str) -> None:
    edit(other, old, new)
    refused(other, sentence, code=2)


@pytest.mark.parametrize(
    ("program", "sentence"), [("apt-get", "it has no apt-get, or no systemd"), ("python3", "has no python3.")]
)
def test_machine_that_cannot_be_prepared(other: Bancada, computer: Computer, program: str, sentence: str) -> None:
    computer.run("mv", f"/usr/bin/{program}", "/usr/bin/away")
    try:
        refused(other, sentence)
    finally:
        computer.run("mv", "/usr/bin/away", f"/usr/bin/{program}")


def test_two_seats_on_one_machine(other: Bancada, computer: Computer) -> None:
    edit(
        other,
        "    pc-01:",
        f"    pc-02: {{ansible_host: 127.0.0.1, ansible_port: {computer.port}, ansible_user: a}}\n    pc-01:",
    )
    done = other("up", "--all")
    assert done.returncode == 3 and "are the same machine" in done.stderr, done.stderr


def test_account_of_somebody_else_is_not_taken_over(other: Bancada, computer: Computer) -> None:
    computer.run("useradd", "student")
    try:
        refused(other, "the machine has an account student already, which Bancada would change")
    finally:
        computer.run("userdel", "student")


def test_no_image_is_made_of_it(other: Bancada) -> None:
    for words in (["up", "--bare"], ["prove", "-e", "namespaces/uts"]):
        done = other(*words)
        assert done.returncode in (2, 3), words
        assert "Machines that exist already" in done.stderr, (words, done.stderr)


def test_second_up_has_nothing_to_do(adopted: Adopted) -> None:
    done = adopted.bancada("up", "pc-01")
    assert done.returncode == 0 and "nothing to do" in done.stdout, done.stdout + done.stderr


def test_solve_and_check(adopted: Adopted) -> None:
    assert adopted.bancada("check", "pc-01", "-e", "namespaces/uts").returncode == 1
    done = adopted.bancada("solve", "pc-01", "-e", "namespaces/uts")
    assert done.returncode == 0, done.stdout + done.stderr
    assert adopted.bancada("check", "pc-01", "-e", "namespaces/uts").returncode == 0


def test_another_class_is_refused(adopted: Adopted, other: Bancada) -> None:
    refused(other, "the machine is a seat of another class of Bancada already")


def test_host_key_that_changed_since(adopted: Adopted) -> None:
    bancada, computer = adopted.bancada, adopted.computer
    key = "/etc/ssh/ssh_host_ed25519_key"
    computer.run(
        "sh", "-e", input=f"mv {key} /run/kept; mv {key}.pub /run/kept.pub; ssh-keygen -q -t ed25519 -N '' -f {key}"
    )
    try:
        computer.run("systemctl", "restart", "ssh")
        subprocess.run(["ssh", "-F", bancada.class_state / "ssh_config", "-O", "exit", "pc-01"], check=False)
        for words in (["up", "pc-01"], ["stage", "pc-01"], ["down", "pc-01", "--yes"]):
            done = bancada(*words, timeout=60)
            assert done.returncode == 3, words
            assert "Host key verification failed" in done.stderr or "shows another host key" in done.stderr, done.stderr
    finally:
        computer.run("sh", "-e", input=f"mv /run/kept {key}; mv /run/kept.pub {key}.pub; systemctl restart ssh")
    assert bancada("up", "pc-01").returncode == 0


def test_reboot_is_waited_for(adopted: Adopted) -> None:
    """`prove` reboots a seat for exercises that survive it. A container that reboots ends, so the test starts it."""
    podman = [*AS_ROOT, "podman"]

    def start_again() -> None:
        subprocess.run([*podman, "wait", adopted.computer.container], check=True, capture_output=True, timeout=60)
        subprocess.run([*podman, "start", adopted.computer.container], check=True, capture_output=True)

    code = (
        "from bancada.cli.common import open_bench; bench = open_bench(); bench.running(['pc-01'])\n"
        "bench.provider.restart(bench.provider.machines()['pc-01']); print('back')"
    )
    helper = threading.Thread(target=start_again)
    helper.start()
    env = {**adopted.bancada.env(), "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-c", code], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    helper.join()
    assert done.stdout == "back\n", done.stderr


def test_down_gives_the_computer_back_as_it_was(adopted: Adopted) -> None:
    """Also what a person changed meanwhile stays, and is named."""
    bancada, computer = adopted.bancada, adopted.computer
    bancada("ssh", "pc-01", "setsid sleep 1000 >/dev/null 2>&1 </dev/null & sudo touch /etc/by-hand")
    computer.run("sh", "-c", "echo 'Closed on Friday.' >/etc/motd")
    computer.run("sh", "-e", input=WORKS)
    asked = bancada.answer(["down", "pc-01"], "n\n")
    assert asked.returncode == 130 and "Nothing was done." in asked.stderr, asked.stderr
    for taken in (" packages, ", "the account bancada, the account student", "/home/student"):
        assert taken in asked.stderr and f"Class {bancada.name}: give back pc-01?" in asked.stderr, asked.stderr
    assert "maria" not in asked.stderr and "thesis" not in asked.stderr, asked.stderr
    done = bancada("down", "pc-01", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Given back: pc-01." in done.stdout
    assert "/etc/motd was changed by somebody else after us, so it stays." in done.stderr
    assert computer.run("cat", "/etc/motd") == "Closed on Friday.\n"
    stands = ["Chapter 1", "mine", "own = 1", "install ok installed", "sleep 100001"]
    assert computer.run("sh", "-e", input=STANDS).splitlines() == stands
    computer.run("sh", "-e", input="echo 'Welcome to the lab.' >/etc/motd; rm /etc/by-hand" + GOES)
    assert differences(adopted.before, computer.look()) == []
    assert "Nothing to do" in bancada("down", "--all", "--yes").stdout
