"""What a data scientist would rank deals by, given every attribute on offer: a yardstick, no part
of the product. Nobody can read why, but nothing much better can be learned from the same facts."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from orchestration.evidence.attributes import attribute_values, offered_attributes
from orchestration.evidence.outcomes import Deals, deals_of, read_outcomes
from orchestration.evidence.ranking import auc, won_among_top

Floats = npt.NDArray[np.float64]

FEWEST = 10
"""Values of fewer deals have no column of their own."""

LEARNERS = {
    "logistic regression": LogisticRegression(C=1.0, max_iter=2000),
    "gradient boosting": HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=8, random_state=0
    ),
}


def yardsticks(
    warehouse: duckdb.DuckDBPyConnection, leaks: set[str]
) -> dict[str, dict[str, float]]:
    """By learner, taught by the older deals: AUC on the newer ones, and the precision in per cent
    and the lift in their top 10 %."""
    deals = deals_of(read_outcomes(warehouse))
    names = [name for name in offered_attributes(warehouse) if name not in leaks]
    values = attribute_values(warehouse, deals, names)
    facts = np.column_stack([c for name in values.columns for c in _columns(values[name], deals)])
    train, won = deals.is_train, deals.won
    return {
        name: _figures(
            learner.fit(facts[train], won[train]).predict_proba(facts[~train])[:, 1], won[~train]
        )
        for name, learner in LEARNERS.items()
    }


def _figures(scores: Floats, won: Floats) -> dict[str, float]:
    taken = len(won) / 10
    precision = float(won_among_top(scores, won, np.array([taken]))[0]) / taken
    return {
        "auc": auc(scores, won),
        "precision_top_10_pct": 100 * precision,
        "lift_top_10_pct": precision / float(won.mean()),
    }


def _columns(values: pl.Series, deals: Deals) -> Iterator[Floats]:
    """Numbers and dates standardised, with whether they are known; texts one column per value."""
    train = pl.Series(deals.is_train)
    if not values.filter(train).count():
        return
    if values.dtype.is_numeric() or values.dtype.is_temporal():
        numbers = values.to_physical().cast(pl.Float64)
        known = numbers.filter(train)
        spread = known.std() or 1.0
        yield ((numbers - known.mean()) / spread).fill_null(0.0).to_numpy()
        yield numbers.is_null().cast(pl.Float64).to_numpy()
        return
    texts = values.cast(pl.String).fill_null("(unknown)").rename("value")
    counted = texts.filter(train).value_counts().filter(pl.col("count") >= FEWEST)
    for value in sorted(counted["value"]):
        yield (texts == value).cast(pl.Float64).to_numpy()
