"""Machines that do not know us yet: entered with what is given, and made ours by an account of our own.

The provider of machines that exist already uses this, and any other whose machines come without our account.
"""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.run import Completed, run
from bancada.reach.ssh import Address, changed_host_key, quoted
from bancada.words.errors import BenchError

SCRIPT = Path(__file__).parents[1] / "onseat" / "adopt.sh"
KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
"""Kinds of host keys, the one to pin first."""
NO_ROOT, NO_DEBIAN, NO_PYTHON, NO_SUDO = 91, 92, 93, 94
# Asked on the machine before anything is changed there; exit codes that no command of ours has.
PREFLIGHT = f"""
if [ "$(id -u)" = 0 ]; then become=; elif sudo -n true 2>/dev/null; then become="sudo -n"; else exit {NO_ROOT}; fi
command -v apt-get >/dev/null && [ -d /run/systemd/system ] || exit {NO_DEBIAN}
command -v python3 >/dev/null || exit {NO_PYTHON}
command -v sudo >/dev/null || exit {NO_SUDO}
exec $become """


@dataclass(frozen=True)
class Access:
    """How a machine lets its owner in: as root, or as a user whose sudo asks for no password."""

    host: str
    port: int
    user: str
    key: Path | None = None
    """None: whatever the person's own SSH agent and default keys open."""
    host_key: str = ""
    """As in known_hosts, type and base64. Empty: not known, so it is taken at first contact."""

    def __str__(self) -> str:
        return f"{self.user}@{self.host} port {self.port}"


def adopt(access: Access, admin_key: str) -> Address:
    """Make the account `bancada` there, which admits this public key; what it has already stays.

    Raises BenchError, in one sentence, where the machine cannot be entered or is none that we can prepare.
    """
    host_key = access.host_key or first_contact(access)
    known = Access(access.host, access.port, access.user, access.key, host_key)
    enter(known, ["sh", "-s", "--", admin_key], SCRIPT.read_text(encoding="utf-8"))
    return Address(access.host, access.port, host_key)


def first_contact(access: Access) -> str:
    """The host key that the machine shows now. Nobody vouches for it: from here on it must stay the same."""
    words = ["ssh-keyscan", "-T", "10", "-p", str(access.port), "-t", "ed25519,ecdsa,rsa", access.host]
    done = run(words, timeout=60, check=False)
    found = {}
    for line in done.stdout.splitlines():
        if not line.startswith("#") and len(words := line.split()) >= 3:
            found[words[1]] = words[2]
    for kind in KEY_TYPES:
        if kind in found:
            return f"{kind} {found[kind]}"
    why = done.last_words if done.stderr.strip() else "nothing answers as an SSH server there"
    raise BenchError(f"{access} cannot be reached: {why}.", where="ansible_host, ansible_port in the inventory")


def enter(access: Access, words: list[str], input: str, *, timeout: float = 120) -> Completed:
    """Run a command as root on a machine, by the access that its owner gave; `input` is its standard input.

    Raises BenchError where we are not let in, may not become root, or the machine is no Debian with Python.
    """
    if access.key is not None and not access.key.is_file():
        raise BenchError(f"There is no key {access.key}.", where="ansible_ssh_private_key_file in the inventory")
    with tempfile.TemporaryDirectory() as folder:
        known_hosts = Path(folder) / "known_hosts"
        known_hosts.write_text(f"machine {access.host_key}\n")
        options = {
            "BatchMode": "yes", "StrictHostKeyChecking": "yes", "HostKeyAlias": "machine", "LogLevel": "ERROR",
            "UserKnownHostsFile": f'"{quoted(known_hosts)}"', "ConnectTimeout": "10", "ServerAliveInterval": "15",
        }  # fmt: skip
        if access.key is not None:
            options |= {"IdentitiesOnly": "yes", "IdentityFile": f'"{quoted(access.key)}"'}
        argv = ["ssh", "-F", "/dev/null", *(f"-o{key}={value}" for key, value in options.items())]
        script = PREFLIGHT + shlex.join(words)
        argv += ["-p", str(access.port), "-l", access.user, access.host, f"exec sh -c {shlex.quote(script)}"]
        done = run(argv, input=input, timeout=timeout, check=False)
    if not done.ok:
        raise _refused(access, done)
    return done


def _refused(access: Access, done: Completed) -> BenchError:
    sudoers = f"echo '{access.user} ALL=(ALL) NOPASSWD:ALL' | sudo tee /etc/sudoers.d/{access.user}"
    what, next = {
        NO_ROOT: (f"{access} may not become root: sudo asks for a password.", f"there: {sudoers}"),
        NO_DEBIAN: (f"{access} is no machine that Bancada can prepare: it has no apt-get, or no systemd.", ""),
        NO_PYTHON: (f"{access} has no python3.", "there: sudo apt-get install python3"),
        NO_SUDO: (f"{access} has no sudo.", "there: apt-get install sudo"),
    }.get(done.code, ("", ""))
    if what:
        return BenchError(what, next=next)
    said = done.last_words
    if done.code != 255:
        return BenchError(f"On {access} a command failed: {said}")
    if "Host key verification failed" in done.stderr:
        return changed_host_key(str(access))
    if "Too many authentication failures" in done.stderr:
        return BenchError(
            f"{access} hangs up before the right one of your many keys was tried.",
            where="ansible_ssh_private_key_file in the inventory",
            next="set it to the key that opens this machine",
        )
    if "Permission denied" in said:
        key = access.key or "any key of yours"
        return BenchError(
            f"{access} does not let us in with {key}.", next=f"ssh -p {access.port} {access.user}@{access.host}"
        )
    return BenchError(f"{access} cannot be reached: {said}", where="ansible_host, ansible_port in the inventory")
