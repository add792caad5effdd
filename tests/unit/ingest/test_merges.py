"""Merges: each merged id leads to a record that stands, in any order and over any way."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ingest.merges import standing, survivors

IDS = st.sampled_from("abcdefgh")
PAIRS = st.lists(st.tuples(IDS, IDS))


def frame(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    """Pairs as a connector gives them."""
    return pl.DataFrame(pairs, {"merged": pl.String, "survivor": pl.String}, orient="row")


@given(PAIRS)
def test_whoever_stands_for_a_record_is_not_merged_itself(pairs: list[tuple[str, str]]) -> None:
    """Unless records are merged in a circle: these count as never merged."""
    found = survivors(frame(pairs))

    assert found["merged"].is_unique().all()
    assert not set(found["merged"]) & set(found["survivor"])


@given(PAIRS.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))))
def test_the_order_of_pairs_does_not_matter(both: tuple[list, list]) -> None:
    """Pages come in any order."""
    first, second = (survivors(frame(pairs)) for pairs in both)

    assert sorted(first.iter_rows()) == sorted(second.iter_rows())


def test_long_ways_are_followed_and_other_ids_stay() -> None:
    """Merged, merged again, and once more."""
    found = survivors(frame([("a", "b"), ("c", "d"), ("b", "c")]))
    ids = pl.DataFrame({"id": ["a", "b", "c", "d", "e", None]})

    assert ids.select(standing(pl.col("id"), found))["id"].to_list() == ["d"] * 4 + ["e", None]


def test_without_merges_nothing_changes() -> None:
    """The usual case."""
    ids = pl.DataFrame({"id": ["a", None]})

    assert ids.select(standing(pl.col("id"), survivors(frame([]))))["id"].to_list() == ["a", None]
