"""Every program that runs on a seat, and not here: standard library only, Python 3.11 or newer."""
