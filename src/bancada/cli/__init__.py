"""The command line: `bancada VERB [SEAT…] [-e EXERCISE…]`. Results to stdout, progress to stderr."""

from bancada.cli.main import main

__all__ = ["main"]
