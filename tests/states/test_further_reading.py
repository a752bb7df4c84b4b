"""Every manual page that an exercise sends its students to is on the seat."""

from __future__ import annotations

import re

from testinfra.host import Host

from bancada.reach.paths import Project

PAGE = re.compile(r"`man ([1-8]) ([\w.-]+)`")


def test_manual_pages_of_the_tasks_are_on_the_seat(host: Host) -> None:
    pages: dict[str, list[str]] = {}
    for task in sorted(Project.here().exercises.glob("*/*/task.en.md")):
        for section, name in PAGE.findall(task.read_text(encoding="utf-8")):
            pages.setdefault(f"{section} {name}", []).append(f"{task.parent.parent.name}/{task.parent.name}")
    assert len(pages) > 30
    there = 'there() { man -w "$@" >/dev/null 2>&1; }; '
    # Debian 12 has one page for all of /proc.
    asked = [f"there {page} || {'there 5 proc ||' if ' proc_' in page else ''} echo {page}" for page in pages]
    absent = host.check_output(there + "; ".join(asked)).splitlines()
    assert not absent, {page: pages[page] for page in absent}
