"""A network namespace for a class: what its computer's network could be, without touching this computer's own."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from conftest import AS_ROOT, Bancada

OUTSIDE, INSIDE = "198.18.73.1", "198.18.73.2"
"""The two ends of its only cable: addresses that no network uses (RFC 2544)."""


@dataclass(frozen=True)
class Network:
    """Its ways out end at this computer: what listens at OUTSIDE is reached, and nothing beyond."""

    name: str

    @property
    def within(self) -> list[str]:
        """The words before a command that put it there. It mounts where everybody does, so that Podman finds it."""
        return [*AS_ROOT, "nsenter", f"--net=/run/netns/{self.name}"]

    def sh(self, script: str) -> str:
        return subprocess.run([*self.within, "sh", "-euc", script], check=True, capture_output=True, text=True).stdout


@contextmanager
def network(bancada: Bancada) -> Iterator[Network]:
    """A network namespace with a cable to this computer and no way beyond it, where the class's commands run; gone
    afterwards, with the class."""
    there = Network(f"bancada-e2e-{os.getpid()}")
    cable = f"be2e{os.getpid() % 100_000}"
    on_this = f"""
        ip netns add {there.name}
        ip link add {cable} type veth peer name cable netns {there.name}
        ip addr add {OUTSIDE}/30 dev {cable}
        ip link set {cable} up
    """
    try:
        subprocess.run([*AS_ROOT, "sh", "-euc", on_this], check=True)
        there.sh(f"ip link set lo up; ip addr add {INSIDE}/30 dev cable; ip link set cable up")
        there.sh(f"ip route add default via {OUTSIDE}")
        bancada.within = there.within
        with bancada.standing():
            yield there
    finally:
        bancada.within = []
        subprocess.run([*AS_ROOT, "ip", "netns", "del", there.name], check=False)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """The port of a server that answers while the block runs."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
