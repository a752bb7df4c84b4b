"""Where things are: the repository's own folders, and the state that a class leaves in `.bancada/`."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def write_whole(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a file that others see whole or not at all, whenever we are killed. `mode` is subject to the umask."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    partial.unlink(missing_ok=True)
    partial.touch(mode=mode)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


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
        """Folder of the SSH multiplexing sockets. Short, since a Unix socket's path has 107 bytes at most (unix(7))."""
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]
        return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"bancada-{os.getuid()}-{digest}"
