"""Virtual machines: a disk that boots, a box of it, and whether a machine can be booted here at all."""
