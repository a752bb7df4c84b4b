"""Two versions of one server at once, which do not get in each other's way because neither sees the other."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from bancada.evidence import Evidence, Process
from bancada.judge import T, expect

OLD, NEW = "1.35", "1.37"
Server = tuple[Process, dict[str, Any]]
NOT_BOTH = T(
    "the two versions do not serve at the same time yet",
    "as duas versões ainda não estão servindo ao mesmo tempo",
)


def servers(seat: Evidence, probe: list[dict[str, Any]], version: str) -> list[Server]:
    known = {process.pid: process for process in seat.processes}
    return [(known[one["pid"]], one) for one in probe if one["version"] == version and one["pid"] in known]


def has_configuration(server: dict[str, Any], word: str) -> bool:
    text = server["configuration"] or ""
    return re.search(rf"(?m)^\s*H:/srv/{re.escape(word)}/?\s*$", text) is not None


def says(server: dict[str, Any], word: str) -> bool:
    return word in server["answer"].get("body", "")


def named_configuration(process: Process) -> str | None:
    """The one that its command line names, where that is another one."""
    words = process.cmdline
    named = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "-c"]
    named += [word[2:] for word in words if re.match("-c.", word)]
    return next((path for path in named if path != "/etc/httpd.conf"), None)


def apart(seat: Evidence, one: Server, other: Server) -> bool:
    return len({seat.init.ns["net"], one[0].ns["net"], other[0].ns["net"]}) == 3


def pair(seat: Evidence, probe: list[dict[str, Any]], variant: SimpleNamespace) -> tuple[Server, Server] | None:
    """An old server and a new one; of several the two that have come farthest."""

    def score(both: tuple[Server, Server]) -> tuple[bool, int]:
        words = zip(both, (variant.old, variant.new), strict=True)
        good = [
            (has_configuration(one, word), says(one, word), variant.port in one["ports"]) for (_, one), word in words
        ]
        return apart(seat, *both), sum(map(sum, good))

    pairs = [(old, new) for old in servers(seat, probe, OLD) for new in servers(seat, probe, NEW)]
    return max(pairs, key=score, default=None)


def test_both_versions_serve_at_the_same_time(seat: Evidence, probe: list[dict[str, Any]]) -> None:
    found = T("no busybox of yours listens at any port", "nenhum busybox seu escuta em porta alguma")
    if probe:
        found = T(
            "busybox that listens: {servers}",
            "busybox que escutam: {servers}",
            servers=", ".join(f"{one['version']} (pid {one['pid']})" for one in probe),
        )
    expect(
        servers(seat, probe, OLD) and servers(seat, probe, NEW),
        expected=T(
            "a server that is busybox {old} and one that is busybox {new}, both running",
            "um servidor que seja o busybox {old} e um que seja o busybox {new}, ambos rodando",
            old=OLD,
            new=NEW,
        ),
        found=found,
    )


def test_both_listen_on_the_same_port_in_net_namespaces_of_their_own(
    seat: Evidence, probe: list[dict[str, Any]], variant: SimpleNamespace
) -> None:
    both, found, right = pair(seat, probe, variant), NOT_BOTH, False
    if both:
        right = apart(seat, *both) and all(variant.port in one["ports"] for _, one in both)
        (old, about_old), (new, about_new) = both
        found = T(
            "{old} listens at port {old_port}, {new} at port {new_port}",
            "o {old} escuta na porta {old_port}, o {new} na porta {new_port}",
            old=OLD,
            new=NEW,
            old_port=", ".join(map(str, about_old["ports"])),
            new_port=", ".join(map(str, about_new["ports"])),
        )
        in_seats = [process for process, _ in both if process.ns["net"] == seat.init.ns["net"]]
        if in_seats:
            found = T(
                "process {pid} ({command}) is in the seat's own net namespace",
                "o processo {pid} ({command}) está no net namespace da própria bancada",
                pid=in_seats[0].pid,
                command=in_seats[0].command,
            )
        elif old.ns["net"] == new.ns["net"]:
            found = T(
                "both, {old} and {new}, are in the same net namespace",
                "os dois, {old} e {new}, estão no mesmo net namespace",
                old=old.pid,
                new=new.pid,
            )
    expect(
        right,
        expected=T(
            "both at port {port}, each in a net namespace of its own",
            "os dois na porta {port}, cada um em um net namespace próprio",
            port=variant.port,
        ),
        found=found,
    )


def test_each_reads_its_own_configuration_at_the_same_path(
    seat: Evidence, probe: list[dict[str, Any]], variant: SimpleNamespace
) -> None:
    both, found, right = pair(seat, probe, variant), NOT_BOTH, False
    if both:
        wrong = []
        for (process, one), word in zip(both, (variant.old, variant.new), strict=True):
            values = {"version": one["version"], "pid": process.pid}
            if other := named_configuration(process):
                wrong.append(
                    T(
                        "{version} (pid {pid}) was told to read {path}",
                        "o {version} (pid {pid}) recebeu a ordem de ler {path}",
                        **values,
                        path=other,
                    )
                )
            elif not has_configuration(one, word):
                wrong.append(
                    T(
                        "at that path {version} (pid {pid}) sees: {text}",
                        "nesse caminho o {version} (pid {pid}) vê: {text}",
                        **values,
                        text=" | ".join((one["configuration"] or "-").splitlines()[:3]),
                    )
                )
        right = not wrong
        found = wrong[0] if wrong else found
    expect(
        right,
        expected=T(
            "at /etc/httpd.conf, H:/srv/{old} for {old_version} and H:/srv/{new} for {new_version}",
            "em /etc/httpd.conf, H:/srv/{old} para o {old_version} e H:/srv/{new} para o {new_version}",
            old=variant.old,
            new=variant.new,
            old_version=OLD,
            new_version=NEW,
        ),
        found=found,
    )


def test_each_answers_with_its_own_page(seat: Evidence, probe: list[dict[str, Any]], variant: SimpleNamespace) -> None:
    both, found, right = pair(seat, probe, variant), NOT_BOTH, False
    if both:
        words = zip(both, (variant.old, variant.new), strict=True)
        wrong = [one for (_, one), word in words if not says(one, word)]
        right = not wrong
        if wrong:
            answer = wrong[0]["answer"]
            found = T(
                "asked from inside, {version} (pid {pid}) answers {status}: {text}",
                "perguntado de dentro, o {version} (pid {pid}) responde {status}: {text}",
                version=wrong[0]["version"],
                pid=wrong[0]["pid"],
                status=answer.get("status", "-"),
                text=" ".join(answer.get("body", answer.get("error", "")).split())[:80] or "-",
            )
    expect(
        right,
        expected=T(
            "{old} in the page of the old version, and {new} in that of the new one, asked at 127.0.0.1 from inside",
            "{old} na página da versão antiga e {new} na da nova, perguntando em 127.0.0.1 de dentro",
            old=variant.old,
            new=variant.new,
        ),
        found=found,
    )
