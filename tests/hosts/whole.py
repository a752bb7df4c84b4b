"""The whole lesson at a stock Debian computer, bake and all; log and figures go into a folder.

.venv/bin/python tests/hosts/whole.py trixie            # hours, where the computer is emulated
.venv/bin/python tests/hosts/whole.py trixie --quick    # a small course, the image baked here and only loaded there
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]

from computer import Computer  # noqa: E402
from image import RELEASES, cache, ensure_image  # noqa: E402
from lesson import Lesson, whole  # noqa: E402
from quick import quick  # noqa: E402


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("release", choices=RELEASES)
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--before", default="", metavar="COMMAND", help="typed in her home before anything else")
    asked.add_argument("--prove", nargs="+", default=[], metavar="EXERCISE", help="proven there too, before `down`")
    asked.add_argument("--logs", type=Path, default=cache() / "logs", help="the folder for log and figures")
    wanted = asked.parse_args()
    began = datetime.now(UTC)
    folder = wanted.logs / f"{wanted.release}{'-quick' if wanted.quick else ''}-{began:%Y-%m-%d-%H%M}"
    folder.mkdir(parents=True)
    log = folder / "lesson.log"
    print(f"log: {log}", flush=True)
    if wanted.quick:
        lesson = quick(wanted.release, log, before=wanted.before, prove=wanted.prove)
    else:
        started = time.monotonic()
        with Computer(ensure_image(wanted.release)) as computer:
            lesson = Lesson(computer, log)
            lesson.note("boot to SSH", f"Debian {wanted.release}", time.monotonic() - started)
            lesson.arrive(wanted.before)
            try:
                whole(lesson, prove=wanted.prove)
            finally:
                shutil.copy(computer.console, folder / "console.log")
    about = (
        f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} after; begun {began:%F %H:%M} UTC"
    )
    (folder / "figures.md").write_text(f"{about}\n\n{lesson.table()}\n")
    print(f"\n{about}\n\n{lesson.table()}")
    sys.exit(1 if lesson.faults else 0)


if __name__ == "__main__":
    main()
