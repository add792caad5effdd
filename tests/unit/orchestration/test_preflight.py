"""A run that could not write in the end doesn't begin."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import dagster as dg
import pytest

from ingest.errors import ProspectError
from orchestration.preflight import require_writable
from orchestration.resources import lock_resource
from orchestration.run_lock import run_lock
from tests.support.landing import settings_in

NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Root may write anywhere, so whoever runs the tests as root is somebody else meanwhile."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(before)


def test_a_right_that_was_lost_is_told(unprivileged: None) -> None:
    """By the folder and what is missing; nothing stays of the attempt."""
    home = Path(mkdtemp())
    settings = settings_in(home)
    require_writable(settings)
    settings.history.mkdir()
    settings.history.chmod(0o555)

    with pytest.raises(ProspectError, match="history can't be written: Permission denied; let"):
        require_writable(settings)

    assert list(home.iterdir()) == [settings.history]
    shutil.rmtree(home)


def test_a_home_that_may_not_be_written_is_told(unprivileged: None) -> None:
    """By whoever takes the lock, which everything that writes does first."""
    home = Path(mkdtemp())
    home.chmod(0o555)

    with (
        pytest.raises(ProspectError, match=r"run\.lock can't be written: Permission denied; let"),
        run_lock(settings_in(home), date.min),
    ):
        pass

    home.rmdir()


def test_a_run_asks_before_anything_else(tmp_path: Path) -> None:
    """What every step needs can't be had, so that no source is asked; the lock is free again."""
    settings = settings_in(tmp_path / "home")
    resources = {"run_lock": lock_resource(settings)}
    with dg.build_resources(resources):
        settings.published.write_text("somebody's own file")

    for _ in range(2):
        with (
            pytest.raises(dg.DagsterError) as error,
            dg.build_resources(resources),
        ):
            pass
        assert f"{settings.published} can't be written: Not a directory" in str(
            error.value.__cause__
        )
