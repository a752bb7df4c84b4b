"""What a seat's kernel shows: collected on the seat by a stdlib-only program, read here as typed objects."""

from bancada.evidence.model import (
    Baseline,
    Cgroup,
    Elf,
    Engine,
    Evidence,
    File,
    Folder,
    Interface,
    Ipc,
    KeptNamespace,
    Listener,
    Mount,
    Network,
    Probed,
    Root,
    Systemd,
    UtsName,
)
from bancada.evidence.processes import Process, Processes

__all__ = [
    "Baseline",
    "Cgroup",
    "Elf",
    "Engine",
    "Evidence",
    "File",
    "Folder",
    "Interface",
    "Ipc",
    "KeptNamespace",
    "Listener",
    "Mount",
    "Network",
    "Probed",
    "Process",
    "Processes",
    "Root",
    "Systemd",
    "UtsName",
]
