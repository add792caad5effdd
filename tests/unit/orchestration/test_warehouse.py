"""The week's database: what it may take of the machine, and what a killed run leaves."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from ruamel.yaml import YAML

from ingest.settings import PROJECT, Settings
from orchestration.assets.warehouse import models_at_once
from orchestration.warehouse import (
    advised,
    connect,
    database_config,
    publishing_config,
    start_afresh,
)

WEEK = date(2026, 11, 23)
TEXTS = "SELECT repeat(i::VARCHAR, 20) AS text FROM range(2000000) AS r (i)"


def test_what_does_not_fit_into_memory_goes_to_the_home(tmp_path: Path) -> None:
    """Under a limit, a sort larger than it is done all the same, by spilling below the home."""
    settings = Settings(tmp_path, tmp_path, tmp_path, WEEK, memory_limit="100MB")
    with connect(settings, WEEK) as connection:
        limit, spill = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchone()
        connection.execute(f"CREATE TEMP TABLE sorted AS {TEXTS} ORDER BY hash(text)")
        rows = connection.execute("SELECT count(*) FROM sorted").fetchone()

    assert limit == "95.3 MiB"
    assert Path(spill).is_relative_to(tmp_path)
    assert rows == (2_000_000,)


def test_running_out_of_memory_is_told_with_what_to_set(tmp_path: Path) -> None:
    """In place of the settings of the engine; what else DuckDB says stays as it is."""
    settings = Settings(tmp_path, tmp_path, tmp_path, WEEK, memory_limit="5MB")
    with connect(settings, WEEK) as connection, pytest.raises(duckdb.OutOfMemoryException) as met:
        connection.execute("SELECT list(i) FROM range(5000000) AS r (i)")

    told = advised(settings, f"{met.value}")
    unlimited = advised(replace(settings, memory_limit=None), f"{met.value}")

    assert told.startswith("Out of Memory Error: ")
    assert told.endswith("used); set PROSPECT_MEMORY_LIMIT higher, it is 5MB")
    assert unlimited.endswith(" of this machine's memory: free some, or take a larger one")
    assert advised(settings, "Binder Error: no such column") == "Binder Error: no such column"


def test_a_spill_without_room_is_told_as_that(tmp_path: Path) -> None:
    """DuckDB calls it memory; what helps is room on the disk."""
    settings = Settings(tmp_path, tmp_path, tmp_path, WEEK, memory_limit="100MB")
    with connect(settings, WEEK) as connection, pytest.raises(duckdb.OutOfMemoryException) as met:
        connection.execute("SET max_temp_directory_size = '10MB'")
        connection.execute(f"CREATE TEMP TABLE sorted AS {TEXTS} ORDER BY hash(text)")

    told = advised(settings, f"{met.value}")

    assert told.startswith("Out of Memory Error: failed to offload ")
    assert (
        f"used); {tmp_path / 'warehouse' / '.spill'}, for what memory doesn't hold, has no" in told
    )
    assert told.endswith(f"MB are free in {tmp_path})")


def test_what_a_killed_run_spilled_is_removed_by_the_next(tmp_path: Path) -> None:
    """DuckDB removes its own files unless it is killed."""
    settings = Settings(tmp_path, tmp_path, tmp_path, WEEK)
    left = tmp_path / "warehouse" / ".spill" / "duckdb_temp_storage-0.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"left")

    start_afresh(settings, WEEK)

    assert not left.exists()


def test_dbt_opens_the_database_as_everything_else_does() -> None:
    """All but the format is said once, at the opening: DuckDB refuses to hear of the spill again
    once it is in use, and dbt repeats its settings for each model."""
    profiles = YAML(typ="safe").load(PROJECT / "dbt_project" / "profiles.yml")
    output = profiles["prospects"]["outputs"]["duckdb"]

    ours = database_config(Settings(PROJECT, PROJECT, PROJECT, WEEK))
    assert set(output["config_options"]) == set(ours) - {"storage_compatibility_version"}
    assert not set(output["config_options"]) & set(output["settings"])


@pytest.mark.parametrize(
    ("given", "left"), [("8GB", 7_000_000_000), ("800 MB", 700_000_000), ("1 GiB", 939_524_096)]
)
def test_who_publishes_leaves_memory_to_the_run(given: str, left: int) -> None:
    """Seven eighths of what a database may hold, and all else as for any other."""
    settings = Settings(PROJECT, PROJECT, PROJECT, WEEK, memory_limit=given)

    config = publishing_config(settings)

    assert config == database_config(settings) | {"memory_limit": f"{left}B"}
    duckdb.connect(config=config).close()


@pytest.mark.parametrize(("landed_rows", "models"), [(0, 2), (100_000, 2), (1_000_000, 1)])
def test_large_models_are_built_one_at_a_time(landed_rows: int, models: int) -> None:
    """Two side by side would halve what each may hold in memory."""
    assert models_at_once(landed_rows) == models
