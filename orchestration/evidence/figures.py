"""All figures of one week's evidence, from its judged outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.evidence.attributes import attribute_values, known_before_closing
from orchestration.evidence.criterion_evidence import criterion_figures, tested
from orchestration.evidence.family_evidence import family_figures
from orchestration.evidence.leaks import lateness, suspicion
from orchestration.evidence.outcomes import Deals, Row, deals_of, document_rows, read_outcomes
from orchestration.evidence.ranking_backtest import (
    DOCUMENT,
    SUGGESTED,
    naive_rankings,
    ranking_figures,
)
from orchestration.evidence.scores import alignment
from orchestration.evidence.suggestion import (
    suggested_points,
    with_suggestions,
    without_leaks,
)

if TYPE_CHECKING:
    import duckdb

Floats = npt.NDArray[np.float64]
Figures = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Backtest:
    """Closed deals, the score that the document gives to each, and the figures of all rankings."""

    deals: Deals
    document: Floats
    rows: list[dict[str, Any]]


def evidence_figures(
    warehouse: duckdb.DuckDBPyConnection,
    criteria: Sequence[Mapping[str, Any]],
    ranking: Mapping[str, Any],
) -> Figures:
    """The rows of the tables of `tables.FIGURES`, by table."""
    outcomes = read_outcomes(warehouse)
    rows = document_rows(criteria)
    deals = deals_of(outcomes)
    verdicts = outcomes.filter(pl.col("kind") == "verdict")
    leaks = suspected_leaks(warehouse, deals, {row.attribute for row in rows if row.attribute})
    of_criteria = criterion_figures(deals.frame, verdicts, rows, leaks)
    verdicts_of_rows = [figure["verdict"] for figure in of_criteria]
    points = suggested_points(deals, rows, verdicts_of_rows)
    rankings = own_rankings(deals, rows, verdicts_of_rows, leaks, ranking)
    return {
        "criterion_figures": with_suggestions(of_criteria, points),
        "family_figures": family_figures(deals, rows, of_criteria),
        "ranking_figures": ranking_figures(deals, rankings, _capacity(ranking)),
    }


def backtest(
    warehouse: duckdb.DuckDBPyConnection,
    criteria: Sequence[Mapping[str, Any]],
    ranking: Mapping[str, Any],
) -> Backtest:
    """The rankings alone of what `evidence_figures` gives; no rows where no deal is closed."""
    deals = deals_of(read_outcomes(warehouse))
    rows = document_rows(criteria)
    leaks = suspected_leaks(warehouse, deals, {row.attribute for row in rows if row.attribute})
    verdicts = [found["verdict"] for found in tested(deals.frame, rows, leaks)]
    rankings = own_rankings(deals, rows, verdicts, leaks, ranking)
    figures = ranking_figures(deals, rankings, _capacity(ranking)) if deals.frame.height else []
    return Backtest(deals, rankings[DOCUMENT], figures)


def own_rankings(
    deals: Deals,
    rows: Sequence[Row],
    verdicts: Sequence[str],
    leaks: Mapping[str, str],
    ranking: Mapping[str, Any],
) -> dict[str, Floats]:
    """Scores of each deal by rankings that know nothing, by the document without its suspected
    leaks, and by the points that the older deals alone suggest, for the newer ones to test."""
    older = deals.older()
    of_older = [found["verdict"] for found in tested(older.frame, rows, leaks)]
    return {
        **naive_rankings(deals),
        DOCUMENT: alignment(deals, rows, without_leaks(rows, verdicts), ranking),
        SUGGESTED: alignment(deals, rows, suggested_points(older, rows, of_older), ranking),
    }


def suspected_leaks(
    warehouse: duckdb.DuckDBPyConnection, deals: Deals, attributes: set[str]
) -> dict[str, str]:
    """The attributes, of those given, that may tell of what came after their deals, and why."""
    values = attribute_values(warehouse, deals, sorted(attributes))
    known = known_before_closing(warehouse, values.columns)
    found = {
        column: suspicion(column, values[column], deals.frame["is_won"])
        or lateness(*known.get(column, (0, 0)))
        for column in values.columns
    }
    return {name: reason for name, reason in found.items() if reason}


def _capacity(ranking: Mapping[str, Any]) -> int:
    """How many accounts the list holds."""
    return sum(tier["capacity"] for tier in ranking["tiers"])
