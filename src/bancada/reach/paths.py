"""Where things are: the repository's own folders, and the state that a class leaves in `.bancada/`."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.private import private_folder

ROOT = Path(__file__).resolve().parents[3]
SOCKETS = f"bancada-{os.getuid()}-"
"""What the name of each folder of sockets begins with."""


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Write a file that others see whole or not at all, whenever we are killed. `mode` is subject to the umask."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=mode)
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        partial.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error  # a full disk names no file itself
        raise


# What editors, merges and file synchronisation leave beside the files that they work on.
LEFT_BESIDE = re.compile(
    r"\..*|.*~|#.*#|4913|.*\.(swp|swo|orig|rej)|.*\.sync-conflict-.*"
    r"|.*(conflicted copy|cópia em conflito).*|Thumbs\.db|desktop\.ini|__pycache__",
    re.IGNORECASE,
)


def is_left_beside(name: str) -> bool:
    """Whether a file or folder of this name is none that its author means to be part of the folder."""
    return LEFT_BESIDE.fullmatch(unicodedata.normalize("NFC", name)) is not None


def files_below(folder: Path, *, everything: bool = False) -> Iterator[Path]:
    """Every file in a folder and in folders that are linked in it, in no order; without `everything`, only what its
    author means to be part of it."""
    entered: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in entered else [name for name in folders if everything or not is_left_beside(name)]
        if real in entered:
            continue  # a link that leads back up
        entered.add(real)
        for name in names:
            file = Path(place, name)
            if (everything or not is_left_beside(name)) and file.is_file():
                yield file


@dataclass(frozen=True)
class Project:
    """The folders of one checkout. `root` holds the repository, `state` everything that Bancada writes.

    BANCADA_STATE moves the state elsewhere (a large disk, a test's own folder).
    """

    root: Path
    state: Path

    @staticmethod
    def here() -> Project:
        state = os.environ.get("BANCADA_STATE")
        return Project(ROOT, Path(state).resolve() if state else ROOT / ".bancada")

    @property
    def exercises(self) -> Path:
        return Path(os.environ.get("BANCADA_EXERCISES") or self.root / "exercises").resolve()

    @property
    def courses(self) -> Path:
        return Path(os.environ.get("BANCADA_COURSES") or self.root / "courses").resolve()

    @property
    def roles(self) -> Path:
        return self.root / "roles"

    @property
    def cache(self) -> Path:
        """What may be thrown away and is only there for speed: downloaded packages, the parsed inventory."""
        return self.state / "cache"

    def ansible_home(self) -> Path:
        """Ansible's own folder, so that none of the person's is needed. Raises OSError where nothing can be written."""
        home = self.cache / "ansible"
        home.mkdir(parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(home))
        return home

    def of_class(self, name: str) -> ClassState:
        return ClassState(self.state / "classes" / name)


@dataclass(frozen=True)
class ClassState:
    """What one class keeps on the instructor's computer."""

    folder: Path

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        return self.folder / "commands.log"

    @property
    def results(self) -> Path:
        return self.folder / "results.sqlite"

    @property
    def secret(self) -> Path:
        return self.folder / "secret"

    @property
    def admin_key(self) -> Path:
        """The key that Bancada itself comes in with."""
        return self.folder / "keys" / "admin"

    def student_key(self, seat: str) -> Path:
        """The key of one student: each seat has its own, so nobody enters a neighbour's machine.

        They lie apart from the administrator's, so that no name of a seat leads to that one.
        """
        return self.folder / "keys" / "students" / seat

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.folder / "ssh_config"

    @property
    def sockets(self) -> Path:
        """Folder of the SSH multiplexing sockets, made where it is missing. Raises BenchError where none is ours."""
        return private_folder(self.sockets_name)

    @property
    def sockets_name(self) -> str:
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]
        return f"{SOCKETS}{digest}"

    def plain_ssh_config(self) -> Path:
        """ssh_config by a path of ASCII letters: testinfra can write no others before it has asked the seat."""
        link = self.sockets / "ssh_config"
        if not link.is_symlink() or link.readlink() != self.ssh_config:
            partial = link.with_name(f"{link.name}.{os.getpid()}.{threading.get_ident()}")
            partial.symlink_to(self.ssh_config)
            partial.replace(link)
        return link
