"""One machine for the whole module: each boot of an emulated one takes about a minute."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine, make_disk


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key


@pytest.fixture(scope="session")
def disk(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Path:
    for tool in ("qemu-system-x86_64", "qemu-img", "mmdebstrap"):
        if shutil.which(tool) is None:
            pytest.skip(f"this computer has no {tool}")
    return make_disk(tmp_path_factory.mktemp("disk"), key)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, disk: Path, key: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine"), disk, key)
    try:
        machine.start()
        yield machine
    finally:
        machine.stop()
