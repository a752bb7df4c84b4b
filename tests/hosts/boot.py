"""Boot a stock Debian computer for a person's own trials: says how to enter it, and runs until it is switched off.

.venv/bin/python tests/hosts/boot.py trixie    # `sudo poweroff` in it, or Ctrl-C: it is gone, with all in it
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]

from computer import CHECKOUT, Computer  # noqa: E402
from image import RELEASES, ensure_image  # noqa: E402


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("release", choices=RELEASES)
    asked.add_argument("--ready", action="store_true", help="what ./bancada installs is there already")
    asked.add_argument("--drive", type=Path, help="a file that it sees as /dev/vdb")
    asked.add_argument("--command", help="run this there, from the checkout, then switch it off")
    wanted = asked.parse_args()
    started = time.monotonic()
    with Computer(ensure_image(wanted.release, ready=wanted.ready), drive=wanted.drive) as computer:
        print(f"ready after {time.monotonic() - started:.0f} s; process {computer.pid}, console {computer.console}")
        computer.bring_checkout()
        print(f"what is committed here lies in ~/{CHECKOUT}; enter with:\n{shlex.join(computer.ssh())}", flush=True)
        if wanted.command:
            done = computer.run(f"cd {shlex.quote(CHECKOUT)} && {wanted.command}", timeout=24 * 3600)
            print(done.stdout)
            sys.exit(done.returncode)
        computer.wait_for_the_end()


if __name__ == "__main__":
    main()
