"""The end of a machine, and what has to go before it."""

from __future__ import annotations

from bancada.providers import Machine, MachineState
from bancada.reach import ssh
from bancada.seats.ansible.playbook import play
from bancada.seats.bench import Bench
from bancada.words.errors import Lost, Refused
from bancada.words.shown import say

STAGED = "sudo sh -c 'ls /var/lib/bancada/exercises 2>/dev/null || true'"
"""Tells which exercises a seat knows: their names, with two hyphens for each slash."""


def take_down(bench: Bench, machine: Machine) -> None:
    """Destroy a machine of the class's; one that runs on without us has its exercises reset before. How seats are
    entered must be written. Raises BancadaError or OSError where it stays; then it may be called again."""
    if bench.provider.lent and machine.state is MachineState.RUNNING:
        _reset_exercises(bench, machine.seat)
    ssh.close(bench.cls.state, machine.seat)
    bench.provider.destroy(machine)


def _reset_exercises(bench: Bench, seat: str) -> None:
    """Take all exercises back to pristine, also those that are no longer of the course."""
    try:
        listed = ssh.remote(bench.cls.state, seat, STAGED).stdout.split()
        # Only which exercises: what a seat says of them would be a template to Ansible, which runs here.
        there = [exercise for name, exercise in bench.catalog.items() if name.replace("/", "--") in listed]
        own = bench.for_role(seat, there) if there else None
    except (Lost, Refused) as error:
        # Our key, the secret, our account there or its rights: its owner's own way in is enough for all the rest.
        say(f"! {seat}: what exercises have running or mounted there is not taken away: {error.what}", err=True)
        return
    if own:
        play(bench.project, bench.cls, ["reset"], {seat: own})
