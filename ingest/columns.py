"""Several columns as one: lists, keys, and the attributes of a row.

What belongs here: putting values side by side, for every connector. What doesn't: reading a value
(`convert.py`). By way of arrays, since `concat_list` takes ten times as long.
"""

from collections.abc import Mapping, Sequence

import polars as pl


def listed(values: Sequence[pl.Expr]) -> pl.Expr:
    """A list of what is not null among columns of one type, in their order; null for none given."""
    if not values:
        return pl.lit(None, pl.List(pl.String))
    return pl.concat_arr(list(values)).arr.to_list().list.drop_nulls()


def joined_key(texts: Sequence[pl.Expr]) -> pl.Expr:
    """A key for rows that have none: what identifies them, such as `acme.de|erp|2026-11-02`."""
    return pl.concat_str([text.fill_null("") for text in texts], separator="|")


def attribute_entries(attributes: Mapping[str, pl.Expr]) -> pl.Expr:
    """Attributes as the input tables hold them: a list of key and value."""
    pairs = [pl.struct(key=pl.lit(key), value=value) for key, value in attributes.items()]
    return pl.concat_arr(pairs).arr.to_list()
