"""What a class keeps on the instructor's computer, made on first use: its secret, its owner mark, one record a seat."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bancada.errors import BenchError
from bancada.paths import ClassState, write_whole


@dataclass(frozen=True)
class SeatRecord:
    """What was last done to a seat. `id` is the machine's, so that a record never speaks of another machine."""

    id: str
    personal: str
    """Digest of what was put on the seat for its own student: key, language, class."""
    prepared: str = ""
    """What a seat that starts from no image was prepared with, named as an image of that would be."""


def prepare(state: ClassState) -> None:
    """Make the folder, the secret and the owner mark where they are missing; an existing one is never replaced."""
    state.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (state.folder / "owner").exists():
        # The secret comes first: where the owner mark is there and the secret is not, it was lost, not never made.
        write_whole(state.secret, secrets.token_hex(32), mode=0o600)
        write_whole(state.folder / "owner", uuid.uuid4().hex, mode=0o600)


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
    try:
        return state.secret.read_bytes()
    except OSError as error:
        raise BenchError(
            "The class's secret is lost, so no seat's variants can be told any more.",
            where=str(state.secret),
            next="put it back; or, for new variants, ./bancada down --all and remove the folder",
        ) from error


def provider(state: ClassState) -> str:
    """Who made the seats of this class; empty where there are none."""
    try:
        return (state.folder / "provider").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def keep_provider(state: ClassState, name: str) -> None:
    if name:
        write_whole(state.folder / "provider", name)
    else:
        (state.folder / "provider").unlink(missing_ok=True)


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
