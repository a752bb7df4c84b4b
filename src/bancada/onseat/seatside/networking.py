"""The seat's own network interfaces and packet filter rules, without those that Docker makes."""

import re
import shlex

from bancada.onseat.seatside.base import Facts, run
from bancada.onseat.seatside.namespaces import network

BRIDGE = re.compile(r"docker0|br-[0-9a-f]{12}")
TABLES = ("nat", "filter", "mangle")
DOCKERS = re.compile(r"DOCKER|docker0|br-[0-9a-f]{12}|^-A (INPUT|FORWARD|OUTPUT) -j (KUBE|CNI)")


def _own() -> list[Facts]:
    """Not Docker's bridges, nor its containers' ends of pairs."""
    return [
        one
        for one in network()["interfaces"]
        if not BRIDGE.fullmatch(one["name"]) and not BRIDGE.fullmatch(one["master"] or "")
    ]


def interfaces() -> list[str]:
    """Their names."""
    return sorted(one["name"] for one in _own())


def address_counts() -> dict[str, int]:
    """How many IPv4 addresses each interface has: which ones may be others after each boot."""
    return {one["name"]: sum(":" not in address for address in one["addresses"]) for one in _own()}


def rules() -> list[str]:
    """Rules of iptables(8), as "TABLE -A CHAIN …"."""
    found = []
    for table in TABLES:
        for line in run("iptables-save", "-t", table)["out"].splitlines():
            if line.startswith("-A ") and not DOCKERS.search(line):
                found.append(f"{table} {line}")
    return found


def _names_one(words: list[str], line: str) -> bool:
    return any(re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", line) for word in words)


def remove_addresses(words: list[str]) -> list[str]:
    """Take away from interfaces that stay the addresses that lie in one of these ("10.23.45"), or are one."""
    gone = []
    for one in _own():
        for address in one["addresses"]:
            named = _names_one(words, address)
            if named and not run("ip", "address", "delete", address, "dev", one["name"])["code"]:
                gone.append(f"{address} of {one['name']}")
    return gone


def remove_rules(words: list[str]) -> list[str]:
    """Delete the rules that name one of these words: interfaces, addresses, names."""
    gone = []
    for rule in rules():
        if not _names_one(words, rule):
            continue
        table, _, *rest = shlex.split(rule)
        if not run("iptables", "-t", table, "-D", *rest)["code"]:
            gone.append(rule)
    return gone
