"""How much each family of factors adds to telling won from lost deals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from orchestration.evidence.criterion_evidence import told_today_pct
from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.ranking import auc, bootstrap_aucs, interval
from orchestration.evidence.scorecard import learn
from orchestration.evidence.verdicts import LEAK, family_verdict

Floats = npt.NDArray[np.float64]

FAMILIES = ("demographic", "structural", "behavioural", "environmental", "situational")
OF_LEGS = {"people": "people", "issue": "issues"}
"""What is no family of organisations is shown beside them under these names."""


def family_of(row: Row) -> str | None:
    """The family that a row counts for; none for disqualifiers."""
    return row.family or OF_LEGS.get(row.leg)


def family_figures(
    deals: Deals, rows: Sequence[Row], criteria: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """One row of figures per family, and for people and issues beside them.

    Learned on the older deals and tested on the newer: the AUC of the family alone, and what the
    AUC of all families together loses without it. Suspected leaks are left out.
    """
    kept = [
        (row, figure)
        for row, figure in zip(rows, criteria, strict=True)
        if figure["verdict"] != LEAK and family_of(row)
    ]
    names = [*FAMILIES, *OF_LEGS.values()]
    of_family = {name: [row for row, _ in kept if family_of(row) == name] for name in names}
    everything = [row for row, _ in kept]
    columns = [_learned(deals, everything)]
    for name in names:
        columns.append(_learned(deals, of_family[name]))
        columns.append(_learned(deals, [r for r in everything if family_of(r) != name]))
    won = deals.won[~deals.is_train]
    scores = np.column_stack(columns)
    replicates = bootstrap_aucs(scores, won, deals.accounts[~deals.is_train])
    points = sum(max(row.points or 0.0, 0.0) for row in everything)
    figures = []
    for place, name in enumerate(names):
        alone, without = 1 + 2 * place, 2 + 2 * place
        added = interval(replicates[:, 0] - replicates[:, without])
        of_alone = interval(replicates[:, alone])
        lost = len(won) - int(won.sum())
        members = of_family[name]
        figures.append(
            {
                "family": name,
                "criteria": len(members),
                "points_pct": 100 * _points(members) / points if points else None,
                "information_value": sum(
                    figure["information_value"] for row, figure in kept if row in members
                ),
                "deals": len(won),
                "auc_alone": auc(scores[:, alone], won) if members else None,
                "auc_alone_low": of_alone[0] if members else None,
                "auc_alone_high": of_alone[1] if members else None,
                "auc_added": auc(scores[:, 0], won) - auc(scores[:, without], won),
                "auc_added_low": added[0],
                "auc_added_high": added[1],
                "verdict": family_verdict(len(members), int(won.sum()), lost, added[0]),
                "judged_by_todays_facts_pct": _told_today_pct(deals, members),
            }
        )
    return figures


def _learned(deals: Deals, rows: Sequence[Row]) -> Floats:
    """Log-odds of the newer deals by what the older ones taught of the rows."""
    grades = deals.grades(rows)
    card = learn(grades[deals.is_train], deals.won[deals.is_train])
    return card.log_odds(grades[~deals.is_train])


def _points(rows: Sequence[Row]) -> float:
    return sum(max(row.points or 0.0, 0.0) for row in rows)


def _told_today_pct(deals: Deals, rows: Sequence[Row]) -> float | None:
    shares = [told_today_pct(deals.frame, row) for row in rows]
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
