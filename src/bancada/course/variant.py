"""What differs from seat to seat, so that a neighbour's answer does not fit."""

from __future__ import annotations

import hashlib
import hmac
import string
from types import SimpleNamespace
from typing import Any

from bancada.course.exercise import Exercise
from bancada.course.texts import ON_SEAT, task


class Variant(SimpleNamespace):
    """The drawn values, as attributes: `variant.hostname`."""

    def as_dict(self) -> dict[str, str | int]:
        return dict(vars(self))

    def as_environment(self) -> dict[str, str]:
        """For scripts: SEED_HOSTNAME and so on."""
        return {f"SEED_{key.upper()}": str(value) for key, value in vars(self).items()}


def for_role(exercise: Exercise, variant: Variant, *, texts: bool = False) -> dict[str, Any]:
    """What the role `exercise` must know of one exercise with one seat's values; its `texts` only to stage it.

    Raises UsageError where a text is asked for and cannot be filled in.
    """
    values = variant.as_dict()
    item = {
        "name": exercise.name,
        "source": str(exercise.folder),
        "digest": exercise.digest,
        "variant": values,
        "claims": [claim.value for claim in exercise.file.claims],
        "own": [name for name in ("stage", "reset") if (exercise.folder / f"{name}.yml").is_file()],
    }
    if texts:
        item["texts"] = {name: task(exercise.folder, language, values) for language, name in ON_SEAT.items()}
    return item


def variant_of(exercise: Exercise, seat: str, secret: bytes) -> Variant:
    """Drawn by a keyed hash (HMAC-SHA-256) of class secret, seat and exercise: the same at every run."""
    values: dict[str, str | int] = {}
    for name, seed in exercise.file.seeds.items():
        digest = hmac.new(secret, f"{seat}\0{exercise.name}\0{name}".encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest[:8], "big")
        if seed.choose is not None:
            values[name] = seed.choose[number % len(seed.choose)]
        elif seed.between is not None:
            low, high = seed.between
            values[name] = low + number % (high - low + 1)
        else:
            letters = "".join(string.ascii_lowercase[byte % 26] for byte in digest[8 : 8 + seed.letters])
            values[name] = f"{seed.prefix}{letters}"
    return Variant(**values)
