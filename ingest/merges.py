"""Records that a CRM merged: which one stands for each, however often it was merged again.

What belongs here: following merges to their end. What doesn't: how a CRM tells of them.
"""

import polars as pl


def survivors(pairs: pl.DataFrame) -> pl.DataFrame:
    """Of pairs (merged, survivor) each merged id once, with the id that stands in the end.

    Ids that are merged into each other in a circle are left out, as if they never were.
    """
    known = {merged: into for merged, into in pairs.sort(pairs.columns).iter_rows() if merged}
    ends = {merged: _end(known, merged) for merged in known}
    found = [(merged, end) for merged, end in ends.items() if end is not None]
    schema = {"merged": pl.String, "survivor": pl.String}
    return pl.DataFrame(found, schema, orient="row")


def standing(column: pl.Expr, found: pl.DataFrame) -> pl.Expr:
    """The column with each merged id replaced by the one that stands for it."""
    return column.replace(found["merged"], found["survivor"])


def _end(known: dict[str, str], merged: str) -> str | None:
    passed = {merged}
    at = known[merged]
    while at in known:
        if at in passed:
            return None
        passed.add(at)
        at = known[at]
    return at
