"""The evidence as a page that a sales leader can read: does the document describe those who buy?

Here belongs what the page shows and in which words it answers. Not here: the figures
(`orchestration/evidence`), the pictures (`evidence/charts.py`) and how the page looks
(`templates/evidence.html.j2`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from markupsafe import Markup

from orchestration.evidence.charts import (
    Picture,
    deciles_won,
    families_added,
    points_suggested,
    rankings_compared,
    won_shares,
)
from orchestration.evidence.ranking_backtest import DOCUMENT, RECENCY, SIZE, SUGGESTED
from orchestration.evidence.verdicts import (
    CONTRADICTED,
    LEAK,
    LEAST_OUTCOMES,
    LIFT,
    NO_EFFECT,
    NO_LIFT,
    NOT_ENOUGH,
    SUPPORTED,
    WORSE,
)
from orchestration.explanations import LEG_TITLES, ask
from orchestration.publishing.open_deals import open_deals
from orchestration.publishing.pages import render

MARTS = {"criterion_evidence", "family_evidence", "ranking_backtest"}
VERDICTS = (SUPPORTED, CONTRADICTED, NO_EFFECT, NOT_ENOUGH, LEAK)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Basis:
    """The closed deals that all of it rests on; `won_pct` is null where there are none, and
    `today_pct` the share of them that anything is judged of by today's facts."""

    deals: int
    won: int
    won_pct: float | None
    trained: int
    tested: int
    split: str
    today_pct: float


@dataclass(frozen=True)
class Shown:
    """A picture as it stands in the page."""

    svg: Markup
    words: str


@dataclass(frozen=True)
class LegEvidence:
    """The rows of the document that belong to a leg, with their picture."""

    title: str
    picture: Shown | None
    rows: Sequence[Row]


def has_evidence(marts: duckdb.DuckDBPyConnection) -> bool:
    """Whether a published marts file holds evidence; those of older versions hold none."""
    tables = marts.execute("select table_name from duckdb_tables()").fetchall()
    return {name for (name,) in tables} >= MARTS


def render_evidence(marts: duckdb.DuckDBPyConnection) -> str:
    """The page on a published marts file as HTML."""
    criteria = ask(marts, "select * from criterion_evidence order by position")
    families = ask(marts, "select * from family_evidence order by auc_added desc nulls last")
    rankings = ask(marts, "select * from ranking_backtest order by auc desc nulls last, ranking")
    basis = _basis(criteria, rankings)
    named = {row["ranking"]: row for row in rankings}
    return render(
        "evidence.html.j2",
        meta=ask(marts, "select * from meta")[0],
        basis=basis,
        answer=_answer(basis, named),
        counts=Counter(row["verdict"] for row in criteria),
        verdicts=VERDICTS,
        rankings=rankings,
        deciles=[named[name] for name in (DOCUMENT, SUGGESTED) if name in named],
        rankings_picture=_shown(rankings_compared(rankings)),
        deciles_picture=_shown(deciles_won(rankings)),
        legs=[
            _leg(title, [row for row in criteria if row["leg"] == leg])
            for leg, title in LEG_TITLES.items()
        ],
        points_picture=_shown(points_suggested(criteria)),
        families=families,
        families_picture=_shown(families_added(families)) if basis.tested else None,
        has_verdicts=any(row["verdicts_met"] or row["verdicts_not_met"] for row in criteria),
        open_deals=open_deals(marts),
        owners=ask(marts, _OWNERS),
    )


_OWNERS = """
    select name, territory, closed_deals, won_deals, won_pct, won_low_pct, won_high_pct,
        is_best_performer, judged_deals, aligned_deals, aligned_pct, qualify_out_pct,
        best_owners, best_won_pct, best_aligned_pct, best_qualify_out_pct, comparison
    from owner_profiles
    order by is_best_performer desc nulls last, won_low_pct desc nulls last, owner_id
"""


def _basis(criteria: Sequence[Row], rankings: Sequence[Row]) -> Basis:
    first = rankings[0] if rankings else {}
    answers = ("met", "not_met", "unknown")
    counted = criteria[0] if criteria else {}
    deals = sum(counted.get(f"deals_{answer}", 0) for answer in answers)
    won = sum(counted.get(f"won_{answer}", 0) for answer in answers)
    return Basis(
        deals=deals,
        won=won,
        won_pct=100 * won / deals if deals else None,
        trained=first.get("trained_deals", 0),
        tested=first.get("deals", 0),
        split=first.get("split", ""),
        today_pct=float(first.get("judged_by_todays_facts_pct") or 0),
    )


def _answer(basis: Basis, rankings: Mapping[str, Row]) -> str:
    """The question of the page, answered by how the document ranks the newer deals."""
    document = rankings.get(DOCUMENT)
    if not basis.deals or document is None:
        return (
            "Nobody can tell yet: no closed deal of a known account has landed. With won and lost "
            "deals from a CRM, this page says what they have in common."
        )
    won, lost = document["won"], document["deals"] - document["won"]
    if document["verdict"] == NOT_ENOUGH:
        return (
            f"There are not enough closed deals to tell: of the newer ones {won:,} were won and "
            f"{lost:,} lost, and it takes {LEAST_OUTCOMES} of each. What follows is what little "
            "there is."
        )
    return f"{_WORDS[document['verdict']]} {_pairs(document)}{_without_it(rankings)}"


_WORDS = {
    LIFT: "Yes: it ranks those who buy above those who don't better than chance does.",
    NO_LIFT: "No lift: how it ranks deals can't be told from chance.",
    WORSE: "No: it ranks those who don't buy above those who do.",
}


def _pairs(document: Row) -> str:
    low, high = (round(100 * document[f"auc_{end}"]) for end in ("low", "high"))
    return (
        f"Of 100 pairs of a won and a lost deal it puts the won one first in "
        f"{round(100 * document['auc'])} (95 % interval {low} to {high}); chance does in 50."
    )


def _without_it(rankings: Mapping[str, Row]) -> str:
    """What a ranking that needs no document does as well, where one does."""
    naive = [rankings[name] for name in (SIZE, RECENCY) if name in rankings]
    best = max(naive, key=lambda row: row["auc"], default=None)
    document = rankings[DOCUMENT]
    if best is None or document["verdict"] != LIFT or best["auc"] < document["auc"]:
        return ""
    return f" But {best['ranking']}, which takes no document, ranks them as well."


def _leg(title: str, rows: Sequence[Row]) -> LegEvidence:
    return LegEvidence(title, _shown(won_shares(rows)), rows)


def _shown(picture: Picture | None) -> Shown | None:
    if picture is None:
        return None
    # Text in it was escaped when it was drawn.
    return Shown(Markup(picture.svg), picture.words)  # noqa: S704
