"""OpenSSH, multiplexed: the one way into a seat, for Ansible, testinfra, the evidence, and the student alike.

One file, `ssh_config`, says how. In it `seat-01` comes in as the administrator and `student.seat-01` as the student.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.child import Expired
from bancada.reach.paths import ClassState, files_below, write_whole
from bancada.reach.run import OUTPUT, CommandFailed, Completed, run
from bancada.words.errors import BenchError, Late, Lost, Refused

ADMIN = "bancada"
STUDENT = "student"
OPTIONS = """\
  IdentitiesOnly yes
  PasswordAuthentication no
  StrictHostKeyChecking yes
  UserKnownHostsFile "{known_hosts}"
  HostKeyAlias {seat}
  LogLevel ERROR
  ConnectTimeout 10
  ServerAliveInterval 15
  ControlMaster auto
  ControlPath "{sockets}/%C"
  ControlPersist 60
"""
OWN_255 = "bancada: the command itself ended with 255"
"""What a seat says beside an exit code that is otherwise ssh's own word for a connection that failed."""
REMOTE = f"( {{command}}\n); code=$?; [ $code -ne 255 ] || echo {shlex.quote(OWN_255)} >&2; exit $code"


@dataclass(frozen=True)
class Address:
    """How to reach a seat. `host_key` is its public key, as in known_hosts: type and base64."""

    host: str
    port: int
    host_key: str


@dataclass(frozen=True)
class KeyPair:
    private: str
    public: str


def new_key(comment: str, place: Path) -> KeyPair:
    """A fresh ed25519 key pair; `place` is a folder of ours, where a kill would leave it."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        path = Path(folder) / "key"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])
        return KeyPair(path.read_text(), path.with_suffix(".pub").read_text().strip())


def ensure_key(path: Path, comment: str) -> str:
    """The public half of the key at this path; the pair is made where there is none. Never overwrites one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pair = new_key(comment, path.parent)
        path.with_suffix(".pub").write_text(pair.public + "\n")
        write_whole(path, pair.private, mode=0o600)
    try:
        return run(["ssh-keygen", "-y", "-P", "", "-f", str(path)]).stdout.strip()
    except CommandFailed as error:
        raise Lost(
            f"This key is damaged: {error.done.last_words}", where=str(path), next="put a copy of it back"
        ) from error


def quoted(path: Path | str) -> str:
    """A path for ssh_config(5), to stand in double quotes where ssh expands what begins with a per cent sign."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def write_config(state: ClassState, addresses: Mapping[str, Address]) -> None:
    """Write known_hosts and ssh_config for all reachable seats of the class: for who holds the class's lock."""
    _replace(state.known_hosts, "".join(_known_host(seat, addresses[seat]) for seat in sorted(addresses)))
    blocks = [_block(state, seat, addresses[seat]) for seat in sorted(addresses)]
    _replace(state.ssh_config, "# Written by bancada; changes are lost.\n" + "\n".join(blocks))


def knows(state: ClassState, addresses: Mapping[str, Address]) -> bool:
    """Whether these seats are entered by what is written already."""
    try:
        config, hosts = (path.read_text(encoding="utf-8") for path in (state.ssh_config, state.known_hosts))
    except (OSError, ValueError):
        return False
    return all(
        _block(state, seat, address) in config and _known_host(seat, address) in hosts
        for seat, address in addresses.items()
    )


def known_key(state: ClassState, seat: str) -> str:
    """The host key of a seat that is written already; empty where there is none."""
    try:
        lines = state.known_hosts.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    return next((line.removeprefix(f"{seat} ") for line in lines if line.startswith(f"{seat} ")), "")


def _known_host(seat: str, address: Address) -> str:
    return f"{seat} {address.host_key}\n"


def _block(state: ClassState, seat: str, address: Address) -> str:
    options = OPTIONS.format(known_hosts=quoted(state.known_hosts), seat=seat, sockets=quoted(state.sockets))
    ways = ((seat, ADMIN, state.admin_key), (f"student.{seat}", STUDENT, state.student_key(seat)))
    return "\n".join(
        f"Host {alias}\n  HostName {address.host}\n  Port {address.port}\n  User {user}\n"
        f'  IdentityFile "{quoted(key)}"\n{options}'
        for alias, user, key in ways
    )


def _replace(path: Path, text: str) -> None:
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, ValueError):
        pass  # not there yet, or damaged
    write_whole(path, text)


def tighten(state: ClassState) -> list[Path]:
    """Take from others the right to read our keys, without which ssh refuses them: those that cannot be mended."""
    loose = []
    for key in loose_keys(state):
        try:
            key.chmod(0o600)
        except OSError:
            loose.append(key)
    return loose


def loose_keys(state: ClassState) -> list[Path]:
    """The private keys that others may read: a copy from a USB stick most often."""
    loose = []
    for path in files_below(state.admin_key.parent, everything=True):
        with suppress(FileNotFoundError):  # one that is just being made
            if path.suffix != ".pub" and path.stat().st_mode & 0o077:
                loose.append(path)
    return loose


def argv(state: ClassState, alias: str, *command: str) -> list[str]:
    return ["ssh", "-F", str(state.ssh_config), alias, *command]


def remote(
    state: ClassState,
    alias: str,
    command: str,
    *,
    input: str | bytes | None = None,
    timeout: float = 60,
    check: bool = True,
    limit: int = OUTPUT,
) -> Completed:
    """Run one shell command on a seat. Raises BenchError where the seat cannot be reached, does not end it in time or
    says more than `limit` bytes; with `check` also where the command fails."""
    if not state.admin_key.exists():
        raise lost_key(state)
    try:
        done = run(
            argv(state, alias, REMOTE.format(command=command)), input=input, timeout=timeout, check=False, limit=limit
        )
    except CommandFailed as error:
        kind = Late if isinstance(error.__cause__, Expired) else BenchError
        raise kind(
            f"{alias} was asked in vain: {error.done.last_words}.", where=command[:200], next=_again(alias)
        ) from error
    if done.code == 255:
        if OWN_255 not in done.stderr:
            reason = Refused if "Permission denied" in done.stderr else BenchError
            raise lasting(state, alias, done) or reason(
                f"{alias} cannot be reached over SSH: {done.last_words}",
                where=str(state.ssh_config),
                next=_again(alias),
            )
        done = Completed(done.argv, done.code, done.stdout, done.stderr.replace(f"{OWN_255}\n", ""))
    if check and not done.ok:
        raise Refused(f"On {alias} a command failed: {done.last_words}", where=command[:200], next=_again(alias))
    return done


def _again(alias: str) -> str:
    return f"./bancada up {alias.removeprefix('student.')}"


def lasting(state: ClassState, alias: str, done: Completed) -> BenchError | None:
    """Why ssh did not get in, where that is no matter of time."""
    said = done.stderr
    if "Host key verification failed" in said:
        return changed_host_key(alias)
    if "terminating, " in said and "configuration option" in said:
        return BenchError(
            f"OpenSSH refuses the class's configuration: {said.strip().splitlines()[0]}",
            where=str(state.ssh_config),
            next=f"ssh -G -F {shlex.quote(str(state.ssh_config))} {alias}",
        )
    if "UNPROTECTED PRIVATE KEY FILE" in said or "bad permissions" in said:
        keys = shlex.join(str(key) for key in loose_keys(state)) or shlex.quote(str(state.admin_key))
        return BenchError(
            "Others may read the class's keys, so OpenSSH does not use them.",
            where=str(state.admin_key.parent),
            next=f"chmod 600 {keys}",
        )
    return None


def changed_host_key(who: str) -> BenchError:
    return BenchError(
        f"{who} shows another host key than the one that is known, so it is not entered.",
        where="it was installed anew, or it is another machine that answers",
        next="see on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )


def lost_key(state: ClassState) -> BenchError:
    return Lost(
        "The class's administrator key is lost, so nobody can enter its seats any more.",
        where=str(state.admin_key),
        next="put the key back, or ./bancada down --all && ./bancada up for new seats",
    )


def close(state: ClassState, seat: str) -> None:
    """End the shared connections to a seat, before it goes away or starts anew."""
    if state.ssh_config.exists():
        for alias in (seat, f"student.{seat}"):
            run([*argv(state, alias)[:-1], "-O", "exit", alias], check=False, timeout=10)
