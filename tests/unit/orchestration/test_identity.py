"""Clustering groups exactly the records that shared keys connect, whatever their order."""

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity import cluster_companies

Link = tuple[str, str, str]

LINKS = st.lists(
    st.tuples(
        st.integers(0, 12).map(lambda n: f"s:{n:02}"),
        st.sampled_from(["lei", "cik", "registration", "domain"]),
        st.integers(0, 8).map(str),
    ),
    max_size=30,
)


def clusters(records: Sequence[str], links: Sequence[Link]) -> dict[str, tuple[str, str]]:
    """The cluster and reason of each record, by real DuckDB tables."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute("CREATE TABLE intermediate.int_company_records (record_id VARCHAR)")
        connection.execute(
            "CREATE TABLE intermediate.int_company_links "
            "(record_id VARCHAR, link_kind VARCHAR, link_key VARCHAR)"
        )
        for record in records:
            connection.execute("INSERT INTO intermediate.int_company_records VALUES (?)", [record])
        for link in links:
            connection.execute("INSERT INTO intermediate.int_company_links VALUES (?, ?, ?)", link)
        cluster_companies(connection)
        rows = connection.execute(
            "SELECT record_id, cluster_id, link_reason FROM identity.company_clusters"
        ).fetchall()
    return {record: (cluster, reason) for record, cluster, reason in rows}


def by_hand(records: Sequence[str], links: Sequence[Link]) -> dict[str, str]:
    """The smallest record that each record reaches, by walking from key to key."""
    label = {record: record for record in records}
    while True:
        smallest: dict[tuple[str, str], str] = {}
        for record, kind, key in links:
            smallest[kind, key] = min(smallest.get((kind, key), record), label[record])
        moved = {
            record: min([label[record], *(smallest[k, v] for r, k, v in links if r == record)])
            for record in records
        }
        if moved == label:
            return label
        label = moved


@settings(max_examples=40)
@given(links=LINKS, order=st.randoms(use_true_random=False))
def test_clusters_are_connected_components(links: list[Link], order: object) -> None:
    """Records are one company exactly when a chain of shared keys joins them."""
    records = [f"s:{n:02}" for n in range(13)]
    shuffled = list(links)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    found = clusters(records, shuffled)

    assert {record: cluster for record, (cluster, _) in found.items()} == by_hand(records, links)


def test_a_long_chain_is_followed_to_its_end() -> None:
    """Twenty records joined only pairwise are one company, named by the smallest."""
    records = [f"s:{n:02}" for n in range(20)]
    links = [
        link
        for n in range(19)
        for link in ((f"s:{n:02}", "lei", str(n)), (f"s:{n + 1:02}", "lei", str(n)))
    ]

    assert {cluster for cluster, _ in clusters(records, links).values()} == {"s:00"}


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ([("s:0", "domain", "a.com"), ("s:1", "domain", "a.com")], "domain"),
        (
            [
                ("s:0", "domain", "a.com"),
                ("s:1", "domain", "a.com"),
                ("s:0", "lei", "X"),
                ("s:1", "lei", "X"),
            ],
            "lei",
        ),
        ([("s:0", "domain", "a.com"), ("s:1", "domain", "b.com")], "own_record"),
    ],
    ids=["one shared key", "the strongest shared key", "a key that nobody shares"],
)
def test_a_record_names_the_strongest_key_it_shares(links: list[Link], reason: str) -> None:
    """The reason says why a record is part of its account."""
    assert {reason for _, reason in clusters(["s:0", "s:1"], links).values()} == {reason}
