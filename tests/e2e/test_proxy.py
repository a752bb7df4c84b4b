"""A computer that reaches nothing but an HTTP proxy: the program installs itself there, and a class is made."""

from __future__ import annotations

import re
import subprocess

import pytest
from conftest import AS_ROOT, ROOT, Bancada
from network import OUTSIDE, network, serving
from proxy import Proxy

pytestmark = pytest.mark.whole
"""It makes a base system and an image of its own."""


def test_all_that_is_fetched_comes_through_the_proxy_of_the_class(fresh: Bancada) -> None:
    clone = fresh.folder / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    with network(fresh) as there, serving(proxy := Proxy(OUTSIDE)) as port:
        variables = fresh.inventory / "group_vars" / "all.yml"
        # The mirror's own name, written out: an image of its own, so that it is baked here.
        variables.write_text(
            f"{variables.read_text()}bancada_proxy: http://{OUTSIDE}:{port}\n"
            "bancada_mirror: http://deb.debian.org/debian\n"
        )
        fresh.within = [*there.within, "env", f"--chdir={clone}", "--unset=http_proxy", "--unset=https_proxy"]
        try:
            with fresh.standing():
                done = fresh("--yes", "up", "seat-01", timeout=3600)
                assert done.returncode == 0, done.stderr
                assert "Making .venv" in done.stderr and "making the base system" in done.stderr
                assert "preparing the image" in done.stderr
                assert "deb.debian.org" in proxy.hosts and "pypi.org" in proxy.hosts, proxy.hosts
                assert fresh("check", "seat-01", "-e", "namespaces/uts").returncode == 1
                # It is the way of packages, not of students.
                seen = fresh("ssh", "seat-01", "env; cat /etc/apt/apt.conf.d/* 2>/dev/null")
                assert seen.returncode == 0 and OUTSIDE not in seen.stdout, seen
        finally:
            log = (fresh.class_state / "commands.log").read_text()
            made = set(re.findall(r"^podman (?:import|commit) .* (localhost/bancada/\S+)$", log, re.MULTILINE))
            subprocess.run([*AS_ROOT, "podman", "image", "rm", *made], check=False, capture_output=True)
