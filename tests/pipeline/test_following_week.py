"""What the list of the following week says of the one before it."""

from __future__ import annotations

from tests.pipeline.conftest import NEXT_WEEK, WEEK
from tests.support.runs import Publication


def test_every_listed_account_says_what_changed(second: Publication) -> None:
    """Each listed account stands in the changes once, with the same change and rank, and why."""
    differing = second.ask("""
        select account_id, listed.change, told.change, told.rank, told.reason
        from target_accounts as listed
        full join (from target_account_changes where change <> 'left') as told using (account_id)
        where listed.change is distinct from told.change or listed.rank is distinct from told.rank
            or coalesce(told.reason, '') = ''
    """)
    assert differing == []


def test_ranks_before_are_those_of_the_week_before(first: Publication, second: Publication) -> None:
    """previous_rank is the rank that the earlier list published."""
    before = {row["account_id"]: row["rank"] for row in first.ask("from target_accounts")}
    told = second.ask("select account_id, previous_rank from target_account_changes")
    assert {row["account_id"]: row["previous_rank"] for row in told} == {
        row["account_id"]: before.get(row["account_id"]) for row in told
    }
    assert before.keys() <= {row["account_id"] for row in told}


def test_the_weeks_differ(second: Publication) -> None:
    """Some accounts came, some went and some moved, so that the tests here look at something."""
    changes = set(second.values("select distinct change from target_account_changes"))
    assert "left" in changes
    assert changes & {"new", "returned"}
    assert changes & {"up", "down", "same"}


def test_changes_name_the_week_compared_with(first: Publication, second: Publication) -> None:
    """The second list is compared with the first; the first with none."""
    query = "select distinct previous_week from target_account_changes"
    assert second.values(query) == [WEEK]
    assert first.values(query) == [None]


def test_the_manifest_names_the_version_compared_with(
    first: Publication, second: Publication
) -> None:
    """Not only the week but the very version, so that a later change of it is told from it."""
    assert first.manifest()["compared_with"] is None
    assert second.manifest()["compared_with"] == {
        "list_week": f"{WEEK}",
        "publish_id": first.publish_id,
    }


def test_the_list_history_holds_both_lists(first: Publication, second: Publication) -> None:
    """Each as it was published, under its own week and version."""
    columns = "account_id, rank, alignment_score, list_week, publish_id"
    history = second.ask(f"select {columns} from list_history order by list_week, rank")
    lists = [
        row
        for week in (first, second)
        for row in week.ask(f"select {columns} from target_accounts order by rank")
    ]
    assert history == lists


def test_accounts_keep_their_ids(first: Publication, second: Publication) -> None:
    """An account that both weeks know by a domain has one id in both."""
    query = "select domain, account_id from accounts where domain is not null"
    before, after = (
        {row["domain"]: row["account_id"] for row in week.ask(query)} for week in (first, second)
    )
    shared = before.keys() & after.keys()
    assert len(shared) > len(before) * 0.9
    assert {d: before[d] for d in shared} == {d: after[d] for d in shared}


def test_latest_is_the_newest_week(second: Publication) -> None:
    """latest, and through it what BI opens, is the second week."""
    published = second.settings.published
    assert (published / "latest").resolve() == second.folder
    assert (published / "marts.duckdb").resolve().parent == second.folder
    assert str((published / "latest").readlink()) == f"{NEXT_WEEK}"
