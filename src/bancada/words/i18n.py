"""Texts in the two languages that Bancada speaks. What a student reads exists in both, or not at all."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

LONGEST = 4000
"""Characters of one text that is kept: a seat's words are in it, and a store where nothing is ever deleted."""


class Language(StrEnum):
    EN = "en"
    PT_BR = "pt-BR"


def placeholders(template: str) -> set[str]:
    """The names between braces in a `str.format` template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@dataclass(frozen=True)
class Text:
    """One text in both languages; as a document {"en": …, "pt-BR": …}, neither of which may be missing.

    With `values` the two are templates, which these fill, texts among them each in its language; without, they are as
    they are, braces and all. Raises ValueError where two templates do not use the same placeholders, or a value is
    missing: a text that is right in one language only is a broken text.
    """

    en: str
    pt: str
    values: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        if self.values is None:
            return
        if placeholders(self.en) != placeholders(self.pt):
            raise ValueError(f"the languages use different placeholders: {self.en!r} / {self.pt!r}")
        if missing := placeholders(self.en) - self.values.keys():
            raise ValueError(f"no value for {', '.join(sorted(missing))} in {self.en!r}")

    def in_(self, language: Language) -> str:
        template = self.pt if language is Language.PT_BR else self.en
        if self.values is None:
            return template
        values = {key: value.in_(language) if isinstance(value, Text) else value for key, value in self.values.items()}
        return template.format(**values)

    def __str__(self) -> str:
        return self.in_(Language.EN)

    def filled(self) -> Text:
        """As it can be kept: filled in, no longer than LONGEST, and what UTF-8 cannot say written as an escape."""
        return Text(_kept(self.in_(Language.EN)), _kept(self.in_(Language.PT_BR)))

    def as_dict(self) -> dict[str, str]:
        return {language.value: self.in_(language) for language in Language}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        words = core_schema.no_info_before_validator_function(_kept, core_schema.str_schema())
        document = core_schema.typed_dict_schema(
            {language.value: core_schema.typed_dict_field(words) for language in Language}, extra_behavior="forbid"
        )
        return core_schema.no_info_wrap_validator_function(
            lambda value, read: value.filled() if isinstance(value, cls) else cls._of(read(value)),
            document,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.as_dict),
        )

    @classmethod
    def _of(cls, document: dict[str, str]) -> Text:
        return cls(document[Language.EN], document[Language.PT_BR])


def T(en: str, pt: str, **values: object) -> Text:
    """A text whose placeholders are filled: T("{n} processes", "{n} processos", n=3)."""
    return Text(en, pt, values)


def _kept(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return cut.encode("utf-8", "backslashreplace").decode()


def _whole(text: Text) -> Text:
    words = Text(text.en.strip(), text.pt.strip())
    if not (words.en and words.pt):
        raise ValueError("neither language may be empty")
    return words


Written = Annotated[Text, AfterValidator(_whole)]
"""A text that an author wrote: something in each language."""
