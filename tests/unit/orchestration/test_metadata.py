"""What a run found, as Dagster shows it: the same numbers as the list itself, and names as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.metadata import list_metadata, preview
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import LIST_WEEK

HOSTILE = (
    "| <img src=x onerror=alert(1)> [click](https://evil.example) `x` **b** \n\n# h & www.evil.com"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published marts of the small warehouse."""
    settings = settings_in(tmp_path_factory.mktemp("metadata"))
    return publish_week(settings) / "marts.duckdb"


@pytest.fixture
def marts(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its tables, in memory, to be changed at will."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as version (read_only)")
        names = "select table_name from duckdb_tables() where database_name = 'version'"
        for (name,) in connection.execute(names).fetchall():
            connection.execute(f"create table {name} as from version.{name}")
        yield connection


def values(marts: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """The metadata by its name."""
    return {name: value.value for name, value in list_metadata(marts).items()}


def test_the_numbers_are_those_of_the_list(marts: duckdb.DuckDBPyConnection) -> None:
    """Its size, what came and went, whom it names, and which signals it rests on."""
    marts.execute(f"""
        delete from target_account_changes;
        insert into target_account_changes by name
        select * from (values ('a', 'new', 1, null), ('b', 'returned', 2, null), ('c', 'up', 3, 4),
            ('d', 'left', null, 1), ('e', 'left', null, 2), ('f', 'left', null, 3))
            as c (account_id, change, rank, previous_rank);
        update signals set known_at = '{LIST_WEEK}'::date - 3;
        update target_account_reasons set evidence_date = '{LIST_WEEK}'::date - 40;
    """)
    contacts = marts.execute("select count(distinct contact_id) from target_contacts").fetchone()

    found = values(marts)

    assert (found["listed"], found["new"], found["left"]) == (3, 2, 3)
    assert found["churn_pct"] == 75.0
    assert (found["contacts"],) == contacts
    assert (found["newest_signal_days"], found["oldest_signal_days"]) == (3, 40)


def test_each_tier_has_its_number(marts: duckdb.DuckDBPyConnection) -> None:
    """So that a tier that empties is seen."""
    tiers = marts.execute("select tier, count(*) from target_accounts group by all").fetchall()

    found = values(marts)

    assert tiers
    assert {f"tier/{tier}": count for tier, count in tiers}.items() <= found.items()


def test_the_share_known_is_told_per_attribute(marts: duckdb.DuckDBPyConnection) -> None:
    """In percent of all accounts, for what more than one source can know."""
    marts.execute("alter table accounts add column employees_source varchar")
    marts.execute("update accounts set employees = null")
    first = "account_id = (select min(account_id) from accounts)"
    marts.execute(f"update accounts set employees = 1 where {first}")
    (accounts,) = marts.execute("select count(*) from accounts").fetchone()

    found = values(marts)

    assert found["known_pct/employees"] == round(100 / accounts, 2)
    assert found["known_pct/name"] == 100.0
    assert "known_pct/account_id" not in found


def test_contradictions_are_counted_in_all_and_by_attribute(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """So that a source that begins to disagree with the others is seen."""
    marts.execute(
        "insert into account_contradictions select * exclude (range) "
        "replace ('country' as attribute) from account_contradictions, range(2)"
    )

    found = values(marts)

    assert found["contradictions"] == 3
    assert (found["contradictions/country"], found["contradictions/employees"]) == (2, 1)


def test_what_a_source_lands_beside_is_told_too(marts: duckdb.DuckDBPyConnection) -> None:
    """By its own key, once, however many sources have it."""
    marts.execute("update accounts set attributes = map {'erp': 'x', 'crm.erp': 'x'}")

    found = values(marts)

    assert found["known_pct/attributes.erp"] == 100.0
    assert "known_pct/attributes.crm.erp" not in found


def test_what_nothing_is_known_of_is_left_out(marts: duckdb.DuckDBPyConnection) -> None:
    """A first list has no churn; zero would be drawn as a fact. An empty list is no error."""
    for mart in ("target_account_changes", "target_accounts", "accounts", "signals"):
        marts.execute(f"delete from {mart}")

    found = values(marts)

    assert found["listed"] == 0
    assert found.keys().isdisjoint({"churn_pct", "newest_signal_days", "known_pct/name"})


def test_every_number_can_be_drawn(marts: duckdb.DuckDBPyConnection) -> None:
    """Dagster plots integers and floats, nothing else."""
    found = list_metadata(marts)

    assert isinstance(found.pop("preview"), dg.MarkdownMetadataValue)
    assert {type(v) for v in found.values()} <= {dg.IntMetadataValue, dg.FloatMetadataValue}


def test_a_hostile_name_is_one_cell_of_text(marts: duckdb.DuckDBPyConnection) -> None:
    """No mark of Markdown or HTML in it keeps its meaning, and it ends neither cell nor row."""
    marts.execute("update target_accounts set name = ? where rank = 1", [HOSTILE])

    heading, rule, first, *_ = preview(marts).splitlines()

    meant = re.sub(r"\\.", "", first)
    assert heading.count("|") == rule.count("|") == meant.count("|")
    assert "onerror" in meant
    assert set(meant).isdisjoint("\\<>[]()`*#&.:/_")


def test_the_preview_is_the_top_of_the_list(marts: duckdb.DuckDBPyConnection) -> None:
    """In its order, and no more than asked for."""
    _, _, *rows = preview(marts, top=1).splitlines()

    assert [row.split(" | ")[0] for row in rows] == ["| 1"]
