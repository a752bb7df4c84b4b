import os
import signal

# While the modules are loaded nothing has begun, so Ctrl-C has nothing to tell.
signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))

from bancada.cli import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
