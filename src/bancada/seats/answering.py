"""Waiting for seats that are starting: until they let us in, or until it is clear that they will not."""

from __future__ import annotations

import time
from collections.abc import Iterable

from bancada.providers import Machine, MachineState, Provider
from bancada.reach import ssh
from bancada.reach.paths import ClassState
from bancada.reach.run import CommandFailed, Completed, run
from bancada.words.errors import BenchError

SSH_SECONDS = 120.0
"""How long, on real hardware, a machine that was started may take until it lets us in."""
LOOK_SECONDS = 3.0
"""How often the provider is asked meanwhile whether the machine runs at all."""
LASTING_SECONDS = 10.0
"""How long, on real hardware, one and the same refusal is taken for a seat that is still starting."""


def wait_until_answering(state: ClassState, provider: Provider, seats: Iterable[str], deadline: float) -> None:
    """Wait until each seat lets us in, at most `deadline` seconds for all, and less where waiting is of no use.

    Raises BenchError for the first that does not, with what the seat itself says of it.
    """
    end = time.monotonic() + deadline
    for seat in seats:
        _Waiting(state, provider, seat, end, deadline).out()


class _Waiting:
    def __init__(self, state: ClassState, provider: Provider, seat: str, end: float, deadline: float) -> None:
        self.state, self.provider, self.seat, self.end, self.deadline = state, provider, seat, end, deadline
        self.looked = self.met = time.monotonic()
        self.kind, self.mended = "", False

    def out(self) -> None:
        while not (done := self._knock()).ok:
            if error := ssh.lasting(self.state, self.seat, done):
                raise error
            now = time.monotonic()
            if now - self.looked > LOOK_SECONDS:
                self.looked = now
                self._see_it_run()
            if (kind := _kind(done)) != self.kind:
                self.kind, self.met = kind, now
            if now - self.met > LASTING_SECONDS * self.provider.patience:
                self._no_matter_of_time(done)
            if now > self.end:
                what = f"did not answer over SSH within {self.deadline:.0f} s: {done.last_words}"
                raise self._given_up(what, self._machine())
            time.sleep(0.1)

    def _knock(self) -> Completed:
        try:
            return run(ssh.argv(self.state, self.seat, "true"), timeout=15, check=False)
        except CommandFailed as error:
            return error.done  # it took the connection and is too busy booting to answer: that is no end yet

    def _see_it_run(self) -> None:
        machine = self._machine()
        if machine is None or machine.state is not MachineState.RUNNING:
            raise self._given_up("stopped while it was waited for", machine)

    def _no_matter_of_time(self, done: Completed) -> None:
        """It is up and turns us away: so it will stay. Nothing answers at all: the way to it may be broken."""
        if self.kind:
            raise self._given_up(f"does not let us in: {done.last_words}", self._machine())
        if not self.mended:
            self.mended = True
            if machine := self._machine():
                self.provider.reconnect(machine)

    def _machine(self) -> Machine | None:
        """Its machine, as it is by now."""
        return self.provider.machines().get(self.seat)

    def _given_up(self, what: str, machine: Machine | None) -> BenchError:
        words = self.provider.last_words(machine) if machine else ""
        return BenchError(
            f"{self.seat} {what.rstrip('.')}." + (f" It says itself: {words}" if words else ""),
            where=machine.name if machine else str(self.state.ssh_config),
            next=f"./bancada down --halt {self.seat} && ./bancada up {self.seat}",
        )


def _kind(done: Completed) -> str:
    """How a seat that has started turned us away; empty where it may only not have started yet."""
    if "Permission denied" in done.stderr:
        return "key"
    return "" if done.code in (255, 124) else "session"
