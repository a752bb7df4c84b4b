"""Who makes seats. A provider has its own module here; nothing outside it knows which one is at work."""

from __future__ import annotations

from collections.abc import Callable

from bancada.errors import BenchError, UsageError
from bancada.inventory import Class
from bancada.providers.base import Lack, Machine, MachineState, Provider, foreign
from bancada.providers.existing import Existing
from bancada.providers.podman import Podman

__all__ = ["Lack", "Machine", "MachineState", "Provider", "choose", "foreign"]

# In order of preference.
PROVIDERS: dict[str, Callable[[Class], Provider]] = {"podman": Podman}
# People's own machines: never taken unless the class names it.
NAMED_ONLY: dict[str, Callable[[Class], Provider]] = {"existing": Existing}


def choose(cls: Class, wanted: str | None = None) -> tuple[Provider, str]:
    """The provider that the class (or `wanted`) names, or the first that can run here; and why."""
    name = wanted or cls.seats[0].variables.bancada_provider
    if name != "auto":
        named = PROVIDERS | NAMED_ONLY
        if name not in named:
            raise UsageError(
                f"There is no provider {name!r}. The providers: {', '.join(named)}, or auto.",
                where=str(cls.inventory),
            )
        provider = named[name](cls)
        if lacks := provider.lacks():
            raise BenchError(f"{name} cannot run here: {lacks[0].what}", next=lacks[0].mend)
        return provider, "asked for"
    missing = []
    for name, make in PROVIDERS.items():
        provider = make(cls)
        lacks = provider.lacks()
        if not lacks:
            return provider, "the best that can run on this computer"
        missing.append((name, lacks[0]))
    reasons = "; ".join(f"{name}: {lack.what}" for name, lack in missing)
    raise BenchError(f"No provider can run on this computer. {reasons}", next=missing[0][1].mend)
