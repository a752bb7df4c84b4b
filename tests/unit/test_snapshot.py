"""What of the kernel itself must be equal before staging and after reset."""

from __future__ import annotations

from pathlib import Path

import pytest

from bancada.onseat.seatside import snapshot


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As much of /proc/sys as is looked at, on a seat that is no container."""
    for path, value in {
        "vm/swappiness": "60\n", "vm/min_free_kbytes": "45056\n", "kernel/ns_last_pid": "4711\n",
        "net/ipv4/tcp_available_congestion_control": "reno cubic\n", "net/ipv4/tcp_mem": "22000 29000 44000\n",
    }.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(value)
    (tmp_path / "vm/compact_memory").mkdir()  # it cannot be read, as the one that can only be written to
    monkeypatch.setattr(snapshot, "IN_A_CONTAINER", str(tmp_path / "container"))
    return tmp_path


def test_what_was_set_is_seen_and_what_each_boot_works_out_anew_is_not(kernel: Path) -> None:
    seen = snapshot.parameters(str(kernel))
    assert seen == {"vm/swappiness": "60", "net/ipv4/tcp_available_congestion_control": "reno cubic"}


def test_the_kernel_of_a_container_is_not_the_seats(kernel: Path) -> None:
    (kernel / "container").write_text("podman\n")
    assert snapshot.parameters(str(kernel)) == {}
