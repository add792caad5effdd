"""Whether the document's ranking tells won from lost deals, beside rankings that know nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.evidence.criterion_evidence import today_pct
from orchestration.evidence.outcomes import Deals
from orchestration.evidence.ranking import auc, bootstrap_aucs, interval, won_among_top
from orchestration.evidence.scorecard import Scorecard, learn
from orchestration.evidence.verdicts import SEED, difference_verdict, ranking_verdict

Floats = npt.NDArray[np.float64]

RANDOM, SIZE, RECENCY = "random", "size only", "recency only"
DOCUMENT, SUGGESTED = "document", "suggested"
DECILES = 10
CALIBRATION_BANDS = 5


def naive_rankings(deals: Deals) -> dict[str, Floats]:
    """Scores of each deal by chance, by headcount and by the newest signal before it."""
    random = np.random.default_rng(SEED)
    # In the order of a stable key, so that a further deal does not reshuffle the others' draws.
    newest = deals.frame["newest_signal_date"].to_physical().cast(pl.Float64)
    return {
        RANDOM: random.random(deals.frame.height),
        SIZE: _lowest_if_unknown(deals.frame["employees"].cast(pl.Float64)),
        RECENCY: _lowest_if_unknown(newest),
    }


def ranking_figures(
    deals: Deals, rankings: Mapping[str, Floats], capacity: int
) -> list[dict[str, Any]]:
    """One row of figures per ranking, all of the newer deals; what is learned, of the older.

    A ranking's scores become chances by a logistic curve that the older deals taught. `capacity`
    is how many accounts the list holds.
    """
    test = ~deals.is_train
    won = deals.won[test]
    scores = np.column_stack([values[test] for values in rankings.values()])
    replicates = bootstrap_aucs(scores, won, deals.accounts[test])
    shared = {
        "split": deals.split,
        "trained_deals": int(deals.is_train.sum()),
        "deals": len(won),
        "won": int(won.sum()),
        "won_pct": 100 * float(won.mean()) if len(won) else None,
        "capacity": capacity,
        "judged_by_todays_facts_pct": today_pct(deals),
    }
    return [
        {
            "ranking": name,
            **shared,
            **_separation(scores[:, place], won, replicates[:, place]),
            **_at_the_top(scores[:, place], won, capacity),
            **_calibration(deals, values),
        }
        for place, (name, values) in enumerate(rankings.items())
    ]


def auc_difference(deals: Deals, scores: Floats, other_scores: Floats) -> dict[str, Any]:
    """How much more the AUC of other scores of the newer deals is, its interval and a verdict.

    Both are measured on the same resamples, so that what they share cancels out.
    """
    test = ~deals.is_train
    won = deals.won[test]
    both = np.column_stack([scores[test], other_scores[test]])
    replicates = bootstrap_aucs(both, won, deals.accounts[test])
    low, high = interval(replicates[:, 1] - replicates[:, 0])
    wins = int(won.sum())
    return {
        "auc": auc(both[:, 1], won) - auc(both[:, 0], won),
        "auc_low": low,
        "auc_high": high,
        "verdict": difference_verdict(wins, len(won) - wins, low, high),
    }


def _separation(scores: Floats, won: Floats, replicates: Floats) -> dict[str, Any]:
    low, high = interval(replicates)
    wins = int(won.sum())
    return {
        "auc": auc(scores, won),
        "auc_low": low,
        "auc_high": high,
        "verdict": ranking_verdict(wins, len(won) - wins, low, high),
    }


def _at_the_top(scores: Floats, won: Floats, capacity: int) -> dict[str, Any]:
    """Shares of won deals among the first, and over the deciles from the best to the worst."""
    if not len(won):
        return {"deciles": [], "non_monotonic_deciles": []}
    usual = float(won.mean())
    first = np.array([max(len(won) / 10, 1.0), float(min(capacity, len(won)))])
    precision = won_among_top(scores, won, first) / first
    ends = np.linspace(0, len(won), DECILES + 1)
    shares = np.diff(won_among_top(scores, won, ends)) / np.diff(ends)
    sizes = np.diff(np.round(ends))
    return {
        "precision_top_10_pct": 100 * float(precision[0]),
        "precision_at_capacity": 100 * float(precision[1]),
        "lift_top_10_pct": float(precision[0]) / usual if usual else None,
        "lift_at_capacity": float(precision[1]) / usual if usual else None,
        "deciles": [
            {"decile": i + 1, "deals": int(sizes[i]), "won_pct": round(100 * float(share), 4)}
            for i, share in enumerate(shares)
        ],
        # A decile that wins more often than the one above it.
        "non_monotonic_deciles": [int(i) + 2 for i in np.flatnonzero(np.diff(shares) > 1e-9)],
    }


def _calibration(deals: Deals, scores: Floats) -> dict[str, Any]:
    train, won = deals.is_train, deals.won
    if not train.any() or train.all():
        return {"calibration": []}
    spread = float(scores[train].std()) or 1.0
    facts = ((scores - scores[train].mean()) / spread)[:, None]
    card: Scorecard = learn(facts[train], won[train])
    expected, seen = card.chances(facts[~train]), won[~train]
    base = float(won[train].mean())
    bands = np.array_split(np.argsort(expected, kind="stable"), CALIBRATION_BANDS)
    return {
        "brier": float(np.mean((expected - seen) ** 2)),
        "brier_of_base_rate": float(np.mean((base - seen) ** 2)),
        "calibration": [
            {
                "deals": len(band),
                "expected_pct": round(100 * float(expected[band].mean()), 4),
                "won_pct": round(100 * float(seen[band].mean()), 4),
            }
            for band in bands
            if len(band)
        ],
    }


def _lowest_if_unknown(values: pl.Series) -> Floats:
    lowest = float(values.drop_nulls().min() or 0.0)  # type: ignore[arg-type]
    return values.fill_null(lowest - 1).to_numpy()
