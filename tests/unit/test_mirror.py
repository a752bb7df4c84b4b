"""What apt says of a mirror that gives nothing is told, with the way out: mmdebstrap says only that it failed."""

from __future__ import annotations

import pytest

from bancada.bake import _mirror_explained
from bancada.errors import BenchError
from bancada.run import CommandFailed, Completed

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
