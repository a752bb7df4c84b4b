"""Where a proof fails, its seats' journals, evidence and the class's log are left behind."""

from __future__ import annotations

from artifacts import pytest_collection_finish, pytest_runtest_makereport, pytest_terminal_summary

__all__ = ["pytest_collection_finish", "pytest_runtest_makereport", "pytest_terminal_summary"]
