"""Seats reach the network through this computer, which forwards nothing unasked where Docker or a firewall says so.

Docker and ufw set iptables' chain FORWARD to DROP. Podman 5 admits its containers in a table of nftables of its own,
which does not undo a DROP elsewhere; so they are admitted in that chain itself, as Docker's documentation advises:
https://docs.docker.com/engine/network/packet-filtering-firewalls/
"""

from __future__ import annotations

import json
import os
import shlex
import shutil

from bancada.run import as_root, run

NETWORK = "podman"
"""Podman's default network, which seats are on."""
IPTABLES = [("ip", "filter", "FORWARD"), ("ip6", "filter", "FORWARD")]
"""What nft shows of iptables' chain."""


def let_through() -> list[str]:
    """Admit what seats send, and the answers, where iptables drops what this computer is to forward; says what was
    added, and which chain of nftables somebody should look at."""
    told = []
    policy = (_asked("iptables", "--wait", "--list-rules", "FORWARD") or "").partition("\n")[0]
    if policy == "-P FORWARD DROP" and (missing := [rule for rule in _rules() if not _stands(rule)]):
        for rule in missing:
            run(as_root(["iptables", "--wait", "--insert", *rule]))
        told.append("this computer forwards nothing that iptables does not name (FORWARD DROP): seats are named now")
    for family, table, chain in _dropping():
        told.append(
            f"the firewall's chain {chain} (nft list chain {family} {table} {chain}) forwards only what it names: "
            f"where seats reach no network, admit the interface {_bridge()} there"
        )
    return told


def undo() -> list[str]:
    """The command that takes away what was added, where it stands; without sudo before it."""
    if "--comment bancada" not in (_asked("iptables", "--wait", "--list-rules", "FORWARD") or ""):
        return []
    deletions = [shlex.join(["iptables", "--delete", *rule]) for rule in _rules() if _stands(rule)]
    return [f"sh -c {shlex.quote(' && '.join(deletions))}"]


def _rules() -> list[list[str]]:
    answers = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    ours = ["-m", "comment", "--comment", "bancada", "-j", "ACCEPT"]
    return [["FORWARD", "-i", _bridge(), *ours], ["FORWARD", "-o", _bridge(), *answers, *ours]]


def _bridge() -> str:
    """The interface that seats hang on."""
    found = json.loads(run(as_root(["podman", "network", "inspect", NETWORK])).stdout)
    return str(found[0]["network_interface"])


def _stands(rule: list[str]) -> bool:
    return _asked("iptables", "--wait", "--check", *rule) is not None


def _dropping() -> list[tuple[str, str, str]]:
    """Family, table and name of each chain, other than iptables' own, that drops what it does not name."""
    chains = [one["chain"] for one in json.loads(_asked("nft", "--json", "list", "chains") or "{}").get("nftables", [])
              if "chain" in one]  # fmt: skip
    named = [
        (chain["family"], chain["table"], chain["name"])
        for chain in chains
        if chain.get("hook") == "forward" and chain.get("policy") == "drop"
    ]
    return [chain for chain in named if chain not in IPTABLES]


def _asked(*words: str) -> str | None:
    """What a program says; None where it fails, or is not there."""
    if shutil.which(words[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
        return None
    done = run(as_root(words), check=False)
    return done.stdout if done.ok else None
