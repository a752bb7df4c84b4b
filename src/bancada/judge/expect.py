"""The one assertion that exercise tests use: what was expected, and what the kernel says instead."""

from __future__ import annotations

from bancada.words.i18n import Text


class Finding(AssertionError):
    """A test's condition is not met. Carries both texts, so that they can be shown in the student's language."""

    def __init__(self, expected: Text, found: Text) -> None:
        super().__init__(expected, found)  # not their words yet: to build them may go wrong
        self.expected = expected
        self.found = found


def expect(condition: object, expected: Text, found: Text) -> None:
    """Raise Finding unless `condition` is true. `found` says what the evidence shows, not what the student typed."""
    if not condition:
        raise Finding(expected, found)
