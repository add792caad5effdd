"""What candidate pairs weigh: Splink with the parameters of a model file.

A weight is in bits, the logarithm to base 2 of the odds that both are one company (Fellegi and
Sunter 1969, as Splink computes it): 0 is even odds, 3 is eight to one.
"""

import hashlib
import json
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.identity.comparisons import RARE_LEVELS
from orchestration.identity.pair_cache import keep_pairs, recall_pairs

if TYPE_CHECKING:
    import duckdb
    from splink import DuckDBAPI, Linker

MatchSettings = dict[str, Any]
"""Splink's settings: comparisons, their levels, and what each level weighs."""

SHIPPED = Path(__file__).with_name("match_model.json")


@dataclass(frozen=True)
class MatchModel:
    """Trained parameters: Splink's own settings, and what and when they were trained on."""

    trained_on: str
    trained_date: str
    clusters: int
    settings: MatchSettings

    def for_clusters(self, clusters: int) -> MatchSettings:
        """The settings for that many clusters.

        A random pair matches, and agrees by chance on what few have, in inverse proportion to the
        number of clusters; all else that was trained holds for any number. Fewer than were trained
        on are taken for part of a market as large: a few records say little of who else is there.
        The factor is a power of two, so that weights stay when a week brings a few records more.
        """
        factor = min(2.0 ** round(math.log2(self.clusters / max(clusters, 1))), 1)
        settings: MatchSettings = json.loads(json.dumps(self.settings))
        settings["probability_two_random_records_match"] *= factor
        for _, level in weighing_levels(settings):
            if level["label_for_charts"] in RARE_LEVELS:
                level["u_probability"] *= factor
        return settings


def model_file(settings: Settings) -> Path:
    """The caller's own trained parameters, else those that the project ships."""
    own = own_model_file(settings)
    return own if own.exists() else SHIPPED


def own_model_file(settings: Settings) -> Path:
    """Where `prospects train` keeps what it learned."""
    return settings.home / "identity" / SHIPPED.name


def model_digest(path: Path) -> str:
    """SHA-256 of the model file: what a list was matched with."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_model(path: Path) -> MatchModel:
    """Read a model file. Raises ProspectError when it is none."""
    try:
        return MatchModel(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ProspectError(
            f"{path.name}: expected the parameters that `prospects train` writes, found {error}; "
            "train again, or remove the file to use the parameters that are shipped"
        ) from None


def weighing_levels(settings: MatchSettings) -> list[tuple[str, dict[str, Any]]]:
    """Every level that weighs anything, beside the name of its comparison."""
    return [
        (comparison["output_column_name"], level)
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]


def level_weights(settings: MatchSettings) -> list[tuple[str, str, float]]:
    """Comparison, level and weight in bits of every level."""
    return [
        (
            comparison,
            level["label_for_charts"],
            math.log2(level["m_probability"] / level["u_probability"]),
        )
        for comparison, level in weighing_levels(settings)
    ]


@dataclass(frozen=True)
class Weighed:
    """Pairs of at least the least weight, and how many candidates were compared for it this time;
    the others are as they were in an earlier run."""

    pairs: int
    compared: int


def weigh_candidates(
    connection: "duckdb.DuckDBPyConnection",
    settings: MatchSettings,
    least_weight: float,
    cache: Path,
) -> Weighed:
    """Write the temporary table weighed: the candidates of at least that weight.

    Columns are left_label, right_label, weight, probability, and per comparison the weight that it
    adds, named mw_<comparison>. Weights of pairs that are as they were come from the file `cache`.
    """
    parts = [f"mw_{comparison['output_column_name']}" for comparison in settings["comparisons"]]
    made_with = _digest(settings, least_weight)
    recall_pairs(connection, cache, made_with, parts)
    weights = ", ".join(("weight", "probability", *parts))
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE weighed AS
        SELECT join_key_l AS left_label, join_key_r AS right_label, {weights}
        FROM recalled
        WHERE weight IS NOT NULL
        """
    )
    fresh = _count(connection, "fresh_pairs")
    # Splink can't tell an empty table from a missing one.
    if fresh:
        _weigh_fresh_pairs(connection, settings, least_weight)
    keep_pairs(connection, cache, made_with)
    return Weighed(_count(connection, "weighed"), fresh)


def _weigh_fresh_pairs(
    connection: "duckdb.DuckDBPyConnection", settings: MatchSettings, least_weight: float
) -> None:
    with scratch_api(connection) as api:
        splink = make_linker(api, "profiles", settings)
        splink.table_management.register_blocked_pairs_for_predict(api.register("fresh_pairs"))
        found = splink.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
        connection.execute(
            f"""
            INSERT INTO weighed BY NAME
            SELECT label_l AS left_label, label_r AS right_label,
                match_weight AS weight, match_probability AS probability, COLUMNS('mw_.*')
            FROM {found.physical_name}
            """
        )


def _digest(settings: MatchSettings, least_weight: float) -> str:
    """What weights depend on beside the two profiles."""
    given = json.dumps(
        [version("splink"), version("duckdb"), least_weight, settings], sort_keys=True
    )
    return hashlib.sha256(given.encode()).hexdigest()


@contextmanager
def scratch_api(connection: "duckdb.DuckDBPyConnection") -> Iterator["DuckDBAPI"]:
    """Splink on this connection, its own tables in a database that is gone afterwards."""
    from splink import DuckDBAPI

    row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    connection.execute("ATTACH ':memory:' AS splink_scratch")
    connection.execute("USE splink_scratch")
    try:
        yield DuckDBAPI(connection)
    finally:
        connection.execute(f'USE "{row[0]}"')
        connection.execute("DETACH splink_scratch")


def make_linker(api: "DuckDBAPI", table: str, settings: MatchSettings) -> "Linker":
    """A linker over one of our tables, as quiet as the rest of a run."""
    from splink import Linker

    return Linker(api.register(table), settings, log_level=logging.ERROR)


def _count(connection: "duckdb.DuckDBPyConnection", table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
