"""What `./bancada` starts: Python given this folder finds the package here, and looks nowhere else for it."""

import bancada.__main__  # noqa: F401
