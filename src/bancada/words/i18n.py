"""Texts in the two languages that Bancada speaks. What a student reads exists in both, or not at all."""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from enum import StrEnum


class Language(StrEnum):
    EN = "en"
    PT_BR = "pt-BR"


def placeholders(template: str) -> set[str]:
    """The names between braces in a `str.format` template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@dataclass(frozen=True)
class Text:
    """One text in both languages, with the values that fill its placeholders.

    Raises ValueError where the two languages do not use the same placeholders, or a value is missing: a text that
    is right in one language only is a broken text.
    """

    en: str
    pt: str
    values: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if placeholders(self.en) != placeholders(self.pt):
            raise ValueError(f"the languages use different placeholders: {self.en!r} / {self.pt!r}")
        if missing := placeholders(self.en) - self.values.keys():
            raise ValueError(f"no value for {', '.join(sorted(missing))} in {self.en!r}")

    def in_(self, language: Language) -> str:
        template = self.pt if language is Language.PT_BR else self.en
        return template.format(**self.values)

    def __str__(self) -> str:
        return self.in_(Language.EN)

    def as_dict(self) -> dict[str, str]:
        return {language.value: self.in_(language) for language in Language}


def T(en: str, pt: str, **values: object) -> Text:
    """Short for Text in exercise tests: T("{n} processes", "{n} processos", n=3)."""
    return Text(en, pt, values)
