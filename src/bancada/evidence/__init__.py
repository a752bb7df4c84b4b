"""What a seat's kernel shows: collected on the seat by one stdlib-only program, read here as typed objects."""

from pathlib import Path

from bancada.evidence.model import Evidence, File, Mount, Process, Processes, Root, Systemd, UtsName

SEATSIDE = Path(__file__).with_name("seatside.py")
"""The program that is piped to the seat: `ssh seat sudo -n python3 - COMMAND ARGUMENT < SEATSIDE`."""

__all__ = [
    "SEATSIDE",
    "Elf",
    "Evidence",
    "File",
    "Mount",
    "Process",
    "Processes",
    "Root",
    "Systemd",
    "UtsName",
]
