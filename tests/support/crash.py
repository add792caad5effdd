"""A landing that dies at a step of our choice; run it in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from tests.support.landing import companies, land_frames, settings_in


def crash_rows() -> pl.DataFrame:
    """Rows that make a batch and rejects."""
    return companies("1", "2", "2", city=["Ulm", "Bonn", "Kiel"])


def land_until(folder: Path, step: int) -> None:
    """Land, and die without farewell at the n-th sync or rename."""
    left = [step]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def or_die(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
            return call(*arguments)

        return or_die

    os.fsync = counted(os.fsync)
    Path.rename = counted(Path.rename)  # type: ignore[method-assign]
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    land_frames(settings_in(folder), crash_rows())
