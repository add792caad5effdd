"""What holds of every published list, whatever data and document it was made from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.documents.perfect_customer import load_perfect_customer
from tests.pipeline.conftest import Backfill
from tests.support.runs import Publication

OUTCOMES = {"listed", "below_line", "qualified_out", "suppressed"}
LEGS = {
    "organisation": "organisation_fit_score",
    "people": "people_coverage_score",
    "issue": "issue_urgency_score",
}


@pytest.fixture(params=["first", "second", "running", "earlier"])
def publication(
    request: pytest.FixtureRequest, second: Publication, backfill: Backfill
) -> Publication:
    """Each of the four lists that this folder publishes."""
    lists = {
        "first": request.getfixturevalue("first"),
        "second": second,
        "running": backfill.running,
        "earlier": backfill.earlier,
    }
    return lists[request.param]


def test_every_account_has_exactly_one_outcome(publication: Publication) -> None:
    """The outcomes add up to the universe, account by account, each with its reason."""
    scored = publication.ask("select account_id, outcome, outcome_reason from account_scores")
    universe = publication.values("select account_id from accounts order by account_id")
    assert sorted(row["account_id"] for row in scored) == universe
    assert {row["outcome"] for row in scored} == OUTCOMES
    assert all(row["outcome_reason"] for row in scored)


@pytest.mark.parametrize("leg", LEGS)
def test_reasons_add_up_to_scores_exactly(publication: Publication, leg: str) -> None:
    """In decimals, for every account whatever its outcome; no tolerance."""
    reasons = publication.ask(f"""
        select
            account_id,
            {LEGS[leg]} as score,
            list_transform(
                list_filter(reasons_earned, lambda r: r.leg = '{leg}'), lambda r: r.points
            ) as points
        from account_scores
    """)
    assert all(sum(row["points"], Decimal(0)) == row["score"] for row in reasons)
    assert any(row["points"] for row in reasons)
    assert all(0 <= row["score"] <= 100 for row in reasons)


@pytest.mark.parametrize("leg", LEGS)
def test_reasons_in_words_add_up_to_scores_exactly(publication: Publication, leg: str) -> None:
    """What is shown of a listed account is the whole of its score, with a reason in words."""
    differing = publication.ask(
        f"""
        select account_id, {LEGS[leg]} as score, sum(points) as points
        from target_accounts
        left join (from target_account_reasons where leg = $leg) using (account_id)
        group by all
        having coalesce(sum(points), 0) <> score
            or bool_or(points is not null and coalesce(reason, '') = '')
        """,
        leg=leg,
    )
    assert differing == []


def test_ranks_are_dense_and_follow_alignment(publication: Publication) -> None:
    """Ranks are 1 to n, the best aligned first, ties by account id."""
    listed = publication.ask("select rank, alignment_score, account_id from target_accounts")
    best_first = sorted(listed, key=lambda row: (-row["alignment_score"], row["account_id"]))
    assert [row["rank"] for row in best_first] == list(range(1, len(listed) + 1))


def test_the_list_is_what_was_decided(publication: Publication) -> None:
    """Exactly the accounts whose outcome is listed, with the rank and tier decided for them."""
    query = "select account_id, rank, tier from {} order by account_id"
    assert publication.ask(query.format("target_accounts")) == publication.ask(
        query.format("account_scores where outcome = 'listed'")
    )


def test_only_aligned_accounts_are_listed(publication: Publication) -> None:
    """Every leg of a listed account reaches the document's minimum, and no disqualifier is met."""
    minimum = load_perfect_customer(publication.settings.perfect_customer).ranking_row()["minimum"]
    under = " or ".join(f"{score} < {minimum[leg]}" for leg, score in LEGS.items())
    short = publication.ask(f"""
        select account_id from account_scores
        where outcome = 'listed' and ({under} or not is_aligned or len(met_disqualifiers) > 0)
    """)
    assert short == []


def test_tiers_hold_no_more_than_their_capacity(publication: Publication) -> None:
    """Tiers are filled in the document's order; better accounts are never in a later tier."""
    ranking = load_perfect_customer(publication.settings.perfect_customer).ranking_row()
    order = [tier["id"] for tier in ranking["tiers"]]
    placed = publication.values("select tier from target_accounts order by rank")
    assert [order.index(tier) for tier in placed] == sorted(order.index(tier) for tier in placed)
    for tier in ranking["tiers"]:
        assert placed.count(tier["id"]) <= tier["capacity"]


def test_nobody_is_left_out_while_there_is_room(publication: Publication) -> None:
    """Over capacity is said only when the last tier is full."""
    ranking = load_perfect_customer(publication.settings.perfect_customer).ranking_row()
    capacity = sum(tier["capacity"] for tier in ranking["tiers"])
    over = publication.values(
        "select account_id from account_scores where outcome_reason like 'over capacity%'"
    )
    listed = publication.values("select count(*) from target_accounts")
    assert over
    assert listed == [capacity]


def test_no_parent_has_more_accounts_than_its_cap(publication: Publication) -> None:
    """At most most_per_parent accounts of one ultimate parent are listed."""
    ranking = load_perfect_customer(publication.settings.perfect_customer).ranking_row()
    crowded = publication.ask(
        """
        select coalesce(ultimate_parent_account_id, account_id) as parent, count(*) as accounts
        from target_accounts join accounts using (account_id)
        group by parent having count(*) > $most
        """,
        most=ranking["most_per_parent"],
    )
    assert crowded == []


def test_the_cap_of_a_parent_takes_its_best_accounts(backfill: Backfill) -> None:
    """Of three sisters the two that rank higher are listed; the third says why it isn't."""
    third = backfill.running.values("""
        select outcome_reason from account_scores join accounts using (account_id)
        where domain = 'sister-3-fictive.com'
    """)
    assert third == ["over the cap of 2 accounts per ultimate parent"]


def test_every_mart_and_column_says_what_it_holds(publication: Publication) -> None:
    """A BI tool shows the comments; a view and the version's own row have them too."""
    silent = publication.values(
        """
        select table_name || '.' || column_name from duckdb_columns()
        where not internal and comment is null
        union all
        select table_name from duckdb_tables() where not internal and comment is null
        union all
        select view_name from duckdb_views() where not internal and comment is null
        """
    )
    assert silent == []


def test_every_mart_carries_its_week_and_version(publication: Publication) -> None:
    """All rows but those of the history are stamped alike."""
    with publication.marts() as marts:
        tables = marts.execute("""
            select table_name from information_schema.columns
            where column_name = 'publish_id' and table_name not in ('list_history', 'meta')
        """).fetchall()
    stamps = [
        stamp
        for (table,) in tables
        for stamp in publication.ask(f"select distinct list_week, publish_id from {table}")
    ]
    assert len(tables) >= 13
    assert all(
        stamp == {"list_week": publication.week, "publish_id": publication.publish_id}
        for stamp in stamps
    )
