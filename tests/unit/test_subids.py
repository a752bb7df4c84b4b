"""The ids that seats' user namespaces are made of: what there is, what is missing, what is added and how it goes."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from bancada.providers.podman import subids
from bancada.providers.podman.subids import IDS, Range
from bancada.words.errors import BenchError


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setattr(subids, "SUBUID", tmp_path / "subuid")
    monkeypatch.setattr(subids, "SUBGID", tmp_path / "subgid")
    return tmp_path / "subuid", tmp_path / "subgid"


def write(files: tuple[Path, Path], text: str) -> None:
    for file in files:
        file.write_text(text)


def test_a_computer_without_the_files_has_no_ids(files: tuple[Path, Path]) -> None:
    assert subids.seats_that_fit() == 0
    assert subids.missing(3) == Range(16 * IDS, 3 * IDS)


def test_what_others_have_is_not_ours(files: tuple[Path, Path]) -> None:
    write(files, "maria:100000:65536\n1001:165536:65536\n")
    assert subids.seats_that_fit() == 0


def test_a_range_holds_as_many_seats_as_it_has_whole_shares(files: tuple[Path, Path]) -> None:
    write(files, f"containers:1000000:1048576\ncontainers:3000000:{IDS + 1}\n")
    assert subids.seats_that_fit() == 17
    assert subids.missing(17) is None


def test_the_smaller_file_counts(files: tuple[Path, Path]) -> None:
    write(files, "containers:1000000:1048576\n")
    files[1].write_text(f"containers:1000000:{2 * IDS}\n")
    assert subids.seats_that_fit() == 2


def test_what_is_missing_begins_above_all_that_is_dealt_out(files: tuple[Path, Path]) -> None:
    write(files, "maria:100000:65536\n")
    files[1].write_text("maria:100000:65536\ncontainers:5000000:65536\n")
    missing = subids.missing(4)
    assert missing is not None and missing.start % IDS == 0
    assert missing.start >= 5_065_536 and missing.count == 4 * IDS


def test_ids_end_where_the_kernel_has_no_more(files: tuple[Path, Path]) -> None:
    write(files, "other:4294000000:900000\n")
    with pytest.raises(BenchError, match="no ids left for 40 seats"):
        subids.missing(40)


@pytest.mark.skipif(os.geteuid() != 0, reason="writes as root; a person would be asked for a password")
def test_what_is_added_stands_alone_on_its_line_and_its_undo_takes_only_that(files: tuple[Path, Path]) -> None:
    write(files, "maria:100000:65536")  # as an editor leaves it: without the end of the line
    missing = subids.missing(2)
    assert missing is not None
    subids.add(missing)
    assert files[0].read_text() == f"maria:100000:65536\n{missing}\n"
    assert subids.seats_that_fit() == 2 and subids.stands(missing) and subids.parse(str(missing)) == missing
    subprocess.run(shlex.split(missing.undo), check=True)
    assert files[0].read_text() == files[1].read_text() == "maria:100000:65536\n"
