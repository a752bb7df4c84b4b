"""Exercises and courses: what a folder under `exercises/` must hold, and how it is read."""

from bancada.course.course import load_course
from bancada.course.exercise import Exercise, load_catalog, no_exercise, read_exercise, require_proven
from bancada.reach.yamlfile import Problem

__all__ = ["Exercise", "Problem", "load_catalog", "load_course", "no_exercise", "read_exercise", "require_proven"]
