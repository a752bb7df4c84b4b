"""Seats as virtual machines, as far as minutes go: the Vagrantfile, bad input, and one machine that is booted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import AS_ROOT, ROOT, Bancada, make_class, wait_for

from bancada.providers.vagrant import boot
from bancada.providers.vagrant.provider import PACKAGES
from bancada.reach.host import which

pytestmark = pytest.mark.vm

SYSTEM = [*AS_ROOT, "virsh", "--connect", "qemu:///system"]
FOREIGN = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64'>hvm</type></os></domain>"""


@pytest.fixture(scope="session")
def libvirt() -> Iterator[None]:
    """libvirt's daemon, as a computer with systemd has it; started here where there is none."""
    started = []
    if subprocess.run([*SYSTEM, "uri"], capture_output=True, check=False).returncode:
        for daemon in ("virtlogd", "libvirtd"):
            started.append(subprocess.Popen([*AS_ROOT, f"/usr/sbin/{daemon}"], stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 30
        while subprocess.run([*SYSTEM, "uri"], capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, "libvirtd did not start"
            time.sleep(0.2)
    yield
    for process in reversed(started):
        process.terminate()
        process.wait()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Bancada]:
    """A class of virtual machines, gone afterwards."""
    if missing := [program for program in PACKAGES if which(program) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}; ./bancada doctor says how to get it")
    made = make_class(tmp_path, f"vm{os.getpid()}-{time.time_ns() % 10**6}")
    vary(made, "bancada_provider: podman", "bancada_provider: vagrant\nbancada_memory: 1g")
    (ROOT / ".bancada" / "cache").mkdir(parents=True, exist_ok=True)
    (made.state).mkdir()
    (made.state / "cache").symlink_to(ROOT / ".bancada" / "cache")  # downloaded packages, and what was found out
    inventory, environment = shutil.copytree(made.inventory, tmp_path / "as-made"), dict(made.environment)
    yield made
    if made.class_state.exists():  # what a test broke of these is no reason to leave machines
        made.environment = environment
        shutil.rmtree(made.inventory, ignore_errors=True)
        shutil.copytree(inventory, made.inventory)
        done = made("down", "--all", "--yes")
        assert done.returncode == 0, done.stderr
    made.forget()


def vary(lab: Bancada, old: str, new: str) -> None:
    path = lab.inventory / "group_vars" / "all.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def vagrant(
    lab: Bancada, *words: str, timeout: float = 120, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Vagrant, typed by hand in the project's folder, or for it in another one."""
    environment = {**lab.env(), "VAGRANT_DOTFILE_PATH": str(lab.class_state / "vagrant" / "dotfile")}
    if folder != ROOT:
        environment["VAGRANT_CWD"] = str(ROOT)
    return subprocess.run(
        ["vagrant", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def domains() -> set[str]:
    done = subprocess.run([*SYSTEM, "list", "--all", "--name"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def volumes() -> set[str]:
    """The disks in libvirt's own pool."""
    done = subprocess.run([*SYSTEM, "vol-list", "default"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines() if line.strip()}


# The Vagrantfile


def test_each_seat_of_the_inventory_is_a_machine(lab: Bancada, libvirt: None) -> None:
    done = vagrant(lab, "status", "--machine-readable")
    assert done.returncode == 0, done.stderr
    states = [line.split(",")[1:4] for line in done.stdout.splitlines()]
    assert [s for s in states if s[1] == "state"] == [
        ["seat-01", "state", "not_created"],
        ["seat-02", "state", "not_created"],
    ]


def test_class_is_the_inventorys_wherever_vagrant_is_typed(
    lab: Bancada, libvirt: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("bancada_memory: {no: number}\n")
    for name, value in {"ANSIBLE_INVENTORY_ENABLED": "ini", "LC_ALL": "pt_BR.UTF-8", "PYTHONHOME": "/gone"}.items():
        monkeypatch.setenv(name, value)
    done = vagrant(lab, "status", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seat-01" in done.stdout and "seat-02" in done.stdout


@pytest.mark.parametrize(
    ("hosts", "says"),
    [
        ("all: [", "The inventory cannot be read. YAML parsing failed"),
        ("all: {hosts: {}}", "The inventory has no host, so the class has no seat."),
        (None, "The inventory cannot be read."),
    ],
)
def test_vagrant_by_hand_refuses_an_inventory_that_is_none(lab: Bancada, hosts: str | None, says: str) -> None:
    file = lab.inventory / "hosts.yml"
    if hosts is None:
        shutil.rmtree(lab.inventory)
    else:
        file.write_text(hosts)
    done = vagrant(lab, "status")
    assert done.returncode == 1
    assert done.stderr.startswith(says) and str(lab.inventory) in done.stderr and "next:" in done.stderr
    assert ".rb:" not in done.stderr  # no traceback of Ruby's


def test_vagrant_by_hand_says_how_to_get_a_box(lab: Bancada, libvirt: None) -> None:
    done = vagrant(lab, "up", "seat-01")
    assert done.returncode == 1
    assert "seat-01 has no box yet." in done.stderr
    assert "next:  ./bancada up seat-01 --provider vagrant" in done.stderr


# Bad input


def test_a_computer_without_vagrant_is_told_what_to_install(lab: Bancada, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in ("/usr/bin", "/bin", "/usr/local/bin"):
        for file in Path(folder).iterdir():
            if file.name != "vagrant" and not (programs / file.name).exists():
                (programs / file.name).symlink_to(file)
    lab.environment["PATH"] = str(programs)
    done = lab("up", "seat-01")
    assert done.returncode == 3
    assert "vagrant cannot run here: vagrant not installed." in done.stderr
    assert "next:  sudo apt-get install vagrant" in done.stderr


def test_a_dead_libvirt_is_told_and_how_to_wake_it(lab: Bancada) -> None:
    hidden = 'mount -t tmpfs none /run/libvirt && exec "$@"'
    argv = [*AS_ROOT, "unshare", "--mount", "sh", "-c", f"mkdir -p /run/libvirt && {hidden}", "sh", "./bancada", "up"]
    done = subprocess.run(argv, cwd=ROOT, env=lab.env(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    assert "libvirt's daemon is not running." in done.stderr
    assert "next:  sudo systemctl start libvirtd" in done.stderr


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ("bancada_box: nobody/none\nbancada_box_url: file:///nowhere/none.box", "The box could not be had."),
        (
            f"bancada_box: some/box\nbancada_box_url: file://{{box}}\nbancada_box_checksum: sha256:{'0' * 64}",
            "The box is not the one that was expected: its checksum is wrong.",
        ),
    ],
)
def test_a_box_that_cannot_be_had_is_told(
    lab: Bancada, libvirt: None, tmp_path: Path, variables: str, says: str
) -> None:
    (tmp_path / "some.box").write_bytes(b"not a box")
    vary(lab, "bancada_language: en", "bancada_language: en\n" + variables.format(box=tmp_path / "some.box"))
    done = lab("up", "seat-01")
    assert done.returncode == 3
    assert says in done.stderr
    assert not [name for name in domains() if lab.name in name]


def test_somebody_elses_machine_of_that_name_is_left_alone(lab: Bancada, libvirt: None, tmp_path: Path) -> None:
    name = f"bancada-{lab.name}-seat-01"
    (tmp_path / "domain.xml").write_text(FOREIGN.format(name=name))
    subprocess.run([*SYSTEM, "define", str(tmp_path / "domain.xml")], check=True, capture_output=True)
    try:
        done = lab("up", "seat-01")
        assert done.returncode == 3 and "this class did not make it" in done.stderr
        done = lab("down", "--all", "--yes")
        assert "was not made by this class" in done.stderr
        assert name in domains()
    finally:
        subprocess.run([*SYSTEM, "undefine", name], check=True, capture_output=True)


# Whether a machine boots


def test_it_is_a_booted_kernel_that_says_whether_machines_boot_here(tmp_path: Path) -> None:
    kernel = ROOT / ".bancada" / "cache" / "vm-kernel"
    if kernel.exists():
        shutil.copy(kernel, tmp_path)  # fetched once
    found = boot.probe(tmp_path)
    assert found.driver is not None, found.says
    started = time.monotonic()
    assert boot.probe(tmp_path) == found
    assert time.monotonic() - started < 2  # remembered: nothing is booted again
    kept = json.loads((tmp_path / "vm-boot.json").read_text())
    (tmp_path / "vm-boot.json").write_text(json.dumps({**kept, "computer": ["another"], "driver": "none"}))
    (tmp_path / "vm-kernel").write_bytes(b"no kernel at all")
    if not sorted(Path("/boot").glob("vmlinuz-*")):
        assert boot.probe(tmp_path).driver is None  # asked anew on another computer, and this one boots nothing


def take_card(name: str) -> None:
    card = [*SYSTEM, "detach-interface", name, "network", "--config"]
    subprocess.run(card, check=False, capture_output=True)
    left = subprocess.run([*SYSTEM, "domiflist", name], capture_output=True, text=True, check=True)
    assert "network" not in left.stdout


def vagrants_of(lab: Bancada) -> list[str]:
    """The processes that are, or watch over, Vagrant at work for this class."""
    told = f"VAGRANT_DOTFILE_PATH={lab.class_state / 'vagrant' / 'dotfile'}".encode()
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or somebody else's
            if told in file.read_bytes().split(b"\0"):
                found.append(file.parent.name)
    return found


def test_one_machine_lives(lab: Bancada, libvirt: None) -> None:
    name = f"bancada-{lab.name}-seat-01"
    killed = lab.start("up", "seat-01", "--bare")
    wait_for(lambda: killed.poll() is not None or name in domains(), 1200)
    # As if the computer lost its power: Vagrant has 5 s to end in peace otherwise, and goes on meanwhile.
    makers = vagrants_of(lab)
    subprocess.run([*AS_ROOT, "kill", "-STOP", *makers], check=False)
    os.killpg(killed.pid, signal.SIGKILL)
    subprocess.run([*AS_ROOT, "kill", "-KILL", *makers], check=False)
    _, said = killed.communicate()
    assert makers and killed.returncode == -signal.SIGKILL, said
    wait_for(lambda: not vagrants_of(lab), 30)
    # The worst moment of all, made certain: the machine is there, and Vagrant has not written down its number yet.
    subprocess.run([*SYSTEM, "destroy", name], check=False, capture_output=True)
    take_card(name)
    (lab.class_state / "vagrant" / "dotfile" / "machines" / "seat-01" / "libvirt" / "id").unlink(missing_ok=True)

    done = lab("up", "seat-01", "--bare", timeout=1800)
    assert done.returncode == 0, done.stderr
    assert "seat-01" in done.stdout
    done = lab("ssh", "--admin", "seat-01", "uname", "-r")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != os.uname().release  # its kernel is its own
    by_hand = vagrant(lab, "ssh", "seat-01", "--command", "id --user --name; cat /proc/1/comm")
    assert by_hand.stdout.split() == ["vagrant", "systemd"]

    subprocess.run([*SYSTEM, "destroy", name], check=True, capture_output=True)  # as if its plug was pulled
    done = lab("ssh", "seat-01", "true")
    assert done.returncode == 3 and "seat-01 is not up." in done.stderr
    # As if its making was killed, when nobody had been in yet: Vagrant gives a machine its card last, and never again.
    take_card(name)
    record = lab.class_state / "vagrant" / "seat-01.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "address": None}))
    done = lab("up", "seat-01", "--bare", timeout=1800)
    assert done.returncode == 0, done.stderr

    subprocess.run([*SYSTEM, "destroy", name], check=True, capture_output=True)
    subprocess.run([*SYSTEM, "undefine", name], check=True, capture_output=True)  # and now it is gone; its disk is not
    done = lab("up", "seat-01", "--bare", timeout=1800)
    assert done.returncode == 0, done.stderr
    assert lab("ssh", "--admin", "seat-01", "true").returncode == 0
    assert lab("down", "seat-01", "--yes").returncode == 0
    assert name not in domains() and f"{name}.img" not in volumes()


def test_a_machine_that_never_answers_shows_its_consoles_last_words(lab: Bancada, libvirt: None) -> None:
    vary(lab, "bancada_memory: 1g", "bancada_memory: 1g\nbancada_boot_seconds: 10")
    name = f"bancada-{lab.name}-seat-01"

    def unplug() -> None:
        """Pull its network cable as soon as it has an address: before sshd answers, however fast this computer is."""
        asked = [*SYSTEM, "domifaddr", name]
        wait_for(lambda: "ipv4" in subprocess.run(asked, capture_output=True, text=True, check=False).stdout, 1200)
        card = subprocess.check_output(asked, text=True).splitlines()[2].split()[0]
        subprocess.run([*SYSTEM, "domif-setlink", name, card, "down"], check=True, capture_output=True)

    with ThreadPoolExecutor() as pool:
        unplugged = pool.submit(unplug)
        done = lab("up", "seat-01", "--bare", timeout=1800)
        unplugged.result()
    assert done.returncode == 3
    assert "seat-01: The machine did not come up to SSH in time. Its console's last words: " in done.stderr
    assert "next:  less " in done.stderr
    assert name not in domains() and f"{name}.img" not in volumes()  # what is half made is not kept


def test_no_room_for_a_box(lab: Bancada, libvirt: None, tmp_path: Path) -> None:
    if AS_ROOT:
        pytest.skip("needs root: mounts a small file system")
    store = tmp_path / "vagrant"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(store)], check=True)
    try:
        lab.environment["VAGRANT_HOME"] = str(store)
        done = lab("up", "seat-01")
    finally:
        subprocess.run(["umount", "--lazy", str(store)], check=True)
    assert done.returncode == 3
    assert "There is no room for an image: 0.1 GiB free, 3 GiB needed." in done.stderr
    assert f"where: {store}" in done.stderr
