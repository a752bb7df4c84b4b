"""How this computer reaches packages, as found by looking, for a computer that is emulated on it.

Behind a mirror, a proxy or a certificate of one's own, a stock Debian could install nothing.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

APT = re.compile(r"Acquire::(https?::|Check-|Retries|Allow)")
"""Options of apt that say how an archive is reached and what is believed of it."""
PIP = ("index-url", "extra-index-url", "proxy", "trusted-host", "cert", "default-timeout", "timeout")
ENVIRONMENT = re.compile(
    r"(https?|no|all|ftp)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|UV_(DEFAULT_)?INDEX(_URL)?", re.I
)
CERTIFICATES = Path("/usr/local/share/ca-certificates")
OF_ALL_COMPUTERS = ("/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt")
"""Places that a stock Debian has too; any other file that is named is here only."""


def apt_options() -> list[str]:
    """Lines of apt.conf(5)."""
    if shutil.which("apt-config") is None:
        return []
    return [line for line in _said(["apt-config", "dump"]) if APT.match(line) and not line.endswith('"";')]


def carry(folder: Path) -> None:
    """Put files into this folder that, laid over a system's root, make pip and its like reach what they reach here."""
    if CERTIFICATES.is_dir():
        shutil.copytree(CERTIFICATES, folder / CERTIFICATES.relative_to("/"))
    etc = folder / "etc"
    etc.mkdir(parents=True, exist_ok=True)
    pip = configparser.RawConfigParser()
    pip["global"] = _pip()
    if pip["global"]:
        with (etc / "pip.conf").open("w") as file:
            pip.write(file)
    words = {name: value for name, value in os.environ.items() if ENVIRONMENT.fullmatch(name) and _holds_there(value)}
    (etc / "environment").write_text("".join(f"{name}={value}\n" for name, value in sorted(words.items())))


def _pip() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _said(["python3", "-m", "pip", "config", "list"]):
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        kept = " ".join(word for word in " ".join(shlex.split(value)).split() if _holds_there(word))
        if key in PIP and kept:
            found[key] = kept
    return found


def _holds_there(value: str) -> bool:
    """Whether this value means the same on another computer: no file of this one."""
    return value in OF_ALL_COMPUTERS or not value.startswith(("/", "file:"))


def _said(argv: list[str]) -> list[str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []
