"""Values that a source gave and nobody could read: which columns lost how many.

What belongs here: the remark about a row that names them, and counting it. What doesn't: reading
(`convert.py`, `normalise.py`); what can't be read is null.
"""

from collections import Counter
from collections.abc import Mapping

import polars as pl

UNREAD = "_unread"
"""The remark: the names of the row's columns that lost a value, with a space behind each."""


def unread(lost: Mapping[str, pl.Expr]) -> pl.Expr:
    """The remark, of masks by the names of columns."""
    names = [pl.when(is_lost).then(pl.lit(f"{name} ")) for name, is_lost in lost.items()]
    if not names:
        return pl.lit(None, pl.String).alias(UNREAD)
    return pl.concat_str(names, ignore_nulls=True).alias(UNREAD)


def counted(remarks: pl.Series) -> Counter[str]:
    """How many values each column lost."""
    counts: Counter[str] = Counter()
    for names, rows in remarks.drop_nulls().value_counts().iter_rows():
        counts.update(dict.fromkeys(names.split(), rows))
    return counts


def told(counts: Mapping[str, int]) -> str:
    """The counts in words, the greatest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)
