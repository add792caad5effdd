"""Outcomes and how far each row of the document was met before them, read from a week's warehouse.

What belongs here: reading `int_outcomes_judged`, and splitting its deals into those that are
learned from and those that test. What doesn't: any figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.documents.attributes import ATTRIBUTES
from orchestration.evidence.verdicts import TRAINED_SHARE

if TYPE_CHECKING:
    import duckdb

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

BY_DATE, BY_ACCOUNT = "by date of opening", "by account"
LEGS = ("organisation", "people", "issue")


@dataclass(frozen=True)
class Row:
    """A row of the document that outcomes can speak of."""

    id: str
    kind: str
    leg: str
    family: str | None
    attribute: str | None
    points: float | None

    @property
    def column(self) -> str:
        """The column of `int_outcomes_judged` that holds how far it is met."""
        return f"{self.kind}_{self.id}"

    @property
    def expected_sign(self) -> int:
        """1 where the document says that it speaks for winning, -1 where against."""
        return -1 if self.kind == "disqualifier" or (self.points or 0) < 0 else 1

    @property
    def told_today_column(self) -> str | None:
        """The column that says which outcomes it is judged of by today's facts; none if never."""
        source = ATTRIBUTES[self.attribute].source if self.attribute in ATTRIBUTES else ""
        if source == "deals":
            return None
        is_of_signals = self.leg == "issue" or source.startswith("signals")
        return "is_signals_of_today" if is_of_signals else "is_company_of_today"


@dataclass(frozen=True)
class Deals:
    """Closed deals in a fixed order: by opening where all have one, else by a hash of the account.

    frame: `int_outcomes_judged` in that order. is_train: those that are learned from. split: how
    the two were told apart.
    """

    frame: pl.DataFrame
    is_train: Booleans
    split: str

    @property
    def won(self) -> Floats:
        """1 for a won deal, 0 for a lost one."""
        return self.frame["is_won"].to_numpy().astype(np.float64)

    @property
    def accounts(self) -> npt.NDArray[np.int64]:
        """A number for each account."""
        return self.frame["account_id"].rank("dense").to_numpy().astype(np.int64)

    def only(self, chosen: Booleans) -> Deals:
        """The chosen deals alone, all to be learned from."""
        frame = self.frame.filter(pl.Series(chosen))
        return Deals(frame, np.ones(frame.height, dtype=bool), self.split)

    def older(self) -> Deals:
        """The deals that are learned from, alone."""
        return self.only(self.is_train)

    def grades(self, rows: Sequence[Row]) -> Floats:
        """How far each deal meets each row, unknown as 0: that is what the document earns by it."""
        if not rows:
            return np.zeros((self.frame.height, 0))
        return self.frame.select(pl.col(row.column).fill_null(0.0) for row in rows).to_numpy()


def document_rows(criteria: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows of the document, as the var `criteria` holds them."""
    return [
        Row(
            row["id"],
            row["kind"],
            row["leg"],
            row.get("family"),
            row.get("attribute"),
            row.get("points"),
        )
        for row in criteria
    ]


def read_outcomes(warehouse: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`int_outcomes_judged`, one row per outcome, always in the same order."""
    return warehouse.execute(
        "select * from intermediate.int_outcomes_judged order by kind, outcome_id"
    ).pl()


def deals_of(outcomes: pl.DataFrame) -> Deals:
    """The closed deals among the outcomes: older ones to learn from, newer ones to test on.

    Where a deal has no date of opening, whole accounts are parted by the hash of their id.
    """
    deals = outcomes.filter(pl.col("kind") == "deal")
    if deals["opened_at"].null_count():
        deals = deals.sort("account_hash", "outcome_id")
        split, place = BY_ACCOUNT, deals["account_hash"].rank("min")
    else:
        deals = deals.sort("opened_at", "outcome_id")
        split, place = BY_DATE, deals["opened_at"].rank("min")
    is_train = place.to_numpy() <= TRAINED_SHARE * max(deals.height, 1)
    return Deals(deals, is_train, split)
