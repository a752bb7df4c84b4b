"""The base of all that people write and machines read, and the other way round."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Unknown keys are refused, and what was read does not change."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)
