"""The content hash: the same for the same rows however they are cut, another for any other rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.content_hash import ContentHash

SCHEMA = {
    "name": pl.String,
    "employees": pl.Int64,
    "revenue_usd": pl.Float64,
    "is_active": pl.Boolean,
    "since_date": pl.Date,
    "observed_at": pl.Datetime("us", "UTC"),
    "aliases": pl.List(pl.String),
    "attributes": pl.List(pl.Struct({"key": pl.String, "value": pl.String})),
}
ENTRY = st.fixed_dictionaries({"key": st.text(max_size=3), "value": st.text(max_size=3)})
ROW = st.fixed_dictionaries(
    {
        "name": st.none() | st.text(max_size=4),
        "employees": st.none() | st.integers(-(2**40), 2**40),
        "revenue_usd": st.none() | st.floats(allow_nan=False),
        "is_active": st.none() | st.booleans(),
        "since_date": st.none() | st.dates(),
        "observed_at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "aliases": st.none() | st.lists(st.text(max_size=3), max_size=3),
        "attributes": st.none() | st.lists(ENTRY, max_size=2),
    }
)
ROWS = st.lists(ROW, max_size=6)


def hash_of(*frames: pl.DataFrame) -> str:
    """The hash of frames that follow each other."""
    content = ContentHash()
    for frame in frames:
        content.update(frame)
    return content.hexdigest()


@settings(max_examples=25)
@given(ROWS, st.lists(st.integers(0, 6), max_size=3))
def test_the_hash_does_not_depend_on_where_frames_are_cut(rows: list, cuts: list[int]) -> None:
    """Nor on the order of columns, nor on whether a frame has those in which it has no value."""
    frame = pl.DataFrame(rows, SCHEMA)
    ends = [0, *sorted(cuts), len(frame)]
    pieces = [frame[start : max(start, end)] for start, end in pairwise(ends)]
    narrow = [
        piece.select(column for column in reversed(piece.get_columns()) if column.count())
        if any(column.count() for column in piece)
        else piece
        for piece in pieces
    ]

    assert hash_of(*pieces) == hash_of(frame)
    assert hash_of(*narrow) == hash_of(frame)


@settings(max_examples=25)
@given(ROWS, ROWS)
def test_other_rows_have_another_hash(one: list, other: list) -> None:
    """Also where the same bytes lie in other places."""
    frames = pl.DataFrame(one, SCHEMA), pl.DataFrame(other, SCHEMA)

    assert (hash_of(frames[0]) == hash_of(frames[1])) == (_plain(frames[0]) == _plain(frames[1]))


ALIKE = [
    ({"name": ["ab", "c"]}, {"name": ["a", "bc"]}),
    ({"name": ["a", None]}, {"name": [None, "a"]}),
    ({"name": ["a", None]}, {"name": ["a"]}),
    ({"name": ["a"]}, {"city": ["a"]}),
    ({"employees": [0, None]}, {"employees": [None, 0]}),
    ({"aliases": [["a", "b"], ["c"]]}, {"aliases": [["a"], ["b", "c"]]}),
    ({"aliases": [[]]}, {"aliases": [[None]]}),
]


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=[f"{one}" for one, _ in ALIKE])
def test_rows_that_look_alike_have_different_hashes(one: dict, other: dict) -> None:
    """What stands where counts, not only what stands there."""
    strings = {"aliases": pl.List(pl.String)}

    assert hash_of(pl.DataFrame(one, schema_overrides=_of(one, strings))) != hash_of(
        pl.DataFrame(other, schema_overrides=_of(other, strings))
    )


def test_columns_without_any_value_and_the_batch_itself_do_not_count() -> None:
    """A new column of the contract leaves old hashes as they are."""
    rows = pl.DataFrame({"name": ["a"]})
    new = rows.with_columns(fax=pl.lit(None, pl.String), batch_id=pl.lit("1"), source=pl.lit("crm"))

    assert hash_of(new) == hash_of(rows)


def test_the_hash_is_the_same_on_every_machine_and_in_every_version() -> None:
    """Ids of batches that have landed stay what they are."""
    row = {
        "name": "Müller",
        "employees": 5,
        "revenue_usd": 1.5,
        "is_active": True,
        "since_date": date(2026, 1, 31),
        "observed_at": datetime(2026, 11, 2, tzinfo=UTC),
        "aliases": ["a", "bc"],
        "attributes": [{"key": "k", "value": "v"}],
    }

    found = hash_of(pl.DataFrame([row, dict.fromkeys(SCHEMA)], SCHEMA))

    assert found == "d8e0916dbcb6d98819f93cf89bfcb796b4543e5344dc70c07299c68776c454e0"


def _plain(frame: pl.DataFrame) -> object:
    """Rows as Python compares them, where 0.0 and -0.0 are the same."""
    return [
        tuple(str(value) if isinstance(value, float) else value for value in row)
        for row in frame.rows()
    ]


def _of(rows: dict, types: dict) -> dict:
    return {name: dtype for name, dtype in types.items() if name in rows}
