"""What a person sees while waiting: on a terminal a line with the time gone by, else one plain line for each step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from bancada.words.shown import one_line, say, shown


class Step:
    """One piece of work. `say` tells what it is at; shown on a terminal only."""

    def __init__(self, bar: Bar | None, title: str) -> None:
        self._bar = bar
        self._title = title
        self._task = bar.add_task(title) if bar else None

    def say(self, detail: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=one_line(f"{self._title}: {detail}"))


@dataclass
class Progress:
    """Writes to stderr; results go to stdout. `quiet` says nothing at all."""

    quiet: bool = False
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        started, title = time.monotonic(), one_line(title)
        if self.quiet:
            yield Step(None, title)
            return
        if not self.console.is_terminal:
            say(f"… {title}", err=True)
            yield Step(None, title)
            say(f"✓ {title} ({time.monotonic() - started:.1f} s)", err=True)
            return
        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        with Bar(*columns, console=self.console, transient=True) as bar:
            yield Step(bar, title)
        self.console.print(Text(f"✓ {title} ({time.monotonic() - started:.1f} s)"))

    def note(self, text: str) -> None:
        if not self.quiet:
            self.console.print(Text(shown(text)), soft_wrap=True)
