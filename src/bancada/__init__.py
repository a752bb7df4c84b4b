"""Bancada gives every student of a class on containers the same machine, and proves what state it is in."""

__version__ = "0.2.0"
