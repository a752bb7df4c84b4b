"""Seats reach the network through this computer, which forwards nothing unasked where Docker or a firewall says so.

Docker and ufw set iptables' chain FORWARD to DROP. Podman 5 admits its containers in a table of nftables of its own,
which does not undo a DROP elsewhere; so they are admitted in that chain itself. Only the policy is made good, at the
chain's end and for the way out of this computer: what somebody forbids there stays forbidden, and so does what Docker
keeps to itself (https://docs.docker.com/engine/network/packet-filtering-firewalls/).
"""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from typing import Any

from bancada.reach.host import which
from bancada.reach.run import CommandFailed, as_root, run

NETWORK = "podman"
"""Podman's default network, which seats are on."""
MARK = "bancada"
"""The comment of our rules."""


def let_through() -> list[str]:
    """Admit what seats send out, and the answers, where iptables drops what it does not name; says what was added."""
    if not _drops():
        return []
    missing = [rule for rule in _rules() if _asked("iptables", "--wait", "--check", *rule) is None]
    for rule in missing:
        try:
            run(as_root([str(which("iptables")), "--wait", "--append", *rule]))
        except CommandFailed as error:
            return [f"this computer forwards nothing for seats, and iptables did not let them through: {error.what}"]
    return ["this computer forwards only what iptables names (FORWARD DROP): seats are named now"] if missing else []


def undo() -> list[str]:
    """The command that takes away what was added, where it stands; without sudo before it."""
    rules = [shlex.split(line) for line in (_asked("iptables", "--wait", "--list-rules", "FORWARD") or "").splitlines()]
    ours = [rule[1:] for rule in rules if "--comment" in rule and rule[rule.index("--comment") + 1] == MARK]
    deletions = [shlex.join([str(which("iptables")), "--wait", "--delete", *rule]) for rule in ours]
    return [f"sh -c {shlex.quote('; '.join(deletions))}"] if deletions else []


def closed() -> list[str]:
    """The chains of nftables that drop what they do not name, and do not name seats either: of none is it known what it
    is for, so nothing is changed there."""
    found: Any = {}
    with suppress(ValueError):
        found = json.loads(_asked("nft", "--json", "list", "chains") or "{}")
    dropping = []
    with suppress(TypeError, KeyError, AttributeError):
        for chain in [one["chain"] for one in found["nftables"] if "chain" in one]:
            names = f"{chain['family']} {chain['table']} {chain['name']}"
            if chain["family"] in ("ip", "inet") and chain.get("hook") == "forward" and chain.get("policy") == "drop":
                dropping.append(names)
    if _drops():  # which is iptables' own, and is opened by `let_through`
        dropping = [names for names in dropping if names != "ip filter FORWARD"]
    bridge = _bridge() if dropping else ""
    return [names for names in dropping if bridge not in (_asked("nft", "list", "chain", *names.split(" ")) or "")]


def _drops() -> bool:
    return (_asked("iptables", "--wait", "--list-rules", "FORWARD") or "").startswith("-P FORWARD DROP")


def _rules() -> list[list[str]]:
    """One for what goes out, one for the answers, for each interface that leads out of this computer."""
    routes = json.loads(_asked("ip", "-json", "-4", "route", "show", "default") or "[]")
    answers, ours = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"], ["-m", "comment", "--comment", MARK]
    rules, bridge = [], _bridge()
    for way in sorted({str(route["dev"]) for route in routes if "dev" in route}):
        rules.append(["FORWARD", "-i", bridge, "-o", way, *ours, "-j", "ACCEPT"])
        rules.append(["FORWARD", "-i", way, "-o", bridge, *answers, *ours, "-j", "ACCEPT"])
    return rules


def _bridge() -> str:
    """The interface that seats hang on."""
    found = json.loads(run(as_root(["podman", "network", "inspect", NETWORK])).stdout)
    return str(found[0]["network_interface"])


def _asked(program: str, *words: str) -> str | None:
    """What a program says; None where it fails, or is not there."""
    if (path := which(program)) is None:
        return None
    done = run(as_root([path, *words]), check=False)
    return done.stdout if done.ok else None
