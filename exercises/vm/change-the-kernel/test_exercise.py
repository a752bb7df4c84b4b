"""A module and a parameter of the kernel, which the whole seat shares, are there now and come back at the next boot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bancada.checks import T, expect


def test_the_module_is_loaded(variant: SimpleNamespace, probe: Any) -> None:
    listed = [path for path, name in probe["modules"] if name == variant.module]
    found = T(
        "it is not among the modules in /proc/modules",
        "ele não está entre os módulos em /proc/modules",
    )
    if listed:
        found = T(
            "it is not loaded: {path} names it for the next boot, but nobody has loaded it in this one",
            "ele não está carregado: {path} o indica para a próxima inicialização, mas ninguém o carregou nesta",
            path=listed[0],
        )
    expect(
        variant.module in probe["loaded"],
        expected=T(
            "the module {module} in the kernel that is running",
            "o módulo {module} no kernel que está rodando",
            module=variant.module,
        ),
        found=found,
    )


def test_the_kernel_has_the_parameter(variant: SimpleNamespace, probe: Any) -> None:
    value = str(variant.swappiness)
    found = T(
        "{now}, in /proc/sys/vm/swappiness",
        "{now}, em /proc/sys/vm/swappiness",
        now=probe["value"],
    )
    if probe["value"] != value and probe["sysctl"] and probe["sysctl"][-1][1] == value:
        found = T(
            "still {now}, in /proc/sys/vm/swappiness: {path} is there, but nobody has applied it yet",
            "ainda {now}, em /proc/sys/vm/swappiness: {path} existe, mas ninguém o aplicou até agora",
            now=probe["value"],
            path=probe["sysctl"][-1][0],
        )
    expect(
        probe["value"] == value,
        expected=T(
            "vm.swappiness = {value} in the kernel that is running",
            "vm.swappiness = {value} no kernel que está rodando",
            value=value,
        ),
        found=found,
    )


def test_the_module_comes_back_at_the_next_boot(variant: SimpleNamespace, probe: Any) -> None:
    listed = [path for path, name in probe["modules"] if name == variant.module]
    unread, can_load = probe["modules_unread"], probe["modprobe"].startswith("insmod ")
    found = T(
        "no file that is read at boot names it: after the next boot it is gone",
        "nenhum arquivo lido na inicialização o indica: depois da próxima ele terá sumido",
    )
    if listed and not can_load:
        found = T(
            "{path} names it, but a file in modprobe.d forbids to load it",
            "{path} o indica, mas um arquivo em modprobe.d proíbe carregá-lo",
            path=listed[0],
        )
    elif unread and unread[0].startswith("/etc/modprobe.d/"):
        found = T(
            "{path} names it, but modprobe.d says how modules are loaded, not which ones",
            "{path} o indica, mas o modprobe.d diz como módulos são carregados, não quais",
            path=unread[0],
        )
    elif unread:
        found = T(
            "{path} names it, but systemd does not read this file at boot: only what lies in modules-load.d and ends "
            "in .conf",
            "{path} o indica, mas o systemd não lê esse arquivo na inicialização: só o que está em modules-load.d e "
            "termina em .conf",
            path=unread[0],
        )
    expect(
        listed and can_load,
        expected=T(
            "the module {module} loaded again by systemd at the next boot",
            "o módulo {module} carregado de novo pelo systemd na próxima inicialização",
            module=variant.module,
        ),
        found=found,
    )


def test_the_parameter_comes_back_at_the_next_boot(variant: SimpleNamespace, probe: Any) -> None:
    value, setters, unread = str(variant.swappiness), probe["sysctl"], probe["sysctl_unread"]
    now = probe["value"]
    found = T(
        "{now} now, but no file that is read at boot sets it: after the next one it is {usual} again",
        "{now} agora, mas nenhum arquivo lido na inicialização o define: depois da próxima ele volta a {usual}",
        now=now,
        usual=probe["usual"] or "60",
    )
    right = [path for path, said in setters if said == value]
    if setters and right:
        found = T(
            "{now} now, but the next boot sets {said}: {path} is read after {right}, and the last one wins",
            "{now} agora, mas a próxima inicialização define {said}: {path} é lido depois de {right}, e o último vence",
            now=now,
            said=setters[-1][1],
            path=setters[-1][0],
            right=right[-1],
        )
    elif setters:
        found = T(
            "{now} now, and the next boot sets {said}: so says {path}",
            "{now} agora, e a próxima inicialização define {said}: é o que diz {path}",
            now=now,
            said=setters[-1][1],
            path=setters[-1][0],
        )
    elif unread:
        found = T(
            "{path} sets it, but systemd does not read this file at boot: only what lies in sysctl.d and ends in .conf",
            "{path} o define, mas o systemd não lê esse arquivo na inicialização: só o que está em sysctl.d e termina "
            "em .conf",
            path=unread[0],
        )
    expect(
        setters and setters[-1][1] == value,
        expected=T(
            "vm.swappiness = {value} set again by systemd at the next boot",
            "vm.swappiness = {value} definido de novo pelo systemd na próxima inicialização",
            value=value,
        ),
        found=found,
    )


def test_the_rest_of_the_kernel_is_as_before(probe: Any) -> None:
    key, before, now = probe["changed"][0] if probe["changed"] else ("", "", "")
    expect(
        not probe["changed"],
        expected=T(
            "the kernel's other parameters as they were when the exercise was staged",
            "os outros parâmetros do kernel como estavam quando o exercício foi preparado",
        ),
        found=T(
            "{key} was {before}, and is {now} now",
            "{key} era {before} e agora é {now}",
            key=key.replace("/", "."),
            before=before,
            now=now,
        ),
    )
