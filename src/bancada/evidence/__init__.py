"""What a seat's kernel shows: collected on the seat by a stdlib-only program, read here as typed objects."""

from pathlib import Path

from bancada.evidence.model import (
    Baseline,
    Elf,
    Evidence,
    File,
    Folder,
    Mount,
    Process,
    Processes,
    Root,
    Systemd,
    UtsName,
)

SEATSIDE = Path(__file__).with_name("seatside.py")
"""The seat-side program; enough by itself for `collect`. The role `exercise` finds seatside_pristine.py beside it."""

PRISTINE = Path(__file__).with_name("seatside_pristine.py")
"""Its other half: `baseline`, `stage`, `reset`, `snapshot`."""


def program() -> bytes:
    """The whole seat-side program in one stream: `ssh seat sudo -n python3 - COMMAND ARGUMENT < program`."""
    return PRISTINE.read_bytes() + SEATSIDE.read_bytes()


__all__ = [
    "PRISTINE",
    "SEATSIDE",
    "Baseline",
    "Elf",
    "Evidence",
    "File",
    "Folder",
    "Mount",
    "Process",
    "Processes",
    "Root",
    "Systemd",
    "UtsName",
    "program",
]
