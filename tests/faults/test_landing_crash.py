"""A crash at any step of a landing leaves no half batch, and the next run mends it."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from ingest.batches import batches
from tests.support.crash import crash_rows, land_until
from tests.support.landing import companies, land_frames, settings_in, tree

SPAWN = multiprocessing.get_context("spawn")
STEPS = 8


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_crash_leaves_no_half_batch_and_the_next_run_mends_it(tmp_path: Path, step: int) -> None:
    """What can be seen is nothing or the whole; a rerun equals a run that never failed."""
    crashed, whole = tmp_path / "crashed", tmp_path / "whole"
    expected = land_frames(settings_in(whole), crash_rows())

    process = SPAWN.Process(target=land_until, args=(crashed, step))
    process.start()
    process.join()
    seen = batches(settings_in(crashed))
    again = land_frames(settings_in(crashed), crash_rows())

    assert process.exitcode == (9 if step < STEPS else 0), "another step was added: count it"
    assert seen in ([], [expected])
    assert again == expected
    assert tree(crashed) == tree(whole)


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
