"""The ids that user namespaces of container seats are made of: subuid(5), and containers-storage.conf(5) for whose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.run import as_root, run
from bancada.words.errors import BenchError

SUBUID, SUBGID = Path("/etc/subuid"), Path("/etc/subgid")
OWNER = "containers"
"""Whose ranges Podman takes for `--userns=auto` where root runs it."""
IDS = 65_536
"""User ids, and group ids, of one seat: up to nobody and nogroup, 65534."""
LOWEST = 16 * IDS
"""Above what login.defs(5) deals out to people."""
END = 2**32 - 1


@dataclass(frozen=True)
class Range:
    """One line of both files: `count` ids from `start` on."""

    start: int
    count: int

    def __str__(self) -> str:
        return f"{OWNER}:{self.start}:{self.count}"

    @property
    def undo(self) -> str:
        """The command with which root takes the line away again."""
        return f"sed -i '/^{self}$/d' {SUBUID} {SUBGID}"


def seats_that_fit() -> int:
    """For how many seats both files have ids together, whoever uses them now."""
    return min(sum(count // IDS for owner, _, count in _read(file) if owner == OWNER) for file in (SUBUID, SUBGID))


def missing(seats: int) -> Range | None:
    """The range that would have to be added so that this many seats fit; None where they do."""
    if (there := seats_that_fit()) >= seats:
        return None
    taken = [start + count for file in (SUBUID, SUBGID) for _, start, count in _read(file)]
    start = -(-max([LOWEST, *taken]) // IDS) * IDS
    wanted = Range(start, (seats - there) * IDS)
    if wanted.start + wanted.count > END:
        raise BenchError(
            f"There are no ids left for {seats} seats.", where=f"{SUBUID}, {SUBGID}", next=f"less {SUBUID}"
        )
    return wanted


def add(wanted: Range) -> None:
    """Append the line to both files, as root."""
    for file in (SUBUID, SUBGID):
        text = _text(file)
        line = f"{wanted}\n" if not text or text.endswith("\n") else f"\n{wanted}\n"
        run(as_root(["tee", "-a", str(file)]), input=line)


def stands(wanted: Range) -> bool:
    """Whether the line is in one of the files."""
    return any(str(wanted) in _text(file).splitlines() for file in (SUBUID, SUBGID))


def parse(line: str) -> Range | None:
    """A line of ours; None where it is no such line."""
    found = re.fullmatch(rf"{OWNER}:(\d+):(\d+)", line)
    return Range(int(found[1]), int(found[2])) if found else None


def _read(file: Path) -> list[tuple[str, int, int]]:
    """Owner, first id and number of ids of each line; lines that are none are passed over, as newuidmap(1) does."""
    found = re.findall(r"^([^:\s#]+):(\d+):(\d+)$", _text(file), re.MULTILINE)
    return [(owner, int(start), int(count)) for owner, start, count in found]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
