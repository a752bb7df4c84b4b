"""What apt says of a mirror that gives nothing is told, with the way out: mmdebstrap says only that it failed."""

from __future__ import annotations

import pytest

from bancada.inventory import Seat, SeatVariables
from bancada.reach.run import CommandFailed, Completed
from bancada.seats.bake import _mirror_explained, _proxy_explained
from bancada.words.errors import BenchError

LAST = "E: apt-get update --error-on=any failed\nE: mmdebstrap failed to run\n"


@pytest.mark.parametrize(
    ("apt", "way"),
    [
        ("E: Failed to fetch http://m/dists/trixie/InRelease  Temporary failure resolving 'm'", "reaches the mirror"),
        ("E: Failed to fetch http://m/InRelease  407  Proxy Authentication Required", "the proxy's name and password"),
        (
            "E: Failed to fetch http://m/Packages.xz  File has unexpected size (1 != 2).",
            "wait",
        ),
        ("E: Failed to fetch http://m/Packages.xz  Hash Sum mismatch", "wait until the mirror is whole again"),
        (
            "E: Release file for http://m is not valid yet (invalid for another 3d).",
            "set the clock",
        ),
        ("E: Release file for http://m/InRelease is expired (invalid since 3d).", "if this one is stale"),
        ("E: The repository 'http://m trixi Release' does not have a Release file.", "bancada_release"),
        ("E: The repository 'http://m trixie InRelease' is not signed.", "bancada_mirror"),
    ],
)
def test_what_apt_says_is_told_with_the_way_out(apt: str, way: str) -> None:
    with pytest.raises(BenchError) as raised, _mirror_explained():
        raise CommandFailed(Completed(("mmdebstrap",), 25, "", f"I: it begins\n{apt}\n{LAST}"), "it failed")
    assert apt.removeprefix("E: ") in raised.value.what and way in raised.value.next


def test_of_any_other_failure_the_first_complaint_is_told_not_the_last() -> None:
    with pytest.raises(CommandFailed, match="mmdebstrap failed: Unable to locate package nosuch"), _mirror_explained():
        said = f"E: Unable to locate package nosuch\n{LAST}"
        raise CommandFailed(Completed(("mmdebstrap",), 25, "", said), "it failed")


@pytest.mark.parametrize(
    ("shell", "of_class", "told"),
    [
        ({"HTTPS_PROXY": "http://127.0.0.1:3128"}, "", True),
        ({"http_proxy": "http://127.0.0.1:3128"}, "http://10.0.0.1:3128", False),
        ({"no_proxy": "localhost"}, "", False),
    ],
)
def test_where_only_the_shell_has_a_proxy_it_is_told_that_machines_have_none(
    shell: dict[str, str], of_class: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    seat = Seat("seat-01", SeatVariables.model_validate({"bancada_class": "c", "bancada_proxy": of_class}), {})
    with pytest.raises(BenchError) as raised, _proxy_explained(seat):
        raise BenchError("On bancada-builder: E:Failed to fetch", next="less the.log")
    assert raised.value.next.startswith("less the.log")
    assert ("bancada_proxy" in raised.value.next) is told and "3128" not in raised.value.next
