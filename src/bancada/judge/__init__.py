"""What the tests of an exercise are written with."""

from bancada.i18n import T, Text
from bancada.judge.expect import Finding, expect

__all__ = ["Finding", "T", "Text", "expect"]
