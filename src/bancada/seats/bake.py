"""Bake once: a base system from a Debian mirror, prepared by the same roles as any machine, kept as an image."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bancada.inventory import Class, Seat, SeatVariables, own_name
from bancada.providers import Machine, Provider, made_by_us
from bancada.reach import ssh
from bancada.reach.environment import proxies
from bancada.reach.host import available_memory, free_bytes
from bancada.reach.paths import Project, files_below
from bancada.reach.run import CommandFailed, as_root, run
from bancada.roles import of_prepare
from bancada.seats.ansible.playbook import play
from bancada.seats.answering import SSH_SECONDS, wait_until_answering
from bancada.words.errors import BenchError
from bancada.words.progress import Progress

BASE = Path(__file__).parent / "base"
BUILDER = own_name("builder")
# What Ansible and sshd need to come in; everything else is a role's business.
PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "udev",
    "openssh-server",
    "python3",
    "python3-apt",
    "sudo",
    "iproute2",
    "ca-certificates",
]
PATIENTLY = '--aptopt=Acquire::Retries "5"'
"""A connection that breaks is tried again after 1, 2, 4… seconds; the machine's own apt keeps the habit."""
_CLOCK = "date; set the clock, or another bancada_mirror if this one is stale; then type the same command again"
_LATER = "wait until the mirror is whole again, or set another bancada_mirror; then type the same command again"
_MIRROR = "see bancada_mirror and bancada_release in the inventory; then type the same command again"
_NETWORK = "see that this computer reaches the mirror (behind a proxy: bancada_proxy); then type the same command again"
MIRROR_TROUBLES = {
    "not valid yet": _CLOCK,
    "is expired": _CLOCK,
    "unexpected size": _LATER,
    "Hash Sum mismatch": _LATER,
    "  407  ": "give the proxy's name and password: bancada_proxy: http://NAME:PASSWORD@HOST:PORT",
    "Failed to fetch": _NETWORK,
    "Unable to fetch": _NETWORK,
    "does not have a Release file": _MIRROR,
    "is not signed": _MIRROR,
}
"""What apt says of a mirror, and the way out; the first that fits counts."""
SNAPSHOTS = "http://snapshot.debian.org/archive"
"""The archive of Debian's past."""
NEEDED_BYTES = 3 * 2**30
SCRATCH_BYTES = 2 * 2**30


def image_tag(project: Project, provider: Provider, seat: Seat) -> str:
    """The image that this seat starts from: named by everything that it is made of."""
    digest = hashlib.sha256(_base_tag(provider, seat).encode())
    digest.update(json.dumps(seat.prepare, sort_keys=True, default=str).encode())
    files = [project.root / "playbooks" / "prepare.yml", BASE / "seal.sh"]
    for role in of_prepare(project.root):
        # Ansible leaves byte code beside a role's modules as it runs them: not part of what a seat is made of.
        files += [file for file in files_below(project.roles / role) if file.suffix not in (".md", ".pyc")]
    for file in sorted(files):
        digest.update(str(file.relative_to(project.root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return f"seat:{seat.variables.bancada_release}-{digest.hexdigest()[:12]}"


def ensure_image(project: Project, cls: Class, provider: Provider, seat: Seat, progress: Progress) -> tuple[str, bool]:
    """The tag of the seat's image, and whether it had to be baked."""
    tag = image_tag(project, provider, seat)
    if provider.has_image(tag):
        return tag, False
    with _one_at_a_time(project, progress):
        if provider.has_image(tag):
            return tag, False
        _bake(project, cls, provider, seat, progress, tag)
    return tag, True


@contextmanager
def _one_at_a_time(project: Project, progress: Progress) -> Iterator[None]:
    """Bakes of one checkout: each has downloaded packages in the same folder, where apt waits for nobody."""
    project.cache.mkdir(parents=True, exist_ok=True)
    with (project.cache / "bake.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("waiting for another bake to end"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bake(project: Project, cls: Class, provider: Provider, seat: Seat, progress: Progress, tag: str) -> None:
    ensure_base(project, provider, seat, progress)
    with builder(project, cls, provider, seat) as machine:
        name = machine.seat
        with progress.step(f"preparing the image {tag} (Docker, tools, locales)") as step, _proxy_explained(seat):
            play(project, cls, ["prepare"], {name: seat.preparation}, on_task=step.say)
        with progress.step("sealing the image"):
            ssh.remote(
                cls.state, name, "sudo sh -s", input=(BASE / "seal.sh").read_text(), timeout=120 * provider.patience
            )
            ssh.close(cls.state, name)
            provider.commit(machine, tag)


def ensure_base(project: Project, provider: Provider, seat: Seat, progress: Progress) -> str:
    """The tag of the bare system: Debian with systemd, sshd and Python, made by mmdebstrap."""
    tag = _base_tag(provider, seat)
    if provider.has_image(tag):
        return tag
    need_room(provider.image_store(), NEEDED_BYTES)
    variables = seat.variables
    cache = shlex.quote(str(apt_cache(project, variables.bancada_release)))
    archives = '"$1"/var/cache/apt/archives'
    with progress.step(f"making the base system, Debian {variables.bancada_release}"), _scratch(project) as scratch:
        archive = scratch / "base.tar"
        argv = [
            "mmdebstrap", "--variant=minbase", "--dpkgopt=force-unsafe-io",
            f"--include={','.join([*PACKAGES, *provider.base.packages])}",
            # Downloaded packages are kept for the next time: mmdebstrap(1), "apt caching".
            "--skip=download/empty", "--skip=essential/unlink", PATIENTLY,
            f"--setup-hook=mkdir -p {archives}; cp -n {cache}/*.deb {archives}/ || true",
            f"--customize-hook=cp -n {archives}/*.deb {cache}/ || true",
            f'--customize-hook=sh {shlex.quote(str(BASE))}/customize.sh "$1"',
            *provider.base.options,
            variables.bancada_release, str(archive),
        ]  # fmt: skip
        argv += _mirrors(variables)
        epoch = [f"SOURCE_DATE_EPOCH={_moment(variables)}"] if variables.bancada_snapshot else []
        with full_disk_explained(provider.image_store()), _mirror_explained():
            # sudo lets no proxy through, neither the class's nor the person's own.
            reached = [f"{name}={value}" for name, value in (proxies(os.environ) | seat.proxy).items()]
            run(as_root(["env", f"TMPDIR={scratch}", *reached, *epoch, *argv]), timeout=3600)
            provider.import_base(archive, tag)
    return tag


@contextmanager
def builder(project: Project, cls: Class, provider: Provider, seat: Seat) -> Iterator[Machine]:
    """A machine from the bare system, to prepare and keep as an image; it is gone afterwards, whatever happens."""

    def clear() -> dict[str, Machine]:
        machines = provider.machines()
        if machine := machines.pop(BUILDER, None):
            ssh.close(cls.state, BUILDER)
            provider.destroy(machine)
        return machines

    machines = clear()
    with full_disk_explained(provider.image_store()):
        try:
            yield start_bare(project, cls, provider, replace(seat, name=BUILDER), machines)
        finally:
            clear()
            # The machine's apt, root there, kept its packages among our files.
            ours = f"{os.geteuid()}:{os.getegid()}"
            run(as_root(["chown", "-R", ours, str(apt_cache(project, seat.variables.bancada_release))]), check=False)


def start_bare(
    project: Project, cls: Class, provider: Provider, seat: Seat, machines: Mapping[str, Machine]
) -> Machine:
    """Start a machine from the bare system and wait until it answers; downloaded packages are shared with it.
    `machines` are all others that exist."""
    key = admin_key(cls, provider)
    cache = apt_cache(project, seat.variables.bancada_release)
    machine = provider.create_bare(seat, _base_tag(provider, seat), key, cache)
    known = {**machines, seat.name: machine}
    ssh.write_config(cls.state, {name: one.address for name, one in known.items() if one.address})
    wait_until_answering(cls.state, provider, [seat.name], SSH_SECONDS * provider.patience)
    return machine


def admin_key(cls: Class, provider: Provider) -> str:
    """The public key that new machines of this class admit us by.

    Raises BenchError where it is lost: machines that exist admit this one only, so a new one would lock us out of them.
    """
    if not cls.state.admin_key.exists() and made_by_us(provider.machines()):
        raise ssh.lost_key(cls.state)
    return ssh.ensure_key(cls.state.admin_key, f"bancada {cls.name}")


def apt_cache(project: Project, release: str) -> Path:
    """Downloaded packages, kept between runs: a class is often baked where the network is slow or gone."""
    cache = project.cache / "apt" / release
    (cache / "partial").mkdir(parents=True, exist_ok=True)
    return cache


def need_room(path: Path, needed: int) -> None:
    free = free_bytes(path)
    if free < needed:
        raise BenchError(
            f"There is no room for an image: {free / 2**30:.1f} GiB free, {needed / 2**30:.0f} GiB needed.",
            where=str(path),
            next=f"df -h {shlex.quote(str(path))}; then make room, for instance with: sudo podman image prune",
        )


@contextmanager
def full_disk_explained(path: Path) -> Iterator[None]:
    """Turn any failure that was caused by a full disk into the sentence that says so."""
    try:
        yield
    except CommandFailed as error:
        text = error.done.stderr + error.done.stdout
        if "No space left on device" in text or "no space left on device" in text:
            raise BenchError(
                "The disk became full half-way; nothing half-made was kept.",
                where=str(path),
                next=f"df -h {shlex.quote(str(path))}; then make room and type the same command again",
            ) from error
        raise


@contextmanager
def _mirror_explained() -> Iterator[None]:
    """Say what apt said, where it is a mirror that gives nothing: mmdebstrap ends with no more than that it failed."""
    try:
        yield
    except CommandFailed as error:
        said = [line.removeprefix("E: ") for line in error.done.stderr.splitlines() if line.startswith("E: ")]
        for words, way in MIRROR_TROUBLES.items():
            if found := next((line for line in said if words in line), ""):
                raise BenchError(f"The base system could not be made: {found}", where="mmdebstrap", next=way) from error
        if said:  # the last one says only that it failed
            raise CommandFailed(error.done, f"mmdebstrap failed: {said[0]}") from error
        raise


@contextmanager
def _proxy_explained(seat: Seat) -> Iterator[None]:
    """A proxy of the shell's gets no machine anything: its address may be one that only this computer knows."""
    try:
        yield
    except BenchError as error:
        if not seat.proxy and any(name.lower() != "no_proxy" for name in proxies(os.environ)):
            way = "set bancada_proxy in the inventory if packages come by a proxy: no machine knows your shell's"
            error.next = f"{error.next}; {way}" if error.next else way
        raise


@contextmanager
def _scratch(project: Project) -> Iterator[Path]:
    """A folder for the system while it is put together: in memory where there is plenty, since dpkg syncs a lot."""
    memory = Path("/dev/shm")
    in_memory = (
        memory.is_dir() and shutil.disk_usage(memory).free > SCRATCH_BYTES and available_memory() > 2 * SCRATCH_BYTES
    )
    parent = memory if in_memory else project.cache
    parent.mkdir(parents=True, exist_ok=True)
    need_room(parent, SCRATCH_BYTES)
    folder = Path(tempfile.mkdtemp(prefix="bancada-", dir=parent))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        run(as_root(["rm", "-rf", "--one-file-system", str(folder)]), check=False, timeout=120)


def _mirrors(variables: SeatVariables) -> list[str]:
    """Where packages come from, as mmdebstrap(1) takes it: empty for Debian's own mirror with its security updates."""
    if not variables.bancada_snapshot:
        return [variables.bancada_mirror] if variables.bancada_mirror else []
    archive, release = variables.bancada_mirror or SNAPSHOTS, variables.bancada_release
    return [
        f"deb [check-valid-until=no] {archive}/{name}/{variables.bancada_snapshot} {suite} main"
        for name, suite in (("debian", release), ("debian-security", f"{release}-security"))
    ]


def _moment(variables: SeatVariables) -> int:
    """The snapshot's moment in seconds since 1970, as SOURCE_DATE_EPOCH says it: no file is younger."""
    moment = datetime.strptime(variables.bancada_snapshot, "%Y%m%dT%H%M%SZ")
    return int(moment.replace(tzinfo=UTC).timestamp())


def _base_tag(provider: Provider, seat: Seat) -> str:
    variables = seat.variables
    made_of = [
        variables.bancada_mirror,
        variables.bancada_snapshot,
        PATIENTLY,
        *PACKAGES,
        (BASE / "customize.sh").read_text(),
    ]
    made_of += [*provider.base.packages, *provider.base.made_of]
    digest = hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:12]
    return f"base:{variables.bancada_release}-{digest}"
