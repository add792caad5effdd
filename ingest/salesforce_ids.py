"""Salesforce's two spellings of one id: 15 letters, and 18 that are safe in any letter case.

What belongs here: making the longer of the shorter. What doesn't: which fields hold ids. The API
and most exports write 18, reports and formulas write 15, where `a` and `A` are two records.
"""

import polars as pl

SHORT = r"^[0-9A-Za-z]{15}$"
CHUNK = 5
SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(ids: pl.Series) -> pl.Series:
    """Ids of 15 letters with the three that Salesforce adds; any other text as it is.

    Each added letter tells which of five letters are capitals, the first by the lowest bit.
    """
    short = ids.str.contains(SHORT).fill_null(value=False).arg_true()
    if short.is_empty():
        return ids
    letters = ids.gather(short).to_frame("id")
    suffix = pl.concat_str([_suffix(start) for start in range(0, 3 * CHUNK, CHUNK)])
    return ids.scatter(short, letters.select(pl.col("id") + suffix).to_series())


def _suffix(start: int) -> pl.Expr:
    capitals = [
        pl.col("id").str.slice(start + place, 1).str.contains("[A-Z]").cast(pl.Int64) * 2**place
        for place in range(CHUNK)
    ]
    return pl.sum_horizontal(capitals).replace_strict(
        list(range(len(SUFFIXES))), list(SUFFIXES), return_dtype=pl.String
    )
