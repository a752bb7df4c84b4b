"""OpenSSH, multiplexed: the one way into a seat, for Ansible, testinfra, the evidence, and the student alike.

One file, `ssh_config`, says how. In it `seat-01` comes in as the administrator and `student.seat-01` as the student.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bancada.errors import BenchError
from bancada.paths import ClassState, write_whole
from bancada.run import CommandFailed, Completed, run

ADMIN = "bancada"
STUDENT = "student"
OPTIONS = """\
  IdentitiesOnly yes
  PasswordAuthentication no
  StrictHostKeyChecking yes
  UserKnownHostsFile {known_hosts}
  HostKeyAlias {seat}
  LogLevel ERROR
  ConnectTimeout 10
  ServerAliveInterval 15
  ControlMaster auto
  ControlPath {sockets}/%C
  ControlPersist 60
"""


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


def new_key(comment: str) -> KeyPair:
    """A fresh ed25519 key pair."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "key"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])
        return KeyPair(path.read_text(), path.with_suffix(".pub").read_text().strip())


def ensure_key(path: Path, comment: str) -> str:
    """The public half of the key at this path; the pair is made where there is none. Never overwrites one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pair = new_key(comment)
        path.with_suffix(".pub").write_text(pair.public + "\n")
        write_whole(path, pair.private, mode=0o600)
    return run(["ssh-keygen", "-y", "-f", str(path)]).stdout.strip()


def write_config(state: ClassState, addresses: dict[str, Address]) -> None:
    """Write known_hosts and ssh_config for all reachable seats of the class."""
    state.sockets.mkdir(mode=0o700, exist_ok=True)
    hosts = "".join(f"{seat} {address.host_key}\n" for seat, address in sorted(addresses.items()))
    blocks = []
    for seat, address in sorted(addresses.items()):
        options = OPTIONS.format(known_hosts=state.known_hosts, seat=seat, sockets=state.sockets)
        for alias, user, key in (
            (seat, ADMIN, state.admin_key),
            (f"student.{seat}", STUDENT, state.student_key(seat)),
        ):
            blocks.append(
                f"Host {alias}\n  HostName {address.host}\n  Port {address.port}\n  User {user}\n"
                f"  IdentityFile {key}\n{options}"
            )
    _replace(state.known_hosts, hosts)
    _replace(state.ssh_config, "# Written by bancada; changes are lost.\n" + "\n".join(blocks))


def _replace(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    write_whole(path, text)


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
) -> Completed:
    """Run one shell command on a seat. Raises BenchError where the seat cannot be reached (exit code 255 of ssh)."""
    if not state.admin_key.exists():
        raise lost_key(state)
    done = run(argv(state, alias, command), input=input, timeout=timeout, check=False)
    if done.code == 255:
        if "Host key verification failed" in done.stderr:
            raise changed_host_key(alias)
        raise BenchError(
            f"{alias} cannot be reached over SSH: {done.last_words}", where=str(state.ssh_config), next="./bancada up"
        )
    if check and not done.ok:
        raise BenchError(f"On {alias} a command failed: {done.last_words}", where=command[:200], next="./bancada up")
    return done


def changed_host_key(who: str) -> BenchError:
    return BenchError(
        f"{who} shows another host key than the one that is known, so it is not entered.",
        where="it was installed anew, or it is another machine that answers",
        next="see on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )


def lost_key(state: ClassState) -> BenchError:
    return BenchError(
        "The class's administrator key is lost, so nobody can enter its seats any more.",
        where=str(state.admin_key),
        next="put the key back, or ./bancada down --all && ./bancada up for new seats",
    )


def wait_until_answering(state: ClassState, seats: Iterable[str], deadline: float) -> None:
    """Wait until each seat lets us in, at most `deadline` seconds for all. Raises BenchError for the first that does
    not."""
    end = time.monotonic() + deadline
    for seat in seats:
        while True:
            try:
                done = run(argv(state, seat, "true"), timeout=15, check=False)
            except CommandFailed as error:
                done = error.done  # it took the connection and is too busy booting to answer: that is no end yet
            if done.ok:
                break
            if "Host key verification failed" in done.stderr:
                raise changed_host_key(seat)
            if time.monotonic() > end:
                raise BenchError(
                    f"{seat} did not answer over SSH within {deadline:.0f} s: {done.last_words}",
                    where=str(state.ssh_config),
                    next=f"./bancada down --halt {seat} && ./bancada up {seat}; without --halt, a new one",
                )
            time.sleep(0.1)


def close(state: ClassState, seat: str) -> None:
    """End the shared connections to a seat, before it goes away or starts anew."""
    if state.ssh_config.exists():
        for alias in (seat, f"student.{seat}"):
            run([*argv(state, alias)[:-1], "-O", "exit", alias], check=False, timeout=10)
