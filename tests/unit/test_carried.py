"""What of this computer's way to packages goes into a computer that is emulated on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from carried import apt_options, carry
from lesson import differences


def program(folder: Path, name: str, says: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    file.chmod(0o755)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer behind a proxy, with packages on its own disk besides."""
    programs = tmp_path / "bin"
    programs.mkdir()
    apt = 'APT::Architecture "amd64";\nAcquire::http "";\nAcquire::http::Proxy "http://proxy:3128";\n'
    program(programs, "apt-config", apt + 'Acquire::Languages "none";\nAcquire::Check-Date "false";')
    pip = (
        "global.constraint='/etc/constraints.txt'\nglobal.extra-index-url='file:///opt/simple https://mirror/simple'\n"
    )
    program(
        programs, "python3", pip + ":env:.cert='/etc/ssl/certs/ca-certificates.crt'\nglobal.find-links='/opt/wheels'"
    )
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    return tmp_path


def test_apt_is_told_how_to_reach_the_archive_and_nothing_else(here: Path) -> None:
    assert apt_options() == ['Acquire::http::Proxy "http://proxy:3128";', 'Acquire::Check-Date "false";']


def test_pip_is_told_of_indexes_that_are_there_too_and_of_no_file_that_is_not(here: Path) -> None:
    carry(here / "carried")
    said = (here / "carried/etc/pip.conf").read_text().split("\n\n")[0].splitlines()
    assert said == ["[global]", "extra-index-url = https://mirror/simple", "cert = /etc/ssl/certs/ca-certificates.crt"]


def test_the_environment_brings_the_proxy_and_no_file_that_is_not_there(here: Path) -> None:
    carry(here / "carried")
    said = (here / "carried/etc/environment").read_text()
    assert "https_proxy=http://proxy:3128\n" in said
    assert "SSL_CERT_FILE" not in said


def test_what_came_and_what_went_is_told() -> None:
    assert differences(["unit a", "mount b"], ["mount b", "file c"]) == ["+ file c", "- unit a"]
