"""What the tests of faults attempt, in functions that a process of its own can be given."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.edition import Edition
from orchestration.publishing.version import publish
from tests.support.landing import companies, land_frames, settings_in
from tests.support.publications import unjudged
from tests.support.runs import Ending, prospects


def run(settings: Settings, *options: object) -> Ending:
    """`prospects run`, without options for the running week."""
    return prospects(settings, "run", *options)


def run_without_history(settings: Settings, *options: object) -> Ending:
    """`prospects run` whose Dagster keeps its history in memory, which takes half of the time."""
    from orchestration import weekly_run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weekly_run, "dagster_instance", _in_memory)
        return run(settings, *options)


def _in_memory(*_: object, **__: object) -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def publish_edition(settings: Settings, edition: Edition) -> Ending:
    """Publish without a gate, and end as the command line would."""
    try:
        publish(settings, edition, unjudged)
    except ProspectError as error:
        return Ending(1, "", f"prospects: {error}")
    return Ending(0, "", "")


def crash_rows() -> pl.DataFrame:
    """Rows that make a batch and rejects."""
    return companies("1", "2", "2", city=["Ulm", "Bonn", "Kiel"])


def land_rows(folder: Path) -> Ending:
    """Land them; what a disk does wrong comes as an error of the operating system."""
    try:
        land_frames(settings_in(folder), crash_rows())
    except OSError as error:
        return Ending(1, "", f"{error}")
    return Ending(0, "", "")


def land_until(folder: Path, step: int) -> None:
    """Land, and die without farewell at the n-th sync or rename."""
    left = [step]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def or_die(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments)

        return or_die

    os.fsync = counted(os.fsync)
    Path.rename = counted(Path.rename)  # type: ignore[method-assign]
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    land_frames(settings_in(folder), crash_rows())
