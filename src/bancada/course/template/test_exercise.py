"""TODO: what the kernel must show."""

from __future__ import annotations

from bancada.evidence import Evidence
from bancada.judge import T, expect


def test_the_effect(seat: Evidence) -> None:
    # TODO: replace by what the kernel must show
    expect(
        False,
        expected=T("TODO what should be", "TODO o que deveria ser"),
        found=T("TODO what the kernel says", "TODO o que o kernel diz"),
    )
