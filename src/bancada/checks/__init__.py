"""What the tests of an exercise are written with."""

from bancada.checks.expect import Finding, expect
from bancada.i18n import T

__all__ = ["Finding", "T", "expect"]
