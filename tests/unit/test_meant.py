"""A name that is not there is answered with the one that was meant, in the command that was typed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bancada.course import no_exercise
from bancada.inventory import Class, Seat, SeatVariables
from bancada.reach.paths import ClassState
from bancada.words.errors import UsageError
from bancada.words.i18n import Language
from bancada.words.meant import meant, typed_also, typed_for, typed_with

KNOWN = ["chroot/build", "docker/volumes", "namespaces/net", "namespaces/uts"]


@pytest.mark.parametrize(
    ("name", "likely"),
    [("uts", "namespaces/uts"), ("namespace/uts", "namespaces/uts"), ("namespaces/utz", "namespaces/uts"),
     ("docker/volume", "docker/volumes"), ("namespaces/two-hosts", ""), ("namespaces/volumes", "docker/volumes"),
     ("quantum", ""), ("", "")],
)  # fmt: skip
def test_what_was_meant(name: str, likely: str) -> None:
    assert meant(name, KNOWN) == likely


def test_the_end_of_two_names_is_neither() -> None:
    assert meant("net", ["docker/net", "namespaces/net"]) == ""


def test_an_exercise_by_its_end_is_answered_with_the_whole_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bancada", "check", "seat-01", "-e", "uts"])
    error = no_exercise("uts", KNOWN, Path("exercises"))
    assert "Did you mean namespaces/uts?" in error.what
    assert error.next == "./bancada check seat-01 -e namespaces/uts"
    assert ", ".join(KNOWN) in no_exercise("quantum", KNOWN, Path("exercises")).what


def test_a_topic_is_no_exercise_and_none_of_its_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bancada", "reset", "--yes", "seat-01", "-e", "namespaces"])
    error = no_exercise("namespaces", KNOWN, Path("exercises"))
    assert error.what.endswith(": namespaces/net, namespaces/uts.")
    assert error.next == "./bancada reset seat-01 -e namespaces/SLUG"


@pytest.mark.parametrize("verb", ["reset", "restore", "down", "prove"])
def test_what_was_agreed_to_is_not_what_is_guessed(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    for debug in ([], ["--debug"]):
        monkeypatch.setattr(sys, "argv", ["bancada", *debug, verb, "--yes", "seat-1"])
        assert typed_with("seat-1", "seat-01") == " ".join(["./bancada", *debug, verb, "seat-01"])


def test_the_command_that_is_told_leaves_out_nothing_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bancada", "--debug", "reset", "seat-01", "seat-02", "-e", "it's/one", "--all"])
    assert typed_also("reset", "--yes") == """./bancada reset --yes seat-01 seat-02 -e 'it'"'"'s/one' --all"""
    assert typed_for("reset", "seat-02", ["seat-01", "seat-02"]) == """./bancada reset seat-02 -e 'it'"'"'s/one'"""
    assert typed_for("up", "seat-02", []) == "./bancada up seat-02"


@pytest.mark.parametrize(
    ("name", "then"),
    [("seat-1", "./bancada check seat-01"), ("namespaces/uts", "./bancada check -e namespaces/uts"),
     ("seat-11", "./bancada status"), ("quantum", "./bancada status")],
)  # fmt: skip
def test_a_seat_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, then: str) -> None:
    monkeypatch.setattr(sys, "argv", ["bancada", "check", name])
    seat = Seat("seat-01", SeatVariables.model_validate({"bancada_class": "c"}), {})
    cls = Class("c", "", Language.EN, (seat,), tmp_path, ClassState(tmp_path))
    with pytest.raises(UsageError) as told:
        cls.seat(name)
    assert told.value.next == then
