"""A landing that dies or fails at any of its steps leaves no half batch, and the next mends it."""

from __future__ import annotations

import os
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from ingest.batches import Batch, batches
from tests.support.attempts import FORKS, KILLED, FailingAt, FileLimit, attempt
from tests.support.crash import crash_rows, land_rows, land_until
from tests.support.landing import companies, land_frames, settings_in, tree

STEPS = 8


@pytest.fixture
def expected(tmp_path: Path) -> Batch:
    """The batch of a landing that nothing disturbed, in the folder `whole`."""
    return land_frames(settings_in(tmp_path / "whole"), crash_rows())


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_crash_leaves_no_half_batch_and_the_next_run_mends_it(
    tmp_path: Path, expected: Batch, step: int
) -> None:
    """What can be seen is nothing or the whole; a rerun equals a run that never failed."""
    process = FORKS.Process(target=land_until, args=(tmp_path / "home", step))
    process.start()
    process.join()

    assert process.exitcode == (KILLED if step < STEPS else 0), "another step was added: count it"
    _assert_mended(tmp_path, expected)


def test_any_change_that_fails_leaves_no_half_batch(tmp_path: Path, expected: Batch) -> None:
    """The first change fails, then the second and so on, until a landing comes through; each begins
    with what the one before left."""
    home = tmp_path / "home"
    for number in count(1):
        ended = attempt(partial(land_rows, home), home, FailingAt(number))
        assert ended.ending is not None, "it failed with an error of another kind"
        assert batches(settings_in(home)) in ([], [expected])
        if ended.came_through and ended.changes < number:
            break

    assert number > 5
    _assert_mended(tmp_path, expected)


def test_a_disk_that_fills_within_a_file_leaves_no_batch(tmp_path: Path, expected: Batch) -> None:
    """No file may pass a limit, which doubles until a landing comes through."""
    home = tmp_path / "home"
    for power in count(8):
        ended = attempt(partial(land_rows, home), home, FileLimit(2**power))
        if ended.came_through:
            break
        assert ended.ending is not None, "it failed with an error of another kind"
        assert batches(settings_in(home)) == []

    assert power > 11
    _assert_mended(tmp_path, expected)


def test_a_full_disk_leaves_no_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error comes through, and nothing of the batch stays."""
    home = settings_in(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "fsync", full)
        land_frames(home, companies("1"))

    assert batches(home) == []
    assert tree(tmp_path) == {}


def _assert_mended(folder: Path, expected: Batch) -> None:
    """What can be seen is nothing or the whole, and landing again makes it as it should be."""
    settings = settings_in(folder / "home")
    assert batches(settings) in ([], [expected])
    assert land_frames(settings, crash_rows()) == expected
    assert tree(folder / "home") == tree(folder / "whole")
