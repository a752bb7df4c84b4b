"""What the tests of an exercise are written with."""

from bancada.judge.expect import Finding, expect
from bancada.words.i18n import T, Text

__all__ = ["Finding", "T", "Text", "expect"]
