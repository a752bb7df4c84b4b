"""What may be wrong with a class and with what it keeps on this computer: the part of `bancada doctor` that errors send
people to."""

from __future__ import annotations

import os
import pwd
import shlex
from pathlib import Path

from bancada.inventory import Class, inventory_path, load_class
from bancada.reach.host import free_bytes
from bancada.reach.paths import Project
from bancada.reach.ssh import loose_keys, lost_key
from bancada.records import provider
from bancada.words.diagnosis import Diagnosis, Health
from bancada.words.errors import BancadaError
from bancada.words.i18n import Language

NONE = "none"
"""The name that a class has for the looks which need one, where none can be read."""
MIB = 2**20
ROOM = 200 * MIB
"""That verdicts, the log and what is on its way need at least where the state lies."""


def read(project: Project) -> tuple[Class, Diagnosis]:
    """The class, and whether its inventory can be read; where it cannot, a class without seats to look on with."""
    try:
        cls = load_class(project)
    except (BancadaError, OSError) as error:
        nobody = Class(NONE, "", Language.EN, (), inventory_path(project), project.of_class(NONE))
        if not isinstance(error, BancadaError):
            mend = f"ls -l {shlex.quote(str(nobody.inventory))}"
            return nobody, Diagnosis("class", Health.LACK, str(error), mend)
        return nobody, Diagnosis("class", Health.LACK, error.what, error.next or f"mend {error.where}")
    return cls, Diagnosis("class", Health.GOOD, f"{cls.name}: {_count(len(cls.seats), 'seat')}, in {cls.inventory}")


def state(project: Project) -> Diagnosis:
    """Whether this person can write where classes keep what they know, and has room there."""
    folder = project.state
    while not folder.exists():
        folder = folder.parent
    others = [path for path in (folder, *_own(project.state)) if path.stat().st_uid != os.geteuid()]
    if others and os.geteuid() != 0:
        owner, mine = _user(others[0].stat().st_uid), _user(os.geteuid())
        mend = f"sudo chown -R {mine} {shlex.quote(str(project.state))}; or work as {owner}"
        return Diagnosis("state", Health.LACK, f"{others[0]} belongs to {owner}, and you are {mine}", mend)
    if not os.access(folder, os.W_OK | os.X_OK):
        mend = f"chmod u+rwx {shlex.quote(str(folder))}; or BANCADA_STATE=FOLDER for another place"
        return Diagnosis("state", Health.LACK, f"{folder} cannot be written", mend)
    free = free_bytes(folder)
    if free < ROOM:
        mend = f"df -h {shlex.quote(str(folder))}; then make room, or BANCADA_STATE=FOLDER for another place"
        return Diagnosis("state", Health.LACK, f"{free / MIB:.0f} MiB free at {folder}, {ROOM // MIB} needed", mend)
    return Diagnosis("state", Health.GOOD, f"{free / 2**30:.0f} GiB free at {folder}")


def keys(cls: Class) -> Diagnosis:
    """Whether the keys of the class are only for their owner: ssh refuses others. And whether its secret is there."""
    if not cls.state.folder.exists():
        return Diagnosis("keys", Health.GOOD, "none yet")
    if not cls.state.secret.exists():
        mend = "put it back; or, for new variants, ./bancada down --all and remove the folder"
        return Diagnosis("keys", Health.LACK, f"the class's secret is lost: {cls.state.secret}", mend)
    if provider(cls.state) and not cls.state.admin_key.exists():
        lost = lost_key(cls.state)
        return Diagnosis("keys", Health.LACK, f"{lost.what.rstrip('.')}: {lost.where}", lost.next)
    loose = loose_keys(cls.state) + ([cls.state.secret] if cls.state.secret.stat().st_mode & 0o077 else [])
    if loose:
        says = "others may read the class's private keys or its secret, and OpenSSH does not use such keys"
        return Diagnosis("keys", Health.LACK, says, f"chmod 600 {shlex.join(map(str, loose))}")
    return Diagnosis("keys", Health.GOOD, "nobody else may read them")


def runtime(cls: Class) -> Diagnosis:
    """The folder of this person's for the sockets of shared connections. Raises BenchError where there is no place."""
    return Diagnosis("runtime folder", Health.GOOD, str(cls.state.sockets))


def _own(folder: Path) -> list[Path]:
    """What lies in the state folder and is written by every verb."""
    return [path for path in (folder / "cache", folder / "classes", *folder.glob("classes/*")) if path.exists()]


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
