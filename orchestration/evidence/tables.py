"""The tables that the evidence hands back to dbt, and writing them into a week's warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import duckdb

_OF_DECILE = "STRUCT(decile BIGINT, deals BIGINT, won_pct DOUBLE)[]"
_OF_CALIBRATION = "STRUCT(deals BIGINT, expected_pct DOUBLE, won_pct DOUBLE)[]"

PERCENT = "DECIMAL(5,2)"

FIGURES: dict[str, dict[str, str]] = {
    "criterion_figures": {
        "criterion_id": "VARCHAR",
        "kind": "VARCHAR",
        "leg": "VARCHAR",
        "family": "VARCHAR",
        "deals_met": "BIGINT",
        "won_met": "BIGINT",
        "won_met_pct": PERCENT,
        "won_met_low_pct": PERCENT,
        "won_met_high_pct": PERCENT,
        "deals_not_met": "BIGINT",
        "won_not_met": "BIGINT",
        "won_not_met_pct": PERCENT,
        "won_not_met_low_pct": PERCENT,
        "won_not_met_high_pct": PERCENT,
        "deals_unknown": "BIGINT",
        "won_unknown": "BIGINT",
        "won_unknown_pct": PERCENT,
        "won_unknown_low_pct": PERCENT,
        "won_unknown_high_pct": PERCENT,
        "lift": "DOUBLE",
        "weight_of_evidence": "DOUBLE",
        "information_value": "DOUBLE",
        "p_value": "DOUBLE",
        "q_value": "DOUBLE",
        "points": "DOUBLE",
        "suggested_points": "DOUBLE",
        "verdict": "VARCHAR",
        "leak": "VARCHAR",
        "verdicts_met": "BIGINT",
        "accepted_met": "BIGINT",
        "verdicts_not_met": "BIGINT",
        "accepted_not_met": "BIGINT",
        "verdicts_unknown": "BIGINT",
        "judged_by_todays_facts_pct": PERCENT,
    },
    "family_figures": {
        "family": "VARCHAR",
        "criteria": "BIGINT",
        "points_pct": PERCENT,
        "information_value": "DOUBLE",
        "deals": "BIGINT",
        "auc_alone": "DOUBLE",
        "auc_alone_low": "DOUBLE",
        "auc_alone_high": "DOUBLE",
        "auc_added": "DOUBLE",
        "auc_added_low": "DOUBLE",
        "auc_added_high": "DOUBLE",
        "verdict": "VARCHAR",
        "judged_by_todays_facts_pct": PERCENT,
    },
    "ranking_figures": {
        "ranking": "VARCHAR",
        "split": "VARCHAR",
        "trained_deals": "BIGINT",
        "deals": "BIGINT",
        "won": "BIGINT",
        "won_pct": PERCENT,
        "auc": "DOUBLE",
        "auc_low": "DOUBLE",
        "auc_high": "DOUBLE",
        "lift_top_10_pct": PERCENT,
        "precision_top_10_pct": PERCENT,
        "capacity": "BIGINT",
        "lift_at_capacity": "DOUBLE",
        "precision_at_capacity": "DOUBLE",
        "deciles": _OF_DECILE,
        "non_monotonic_deciles": "BIGINT[]",
        "brier": "DOUBLE",
        "brier_of_base_rate": "DOUBLE",
        "calibration": _OF_CALIBRATION,
        "verdict": "VARCHAR",
        "judged_by_todays_facts_pct": PERCENT,
    },
}
"""The tables of the schema `evidence`, with the types of their columns."""

_DIGITS = 6


def write_figures(
    warehouse: duckdb.DuckDBPyConnection, figures: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Replace the tables of the schema `evidence`; a figure that is no number becomes null."""
    warehouse.execute("create schema if not exists evidence")
    for table, columns in FIGURES.items():
        frame = as_frame(table, figures.get(table, ()))
        typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns.items())
        warehouse.register("written", frame.to_arrow())
        warehouse.execute(
            f"create or replace table evidence.{table} as select {typed} from written"
        )
        warehouse.unregister("written")


def as_frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of figures as a frame with the table's columns, numbers rounded."""
    columns = {name: [row.get(name) for row in rows] for name in FIGURES[table]}
    frame = pl.DataFrame(
        {
            name: pl.Series(name, values, dtype=pl.Float64 if kind in ("DOUBLE", PERCENT) else None)
            for (name, values), kind in zip(columns.items(), FIGURES[table].values(), strict=True)
        },
        strict=False,
    )
    # Rounded, so that the order in which a machine adds up leaves no trace.
    return frame.with_columns(
        pl.col(pl.Float64).fill_nan(None).round(_DIGITS),
    )
