"""The guard against leaks: attributes that tell an outcome because they were filled in after it.

Whether a value was there before a deal can't be seen where history does not reach back, so what
separates too well to be true is left out of everything that is learned, and so is a source's key
that is named like what sales or their tools write down on the way. Where a list was kept before a
deal closed, what that list did not know gives an attribute away, whatever its name.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl

TOO_WELL = 0.8
"""The AUC of one attribute alone from which it is too good: all that is known of real deals
together seldom reaches it."""

PURE_SHARE = 0.95
"""A value is pure when such a share of its deals ended alike."""

PURE_ODDS = 10.0
"""And when the odds of that end are so many times the usual ones."""

PURE_PART = 0.2
"""Pure values that hold such a part of all deals of that end give an attribute away."""

FEWEST = 20
"""Values of fewer deals are taken together."""

LATE_SHARE = 0.5
"""An attribute that was unknown before so many of the deals closed that it is known of today was
filled in afterwards, whatever it is called."""

BANDS = 10
UNKNOWN, OTHER = "(unknown)", "(other)"

_NAMED_AFTER = re.compile(
    r"""(^|_)(
        (won|lost|loss|closed|outcome|convert(ed)?|conversion|signed|churned?|disposition)(_|$)
        | close_(date|value|reason)
        | (deal|lead|sales|pipeline|opportunity|forecast)_(stage|status|category)
        | tags?$
        | (lead|activity|profile|engagement|propensity|win|asymmetrique(_[a-z]+)*)_
          (score|index|grade|rating|quality|profile|probability)
        | (last|latest|most_recent)(_[a-z]+)*_
          (activity|contact(ed)?|touch|call|email|meeting|modified)
    )""",
    re.VERBOSE,
)


def suspicion(attribute: str, values: pl.Series, won: pl.Series) -> str | None:
    """Why the attribute may tell of what came after its deals; None where nothing says so.

    `values` and `won` have one place per deal; numbers are judged in bands.
    """
    key = attribute.rpartition(".")[2]
    if "." in attribute and _NAMED_AFTER.search(key):
        return f"{key} is named like what is written down during a deal or after it"
    table = levels_table(levels(values), won)
    return _too_pure(table) or _too_well(table)


def lateness(known: int, late: int) -> str | None:
    """Why the attribute may have been filled in after its deals; None where nothing says so.

    `known`: deals that it is known of today and whose account was on a list before they closed;
    `late`: those of them of which that list did not know it.
    """
    if known < FEWEST or late < LATE_SHARE * known:
        return None
    return (
        f"of {late:,} of {known:,} deals it became known only after the last list before they "
        "closed"
    )


def levels(values: pl.Series) -> pl.Series:
    """Values as texts: numbers and dates in bands of equal counts, rare ones together."""
    if values.dtype.is_numeric() or values.dtype.is_temporal():
        values = banded(values.to_physical().cast(pl.Float64))
    texts = values.cast(pl.String).str.to_lowercase().fill_null(UNKNOWN)
    frame = pl.DataFrame({"level": texts})
    is_rare = (pl.len().over("level") < FEWEST) & (pl.col("level") != UNKNOWN)
    return frame.select(level=pl.when(is_rare).then(pl.lit(OTHER)).otherwise("level"))["level"]


def banded(numbers: pl.Series, bands: int = BANDS) -> pl.Series:
    """The number of the band of equal counts that each number lies in."""
    edges = band_edges(numbers, bands)
    found = np.searchsorted(edges, numbers.fill_null(0.0).to_numpy(), side="right")
    places = pl.Series(numbers.name, found).cast(pl.Int64)
    return places.set(numbers.is_null(), None)


def band_edges(numbers: pl.Series, bands: int = BANDS) -> npt.NDArray[np.float64]:
    """The lowest numbers of all bands but the first; equal ones once."""
    known = numbers.drop_nulls().to_numpy()
    if not known.size:
        return np.array([])
    shares = np.arange(1, bands) / bands
    edges: npt.NDArray[np.float64] = np.unique(np.quantile(known, shares, method="higher"))
    above: npt.NDArray[np.float64] = edges[edges > known.min()]
    return above


def levels_table(levels: pl.Series, won: pl.Series) -> pl.DataFrame:
    """One row per level: its deals and how many of them were won."""
    frame = pl.DataFrame({"level": levels, "won": won.cast(pl.Float64)})
    return frame.group_by("level").agg(deals=pl.len(), won=pl.col("won").sum()).sort("level")


def _too_well(table: pl.DataFrame) -> str | None:
    separation = level_auc(table)
    if separation < TOO_WELL:
        return None
    return f"alone it separates won from lost deals too well to be true (AUC {separation:.2f})"


def level_auc(table: pl.DataFrame) -> float:
    """How well the levels rank won deals, each by its own share of them."""
    share = (table["won"] / table["deals"]).to_numpy()
    won, lost = table["won"].to_numpy(), (table["deals"] - table["won"]).to_numpy()
    order = np.argsort(share, kind="stable")
    below = np.cumsum(lost[order]) - lost[order]
    pairs = won.sum() * lost.sum()
    if not pairs:
        return 0.5
    return float((won[order] * (below + lost[order] / 2)).sum() / pairs)


def _too_pure(table: pl.DataFrame) -> str | None:
    for outcome, count in (("won", table["won"]), ("lost", table["deals"] - table["won"])):
        of_end, deals = count.to_numpy(), table["deals"].to_numpy()
        all_of_end = of_end.sum()
        usual = all_of_end / max(deals.sum() - all_of_end, 0.5)
        odds = of_end / np.maximum(deals - of_end, 0.5)
        pure = (of_end >= PURE_SHARE * deals) & (odds >= PURE_ODDS * usual) & (deals >= FEWEST)
        part = of_end[pure].sum() / max(all_of_end, 1)
        if part >= PURE_PART:
            return (
                f"some of its values stand at {outcome} deals almost only, at "
                f"{100 * part:.0f} % of them"
            )
    return None
