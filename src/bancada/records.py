"""What a class keeps on the instructor's computer, made on first use: its secret, its owner mark, one record a seat."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bancada.inventory import PROVIDERS
from bancada.reach.paths import ClassState, write_whole
from bancada.words.errors import BenchError, Lost

SECRET = re.compile(rb"[0-9a-f]{64}\n?")
OWNER = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class SeatRecord:
    """What was last done to a seat. `id` is the machine's, so that a record never speaks of another machine."""

    id: str
    personal: str
    """Digest of what was put on the seat for its own student: key, language, class."""
    prepared: str = ""
    """What a seat that starts from no image was prepared with, named as an image of that would be."""
    sound: bool = True
    """Whether the last `up` saw it ready."""


def prepare(state: ClassState) -> None:
    """Make the folder, the secret and the owner mark of a new class; none is replaced, nor one that was lost."""
    state.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = state.folder / "owner"
    if owner.exists() or state.admin_key.exists() or (state.folder / "provider").exists():
        return
    if not state.secret.exists():
        write_whole(state.secret, secrets.token_hex(32), mode=0o600)
    write_whole(owner, uuid.uuid4().hex, mode=0o600)  # the last: without it the class is still to be made


def take_over_keys(state: ClassState, seats: Iterable[str]) -> None:
    """Move the keys of these students from where they lay once, beside the administrator's. Never overwrites one."""
    for seat in seats:
        new = state.student_key(seat)
        old = state.admin_key.with_name(seat)
        for source, target in ((old.with_suffix(".pub"), new.with_suffix(".pub")), (old, new)):
            if source.is_file() and not target.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                with suppress(FileNotFoundError):  # another verb moved it at the same moment
                    source.rename(target)


def secret(state: ClassState) -> bytes:
    """What variants are dealt with. Raises BenchError where it is lost or damaged: others would be dealt instead."""
    anew = "or, for new variants, ./bancada down --all and remove the folder"
    try:
        found = state.secret.read_bytes()
    except OSError as error:
        raise Lost(
            "The class's secret is lost, so no seat's variants can be told any more.",
            where=str(state.secret),
            next=f"put it back; {anew}",
        ) from error
    if not SECRET.fullmatch(found):
        raise Lost(
            "The class's secret is damaged: it is 64 hexadecimal digits, and this is something else.",
            where=str(state.secret),
            next=f"put a copy of it back; {anew}",
        )
    return found


def owner(state: ClassState) -> str:
    """What marks a machine as this class's own. Raises BenchError where it is lost or damaged."""
    found = _word(state.folder / "owner")
    if found is None or not OWNER.fullmatch(found):
        raise BenchError(
            f"The class's owner mark is {'lost' if found is None else 'damaged'}, so it cannot tell which machines are "
            "its own.",
            where=str(state.folder / "owner"),
            next="put a copy of it back; it is what the machines themselves are marked with",
        )
    return found


def provider(state: ClassState) -> str:
    """Who made the seats of this class; empty where there are none. Raises BenchError where that cannot be read."""
    found = _word(state.folder / "provider") or ""
    if found and found not in PROVIDERS:
        raise BenchError(
            "The note of who made the seats of this class is damaged.",
            where=str(state.folder / "provider"),
            next=f"write the provider's name there: {', '.join(PROVIDERS)}",
        )
    return found


def _word(path: Path) -> str | None:
    """The one word that a file holds, whatever bytes these are; None where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def keep_provider(state: ClassState, name: str) -> None:
    if name:
        write_whole(state.folder / "provider", name)
    else:
        (state.folder / "provider").unlink(missing_ok=True)


def inventory(state: ClassState) -> Path | None:
    """The inventory that the class's seats are of; None where that is not known."""
    found = _word(state.folder / "inventory")
    return Path(found) if found else None


def keep_inventory(state: ClassState, inventory: Path | None) -> None:
    if inventory:
        write_whole(state.folder / "inventory", str(inventory))
    else:
        (state.folder / "inventory").unlink(missing_ok=True)


def trusts(state: ClassState) -> bool:
    """Whether it was said once that this class's students may be root of this computer."""
    return (state.folder / "trusted").exists()


def keep_trust(state: ClassState) -> None:
    (state.folder / "trusted").touch(mode=0o600)


def read_record(state: ClassState, seat: str) -> SeatRecord | None:
    try:
        return SeatRecord(**json.loads(_record(state, seat).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_record(state: ClassState, seat: str, record: SeatRecord) -> None:
    path = _record(state, seat)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, json.dumps(asdict(record)))


def _record(state: ClassState, seat: str) -> Path:
    return state.folder / "seats" / f"{seat}.json"
