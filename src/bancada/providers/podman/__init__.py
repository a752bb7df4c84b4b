"""Seats as system containers of Podman."""
