"""The name that exercises written for version 0.1.0 import from: see bancada.judge."""

from bancada.judge import T, Text, expect

__all__ = ["T", "Text", "expect"]
