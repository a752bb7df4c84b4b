"""JSON Schemas of what people write and machines read, made from the models that validate it."""

from __future__ import annotations

import json

from pydantic import BaseModel

from bancada.course.models import CourseFile, ExerciseFile
from bancada.judge.verdict import CheckReport
from bancada.reach.paths import ROOT

FOLDER = ROOT / "docs" / "schemas"
SCHEMAS: dict[str, type[BaseModel]] = {
    "exercise.schema.json": ExerciseFile,
    "course.schema.json": CourseFile,
    "check-1.schema.json": CheckReport,
}


def render(model: type[BaseModel]) -> str:
    return json.dumps(model.model_json_schema(by_alias=True), indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, model in SCHEMAS.items():
        (FOLDER / name).write_text(render(model), encoding="utf-8")
