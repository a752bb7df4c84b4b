"""The environment of every program that we start: built anew from what is allowed, whatever the person's shell holds.

A variable that changes where another program looks or what it does (ANSIBLE_*, PYTEST_*, PYTHON*, CONTAINER_HOST,
a locale that is not installed here) would change verdicts and seats without a word, so nothing passes but this list.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from bancada.reach.paths import ROOT
from bancada.reach.private import is_private
from bancada.words.errors import UsageError

ALLOWED = {
    # Who and where the person is.
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "TZ", "CI"),
    # How a machine that exists already lets its owner in.
    "SSH_AUTH_SOCK",
    # How this computer reaches the world.
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST", "PIP_CERT", "PIP_CONFIG_FILE"),
    # Where the makers of machines keep them.
    *("CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "VAGRANT_HOME", "VBOX_USER_HOME"),
}
OURS = "BANCADA_"
PATHS = ("BANCADA_STATE", "BANCADA_INVENTORY", "BANCADA_EXERCISES", "BANCADA_COURSES")
"""Of ours, those that a person may give relative to where the command is typed."""
LOCALE = "C.UTF-8"
"""Always there in Debian; and what programs say is read, so it must not depend on the person's language."""


def children(added: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a program that we start; `added` is what this one must know besides."""
    passed = {key: value for key, value in os.environ.items() if key in ALLOWED or key.startswith(OURS)}
    if not os.access(passed.get("HOME", ""), os.W_OK):
        passed["HOME"] = _home()
    if is_private(runtime := os.environ.get("XDG_RUNTIME_DIR", "")):
        passed["XDG_RUNTIME_DIR"] = runtime
    if (temporary := os.environ.get("TMPDIR")) and Path(temporary).is_dir() and os.access(temporary, os.W_OK | os.X_OK):
        passed["TMPDIR"] = temporary
    fixed = {"LC_ALL": LOCALE, "PYTHONPATH": str(ROOT / "src"), "PYTHONSAFEPATH": "1"}
    return passed | fixed | dict(added or {})


def proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment says by which proxy the network is reached."""
    return {
        name: value for name, value in environment.items() if name.lower() in ("http_proxy", "https_proxy", "no_proxy")
    }


def take_over() -> None:
    """Make this process's own environment what its children's is: some programs run within it, as pytest does.

    Files get the usual modes, whatever the person's umask: seats, libvirt and sudo read some of them. What is secret is
    made with a mode of its own.
    """
    for name in PATHS:
        if value := os.environ.get(name):
            os.environ[name] = str(Path(value).resolve())
    own = children()
    os.environ.clear()
    os.environ.update(own)
    os.umask(0o022)


def see_paths() -> None:
    """Raises UsageError for a path that cannot be written into a file of ours, all of which are UTF-8."""
    for name, path in {**{name: os.environ.get(name, "") for name in PATHS}, "this checkout": str(ROOT)}.items():
        if any("\ud800" <= letter <= "\udfff" for letter in path):
            raise UsageError(
                f"The path of {name} is not UTF-8.",
                where=ascii(path),
                next="give the folder another name",
            )


def _home() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a user whom this computer knows by number only
        return "/"
