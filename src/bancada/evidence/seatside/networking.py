"""The seat's own network interfaces and packet filter rules, without those that Docker makes."""

import re
import shlex

from bancada.evidence.seatside.base import run
from bancada.evidence.seatside.namespaces import network

BRIDGE = re.compile(r"docker0|br-[0-9a-f]{12}")
TABLES = ("nat", "filter", "mangle")
DOCKERS = re.compile(r"DOCKER|docker0|br-[0-9a-f]{12}|^-A (INPUT|FORWARD|OUTPUT) -j (KUBE|CNI)")


def interfaces() -> list[str]:
    """Names; not Docker's bridges, nor its containers' ends of pairs."""
    return sorted(
        one["name"]
        for one in network()["interfaces"]
        if not BRIDGE.fullmatch(one["name"]) and not BRIDGE.fullmatch(one["master"] or "")
    )


def rules() -> list[str]:
    """Rules of iptables(8), as "TABLE -A CHAIN …"."""
    found = []
    for table in TABLES:
        for line in run("iptables-save", "-t", table)["out"].splitlines():
            if line.startswith("-A ") and not DOCKERS.search(line):
                found.append(f"{table} {line}")
    return found


def remove_rules(words: list[str]) -> list[str]:
    """Delete the rules that name one of these words: interfaces, addresses, names."""
    gone = []
    for rule in rules():
        if not any(re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", rule) for word in words):
            continue
        table, _, *rest = shlex.split(rule)
        if not run("iptables", "-t", table, "-D", *rest)["code"]:
            gone.append(rule)
    return gone
