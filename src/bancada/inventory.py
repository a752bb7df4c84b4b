"""The class, read from the inventory through Ansible: its hosts are the seats, its variables say the rest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bancada import __version__
from bancada.reach.paths import ClassState, Project, files_below, write_whole
from bancada.reach.run import run
from bancada.reach.unreadable import unreadable
from bancada.roles import argument_specs, of_prepare, roles
from bancada.words.errors import UsageError
from bancada.words.i18n import Language
from bancada.words.meant import meant, typed_with

RELEASES = ("trixie", "bookworm")
PROVIDERS = ("vagrant", "podman", "existing")
"""Who can make seats, in order of preference."""
# One label of a host name, without `--`: that is in the names of our own machines, so that no seat can have one.
SEAT_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
LONGEST_NAME = 40
# Names that machines and keys of ours had once, and may have still: no student's seat is to be taken for one.
OURS = re.compile(r"admin|builder|students|proof(-.*)?", re.IGNORECASE)
# Ansible's own, by which a person says how a machine that exists is reached.
CONNECTION = {"ansible_host", "ansible_port", "ansible_user", "ansible_password", "ansible_connection"}
CONNECTION_PREFIX = "ansible_ssh_"


def _field(default: str, pattern: str, description: str) -> Any:
    """A variable, and what it must be in a person's words."""
    return Field(default, pattern=pattern, description=description)


class SeatVariables(BaseModel):
    """The inventory's `bancada_*` variables; any other name with that prefix is a mistake."""

    model_config = ConfigDict(extra="forbid")

    bancada_class: str = _field("class", r"^[a-z0-9][a-z0-9-]{0,30}$", "up to 31 of a-z, 0-9 and -, as turma-2026")
    bancada_course: str = "fundamentos"
    bancada_language: Language = Field(Language.PT_BR, description=" or ".join(Language))
    bancada_provider: str = _field("auto", f"^({'|'.join(('auto', *PROVIDERS))})$", f"auto, {', '.join(PROVIDERS)}")
    bancada_trust_students: bool = Field(default=False, description="true or false")
    bancada_release: str = _field("trixie", f"^({'|'.join(RELEASES)})$", " or ".join(RELEASES))
    bancada_mirror: str = ""
    bancada_proxy: str = _field("", r"^(https?://[^\s'\"]+)?$", "the address of an HTTP proxy, as http://10.0.0.1:3128")
    bancada_snapshot: str = _field("", r"^([0-9]{8}T[0-9]{6}Z)?$", "a moment, as 20250801T000000Z")
    bancada_memory: str = _field("", r"^([0-9]+[mg])?$", "a number with m or g, as 512m or 2g")
    bancada_host_key: str = _field(
        "", r"^([a-z0-9@.-]+ [A-Za-z0-9+/=]+)?$", "a type and a key, as the machine's /etc/ssh/ssh_host_ed25519_key.pub"
    )
    bancada_cpus: int = Field(2, ge=1, le=64, description="a number from 1 to 64")
    bancada_disk: str = _field("10g", r"^[1-9][0-9]+g$", "a number with g, 10g at least")
    bancada_boot_seconds: int | None = Field(None, ge=10, description="a number of seconds, 10 at least")
    bancada_box: str = ""
    bancada_box_version: str = ""
    bancada_box_url: str = ""
    bancada_box_checksum: str = _field(
        "", r"^(sha(256|384|512):[0-9a-f]{64,128})?$", "the algorithm and the sum, as sha256:ab12…"
    )

    @field_validator("bancada_snapshot")
    @classmethod
    def _a_moment(cls, value: str) -> str:
        if value:
            datetime.strptime(value, "%Y%m%dT%H%M%SZ")
        return value


@dataclass(frozen=True)
class Seat:
    """One student machine, as the inventory names it."""

    name: str
    variables: SeatVariables
    prepare: dict[str, Any]
    """Role variables that the machine's image is made with."""
    connection: dict[str, Any] = field(default_factory=dict)
    """How the inventory says that a machine which exists already is reached; of no meaning to other providers."""

    @property
    def proxy(self) -> dict[str, str]:
        """The environment by which programs reach the network through the class's HTTP proxy, if any."""
        proxy = self.variables.bancada_proxy
        return dict.fromkeys(("http_proxy", "https_proxy"), proxy) if proxy else {}

    @property
    def preparation(self) -> dict[str, Any]:
        """What playbooks/prepare.yml takes: the variables of the roles, and how packages are reached meanwhile."""
        return {**self.prepare, "prepare_environment": self.proxy}


@dataclass(frozen=True)
class Class:
    name: str
    course: str
    language: Language
    seats: tuple[Seat, ...]
    inventory: Path
    state: ClassState

    def seat(self, name: str) -> Seat:
        for seat in self.seats:
            if seat.name == name:
                return seat
        names = [seat.name for seat in self.seats]
        if "/" in name:
            what = f"{name!r} is the name of an exercise, and stands where a seat's does."
            raise UsageError(what, where="the command", next=typed_with(name, "-e", name))
        likely = meant(name, names, 0.9)  # a number that is another is another seat
        raise UsageError(
            f"The class {self.name} has no seat {name!r}. Its seats: {', '.join(names)}.",
            where=str(self.inventory),
            next=typed_with(name, likely) if likely else "./bancada status",
        )

    def pick(self, names: Iterable[str]) -> tuple[Seat, ...]:
        """The seats of these names, in the inventory's order; all of them where no name is given."""
        wanted = {self.seat(name).name for name in names}
        return tuple(seat for seat in self.seats if not wanted or seat.name in wanted)

    def may_make(self, machine: str) -> bool:
        """Whether a machine of this name is a seat of the class, or one of Bancada's own for it."""
        return machine.startswith(own_name("")) or machine in (seat.name for seat in self.seats)


def inventory_path(project: Project) -> Path:
    return Path(os.environ.get("BANCADA_INVENTORY") or project.root / "inventory").resolve()


def load_class(project: Project) -> Class:
    """The class of BANCADA_INVENTORY, or of `inventory/`. Raises UsageError where it cannot be one."""
    path = inventory_path(project)
    if not path.exists():
        look = "git status inventory" if path.parent == project.root else "echo $BANCADA_INVENTORY"
        raise UsageError("There is no inventory, so there is no class.", where=str(path), next=look)
    variables = _hostvars(project, path)
    if not variables:
        raise UsageError("The inventory has no host, so the class has no seat.", where=str(path))
    seats = tuple(_seat(name, values, path) for name, values in variables.items())
    first = seats[0].variables
    for key in ("bancada_class", "bancada_course", "bancada_language", "bancada_provider", "bancada_trust_students"):
        for seat in seats:
            if getattr(seat.variables, key) != getattr(first, key):
                raise UsageError(
                    f"One class, one {key}: {seats[0].name} has {getattr(first, key)!s}, "
                    f"{seat.name} has {getattr(seat.variables, key)!s}.",
                    where=str(path),
                    next=f".venv/bin/ansible-inventory -i {shlex.quote(str(path))} --list",
                )
    return Class(
        name=first.bancada_class,
        course=first.bancada_course,
        language=first.bancada_language,
        seats=seats,
        inventory=path,
        state=project.of_class(first.bancada_class),
    )


MOST_AT_ONCE = 16
"""Seats that are made for proofs side by side."""


def own_name(what: str) -> str:
    """The name of a machine of Bancada's own, beside the seats: valid as theirs are, and none that they can have."""
    return f"own--{what}"


def _refuse_name(name: str, path: Path) -> None:
    """A seat's name becomes a host name, a file, an alias of SSH and a container. Raises UsageError."""
    if not SEAT_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        shown = ascii(name) if len(name) <= LONGEST_NAME else f"{name[:20]!a}… ({len(name)} characters)"
        raise UsageError(
            f"{shown} cannot be the name of a seat: letters of a to z, digits, and single hyphens between them, "
            f"{LONGEST_NAME} at most, are what it takes.",
            where=str(path),
            next="give the host another name there; where another name or an address leads to it: ansible_host",
        )
    if OURS.fullmatch(name):
        raise UsageError(
            f"{name} cannot be the name of a seat: Bancada uses it itself.",
            where=str(path),
            next=f"give the host another name there, as seat-{name.lower()}",
        )


def _seat(name: str, values: dict[str, Any], path: Path) -> Seat:
    _refuse_name(name, path)
    if values.get("student_user", "student") != "student":
        what = "In a class the student's account is called student."
        raise UsageError(what, where=str(path), next="take student_user out")
    own = {key: value for key, value in values.items() if key.startswith("bancada_")}
    try:
        variables = SeatVariables.model_validate(own)
    except ValidationError as error:
        raise _wrong_variable(name, error.errors()[0], path) from error
    prepare = {k: v for k, v in sorted(values.items()) if k.startswith(_prepare_prefixes())}
    known = _role_variables() if prepare else frozenset()
    for key in prepare.keys() - known:  # others may be the person's own, for templates
        if likely := meant(key, known, 0.9):
            raise _no_variable(name, key, likely, path)
    connection = {k: v for k, v in values.items() if k in CONNECTION or k.startswith(CONNECTION_PREFIX)}
    return Seat(name, variables, prepare, connection)


@cache
def _prepare_prefixes() -> tuple[str, ...]:
    """Variables of these prefixes say how a machine is prepared, so they are part of what an image is made from."""
    return tuple(f"{role}_" for role in of_prepare(Project.here().root))


@cache
def _role_variables() -> frozenset[str]:
    """What the roles that prepare a machine can be told."""
    entries = [entry for role in roles(Project.here().roles) for entry in argument_specs(role).values()]
    return frozenset(name for entry in entries for name in entry.get("options", {}))


def _wrong_variable(seat: str, detail: Any, path: Path) -> UsageError:
    key, fields = str(detail["loc"][0]), SeatVariables.model_fields
    if key not in fields:
        return _no_variable(seat, key, meant(key, fields), path)
    must = fields[key].description
    what = f"{key} of {seat} must be {must}" if must else f"{key} of {seat} is wrong: {detail['msg']}"
    return UsageError(f"{what}; it is {detail['input']!r}.", where=str(path), next=_where_is(key, path))


def _no_variable(seat: str, key: str, likely: str, path: Path) -> UsageError:
    what = f"There is no variable {key}, which {seat} has."
    what += f" Did you mean {likely}?" if likely else ""
    return UsageError(what, where=str(path), next=_where_is(key, path))


def _where_is(key: str, path: Path) -> str:
    return f"grep -rn {shlex.quote(key)} {shlex.quote(str(path))}"


def _hostvars(project: Project, path: Path) -> dict[str, dict[str, Any]]:
    """Variables of each host, in the inventory's order. Parsed by Ansible, kept by content: parsing takes a second."""
    playbooks = project.root / "playbooks"
    files = _read_by_ansible(path, playbooks)
    digest = hashlib.sha256(__version__.encode())
    asked_anew = False
    for file in [project.root / "ansible.cfg", *files]:
        content = file.read_bytes()
        digest.update(str(file).encode(errors="surrogateescape") + b"\0" + content + b"\0")
        # What a script or a plugin of Ansible's answers can change while its own text does not.
        asked_anew = asked_anew or os.access(file, os.X_OK) or b"plugin:" in content
    kept = project.cache / f"inventory-{digest.hexdigest()[:20]}.json"
    if not asked_anew and (known := _kept(kept)) is not None:
        return known
    ours = {
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
        "ANSIBLE_CONFIG": str(project.root / "ansible.cfg"),
        "ANSIBLE_HOME": str(project.ansible_home()),
    }
    # Variables beside the playbooks count, as they do when these run; those of the person's folder never do.
    argv = [sys.executable, "-m", "ansible", "inventory", "-i", str(path), "--playbook-dir", str(playbooks), "--list"]
    done = run(argv, env=ours, check=False)
    if not done.ok or "Unable to parse" in done.stderr:
        raise unreadable(path, files, done.stderr)
    listing = json.loads(done.stdout, object_hook=_as_text)
    hostvars = listing["_meta"]["hostvars"]
    result = {name: hostvars.get(name, {}) for name in _hosts(listing, "all")}
    with contextlib.suppress(OSError):  # it is only there for speed
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, json.dumps(result))
    return result


def _as_text(value: dict[str, Any]) -> Any:
    """What a plugin has looked up, or is marked !unsafe, Ansible lists as text that is never a template. It is read as
    that text, but where it would be taken for a template when it goes on to Ansible: there the mark stays."""
    if value.keys() != {"__ansible_unsafe"}:
        return value
    text = str(value["__ansible_unsafe"])
    return value if any(mark in text for mark in ("{{", "{%", "{#")) else text


def _read_by_ansible(path: Path, playbooks: Path) -> list[Path]:
    """Every file that Ansible takes the hosts and their variables from."""
    beside = [folder / name for folder in (path.parent, playbooks) for name in ("group_vars", "host_vars")]
    places = beside if path.is_file() else [path, *beside[2:]]
    files = [file for place in places for file in files_below(place, everything=True)]
    return sorted([path, *files] if path.is_file() else files)


def _kept(file: Path) -> dict[str, dict[str, Any]] | None:
    """What was read the last time; None where that is not there or was damaged."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and all(isinstance(one, dict) for one in known.values()) else None


def _hosts(listing: dict[str, Any], group: str) -> list[str]:
    found = list(listing.get(group, {}).get("hosts", []))
    for child in listing.get(group, {}).get("children", []):
        found += [host for host in _hosts(listing, child) if host not in found]
    return found
