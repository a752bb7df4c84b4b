"""Who makes seats. A provider has its own module here; nothing outside it knows which one is at work."""

from __future__ import annotations

from collections.abc import Callable

from bancada.inventory import PROVIDERS, Class
from bancada.providers.base import Hold, Lack, Machine, MachineState, Provider, foreign, made_by_us
from bancada.providers.existing.provider import Existing
from bancada.providers.podman.provider import Podman
from bancada.providers.vagrant.provider import Vagrant
from bancada.words.errors import BenchError

__all__ = ["Hold", "Lack", "Machine", "MachineState", "Provider", "choose", "foreign", "made_by_us"]

MAKERS: dict[str, Callable[[Class], Provider]] = dict(zip(PROVIDERS, (Vagrant, Podman, Existing), strict=True))


def choose(cls: Class, wanted: str | None = None, kept: str = "") -> tuple[Provider, str]:
    """The provider that is `wanted`, or that the class names, or that made its seats, or that is best here; and why."""
    name = wanted or cls.seats[0].variables.bancada_provider
    if name == "auto" and kept in MAKERS:
        return MAKERS[kept](cls), "which made this class's seats"
    if name != "auto":
        provider = MAKERS[name](cls)
        if lacks := provider.lacks():
            raise BenchError(f"{name} cannot run here: {lacks[0].what}", next=lacks[0].mend)
        return provider, "asked for"
    missing: list[tuple[str, Lack]] = []
    for name, make in MAKERS.items():
        provider = make(cls)
        lacks = provider.lacks()
        if not lacks and not provider.reluctance():
            why = "; ".join(f"{name}: {lack.what.rstrip('.')}" for name, lack in missing)
            return provider, "the best that can run on this computer" + (f" ({why})" if why else "")
        missing.append((name, lacks[0] if lacks else Lack(provider.reluctance(), f"./bancada up --provider {name}")))
    reasons = "; ".join(f"{name}: {lack.what}" for name, lack in missing)
    raise BenchError(f"No provider can run on this computer. {reasons}", next=missing[0][1].mend)
