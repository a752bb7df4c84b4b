"""What QEMU's options and the memory of its guest say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bancada.onseat.seatside import guests

BANNER = (
    b"Linux version 6.1.0-1-cloud-amd64 (debian@example.org) (gcc-12, GNU ld 2.40) #1 SMP Debian 6.1.1-1 (2026-01-01)"
)


def version(data: bytes) -> str | None:
    return guests.first(guests.BANNER, b"Linux version ", data)


def test_version_is_that_of_a_kernel_that_unpacked_itself() -> None:
    # Its compressed file has the beginning too, and then not the rest.
    assert version(b"\0Linux version 6.1.0-1-cloud-amd64 (debian@\x04\x01s\0") is None
    assert version(b"\0Linux version %s (%s)\0..." + BANNER + b"\n\0") == "6.1.0-1-cloud-amd64"


def test_a_panic_is_what_was_said_and_not_the_message_to_be_filled_in() -> None:
    said = b"Kernel panic - not syncing: "
    assert guests.first(guests.PANIC, said, b"\0" + said + b"%s\0---[ end " + said + b"%s ]---\0") is None
    found = guests.first(guests.PANIC, said, said + b"%s\0" + said + b"Attempted to kill init! ]---\n")
    assert found == "Attempted to kill init!"


@pytest.mark.parametrize(
    ("flags", "found"), [("", []), ("0110", [(1, 3)]), ("1011", [(0, 1), (2, 4)]), ("111", [(0, 3)])]
)
def test_runs(flags: str, found: list[tuple[int, int]]) -> None:
    assert list(guests.runs([flag == "1" for flag in flags])) == found


@pytest.mark.parametrize(
    ("said", "bytes_"), [("256", 256 << 20), ("1G", 1 << 30), ("size=96M,slots=2", 96 << 20), ("much", None)]
)
def test_memory_that_qemu_was_given(said: str, bytes_: int | None) -> None:
    assert guests.options({"cmdline": ["qemu-system-x86_64", "-m", said], "cwd": "/", "pwd": None})["memory"] == bytes_


def test_files_are_found_from_where_it_stands_or_stood_when_it_began(tmp_path: Path) -> None:
    (tmp_path / "root.cpio").write_bytes(b"x" * 7)
    words = ["qemu-system-x86_64", "-kernel", "/nowhere", "--initrd", "root.cpio"]
    for cwd, pwd in ((str(tmp_path), None), ("/", str(tmp_path))):
        found = guests.options({"cmdline": words, "cwd": cwd, "pwd": pwd})
        assert (found["kernel"], found["initrd"]) == (None, 7)


def test_a_console_log_is_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"ready\r\n")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    assert guests.console(f"{tmp_path}/log") == "ready\n"
    assert guests.console(f"{tmp_path}/link") is None
    assert guests.console(f"{tmp_path}") is None and guests.console(f"{tmp_path}/none") is None
