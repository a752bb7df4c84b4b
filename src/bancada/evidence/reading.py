"""How a document that nobody vouches for becomes typed: pydantic does it, and one sentence says why one does not.

Dataclasses stay those of the standard library. Where a document has another shape than an attribute, `read_as` in its
annotation says which, and what makes the one of the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, ConfigDict, GetCoreSchemaHandler, GetPydanticSchema, TypeAdapter, ValidationError
from pydantic_core import core_schema, from_json

M = TypeVar("M")

OURS_ALONE = ConfigDict(extra="forbid", allow_inf_nan=False)
"""For with_config: no other keys than ours. Counts for the dataclasses within as well."""

MANY = 200
"""Faults of a document of which one is named; to hear of more, all of them would have to be told, made on purpose."""


def read_as(shape: Any, make: Callable[[Any], Any]) -> GetPydanticSchema:
    """For Annotated: what the document has there is a `shape`, of which `make` makes the attribute."""

    def schema(_: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(make, handler.generate_schema(shape))

    return GetPydanticSchema(schema)


_ENCODER = json.JSONEncoder(allow_nan=False)


def _finite(value: Any) -> Any:
    _ENCODER.encode(value)  # raises ValueError: from_json makes Infinity of 1e999
    return value


Free = Annotated[Any, AfterValidator(_finite)]
"""Any JSON."""


def _as_said(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    """Numbers are numbers, no "1" for 1; and a list is left at its first fault: all of a million take gigabytes."""
    whole = handler(source)
    known: set[str] = set()
    todo: list[Any] = [whole]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict) and one.get("type") == "definition-ref":
            if one["schema_ref"] not in known:
                known.add(one["schema_ref"])
                todo.append(handler.resolve_ref_schema(cast(core_schema.CoreSchema, one)))
        elif isinstance(one, dict):
            if one.get("type") in ("tuple", "frozenset", "dict"):
                one["fail_fast"] = True
            elif one.get("type") in ("int", "float", "bool"):
                one["strict"] = True
            todo += [value for name, value in one.items() if name != "keys_schema"]  # in JSON all keys are strings
    return whole


AS_SAID = GetPydanticSchema(_as_said)
"""For Annotated: the types within are read as they stand in JSON."""


def of_json(document: str | bytes) -> dict[str, Any]:
    """The JSON object that a document is; raises ValueError where it is none, or nests deeper than 200 levels.

    Not by validate_json of pydantic: for each fault in a document that copies what is around it, gigabytes in all.
    """
    try:
        said = from_json(document.encode() if isinstance(document, str) else document, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(in_short(f"evidence that is no JSON: {error}")) from None
    if isinstance(said, dict):
        return said
    raise ValueError("evidence that is no JSON object")


def sound(reader: TypeAdapter[M], said: dict[str, Any]) -> M:
    """What a document says, as `reader` types it; raises ValueError, which names its first fault in one short line."""
    try:
        return reader.validate_python(said)
    except ValidationError as error:
        if error.error_count() > MANY:
            raise ValueError(f"evidence that is not sound: {error.error_count()} faults") from None
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(in_short(part, 40) for part in fault["loc"])
        why = fault["msg"].removeprefix("Value error, ")
        raise ValueError(in_short(f"evidence that is not sound: {place}: {why}")) from None


def in_short(said: Any, most: int = 300) -> str:
    """In one line of at most so many characters."""
    line = " ".join(str(said).split())
    return line if len(line) <= most else line[: most - 1] + "…"
