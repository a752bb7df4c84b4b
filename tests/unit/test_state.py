"""A class's own files that are damaged: one sentence that names the file, and never another class's answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bancada import records
from bancada.reach import ssh
from bancada.reach.paths import ClassState
from bancada.reach.ssh import Address
from bancada.words.errors import BenchError

READERS: dict[str, Callable[[ClassState], object]] = {
    "secret": records.secret,
    "owner": records.owner,
    "provider": records.provider,
}


@pytest.fixture
def kept(tmp_path: Path) -> ClassState:
    kept = ClassState(tmp_path / "c")
    records.prepare(kept)
    records.keep_provider(kept, "podman")
    return kept


@pytest.mark.parametrize("name", READERS)
def test_what_is_whole_is_read(kept: ClassState, name: str) -> None:
    assert READERS[name](kept)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"some garbage 123"])
def test_what_is_damaged_is_told_with_its_name(kept: ClassState, name: str, damage: bytes) -> None:
    (kept.folder / name).write_bytes(damage)
    with pytest.raises(BenchError, match="damaged") as told:
        READERS[name](kept)
    assert told.value.where == str(kept.folder / name) and told.value.next


@pytest.mark.parametrize("name", ["secret", "owner"])
@pytest.mark.parametrize("left", [0, 10])
def test_what_was_cut_off_is_damaged_too(kept: ClassState, name: str, left: int) -> None:
    path = kept.folder / name
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BenchError, match="damaged"):
        READERS[name](kept)


@pytest.mark.parametrize("lost", [("owner",), ("secret",), ("owner", "secret")])
@pytest.mark.parametrize("known_by", ["the provider", "a key"])
def test_what_was_lost_is_told_and_nothing_is_made_in_its_place(
    kept: ClassState, lost: tuple[str, ...], known_by: str
) -> None:
    """Another secret deals other variants, and by another owner mark all seats are somebody else's."""
    if known_by == "a key":
        records.keep_provider(kept, "")
        kept.admin_key.parent.mkdir()
        kept.admin_key.touch()
    secret = records.secret(kept)
    for name in lost:
        (kept.folder / name).unlink()
    records.prepare(kept)
    for name in lost:
        with pytest.raises(BenchError, match="lost"):
            READERS[name](kept)
    assert "secret" in lost or records.secret(kept) == secret


def test_a_class_whose_making_was_killed_is_made(tmp_path: Path) -> None:
    kept = ClassState(tmp_path / "c")
    records.prepare(kept)
    secret = records.secret(kept)
    (kept.folder / "owner").unlink()
    records.prepare(kept)
    assert records.owner(kept) and records.secret(kept) == secret


def test_what_we_write_ourselves_is_written_anew(kept: ClassState) -> None:
    address = {"seat-01": Address("127.0.0.1", 2222, "ssh-ed25519 AAAA")}
    ssh.write_config(kept, address)
    whole = kept.ssh_config.read_text(), kept.known_hosts.read_text()
    for path in (kept.ssh_config, kept.known_hosts):
        path.write_bytes(b"\xff\xfe")
    ssh.write_config(kept, address)
    assert (kept.ssh_config.read_text(), kept.known_hosts.read_text()) == whole
