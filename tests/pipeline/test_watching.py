"""What a run leaves in Dagster for those who watch it: numbers that agree with what is out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg
import pytest

from orchestration.instance import dagster_instance
from tests.support.runs import Publication

Shown = Mapping[str, object]


@pytest.fixture(scope="module")
def instance(first: Publication) -> Iterator[dg.DagsterInstance]:
    """The instance that the run of the first list wrote into."""
    with dagster_instance(first.settings) as instance:
        yield instance


def shown(instance: dg.DagsterInstance, week: object, *key: str) -> Shown:
    """The metadata of an asset's newest materialization for a week."""
    wanted = dg.AssetRecordsFilter(dg.AssetKey(key), asset_partitions=[f"{week}"])
    (record,) = instance.fetch_materializations(wanted, limit=1).records
    return {name: v.value for name, v in record.asset_materialization.metadata.items()}


def test_a_source_shows_what_came_and_what_it_took(
    instance: dg.DagsterInstance, first: Publication
) -> None:
    """Rows, rejects and unread values as the manifest has them; requests, retries, seconds."""
    (batch,) = (
        b
        for b in first.manifest()["batches"]
        if (b["source"], b["table_name"]) == ("crm", "companies")
    )

    found = shown(instance, first.week, "landing", "crm", "companies")

    assert (found["dagster/row_count"], found["rejects"], found["unconverted"]) == (
        batch["rows"],
        batch["rejects"],
        batch["unconverted"],
    )
    assert found["source/requests"] > 1
    assert found["source/retries"] == 0
    assert found["source/seconds"] > 0


@pytest.mark.parametrize(
    "mart", ["accounts", "target_accounts", "target_contacts", "target_account_reasons"]
)
def test_a_mart_shows_its_rows(instance: dg.DagsterInstance, first: Publication, mart: str) -> None:
    """As many as are published."""
    assert [shown(instance, first.week, "marts", mart)["dagster/row_count"]] == first.values(
        f"select count(*) from {mart}"
    )


def test_models_before_identity_show_their_rows_too(
    instance: dg.DagsterInstance, first: Publication
) -> None:
    """Both dbt steps count; a view has no rows of its own."""
    records = shown(instance, first.week, "identity", "int_company_records")
    assert records["dagster/row_count"] == sum(first.values("select count(*) from account_sources"))
    assert "dagster/row_count" not in shown(instance, first.week, "staging", "stg_companies")


def test_the_list_shows_its_numbers_and_its_top(
    instance: dg.DagsterInstance, first: Publication
) -> None:
    """On the asset that people look at: the files for people."""
    found = shown(instance, first.week, "published", "people_files")

    assert [found["listed"]] == first.values("select count(*) from target_accounts")
    assert found["new"] == found["listed"]
    assert "churn_pct" not in found
    assert 0 < found["known_pct/employees"] <= 100
    assert len(found["preview"].splitlines()) == 2 + min(20, found["listed"])


def test_a_following_list_shows_its_churn(second: Publication) -> None:
    """In percent of the list before, as the changes have it."""
    with dagster_instance(second.settings) as instance:
        found = shown(instance, second.week, "published", "people_files")

    (left,) = second.values("select count(*) from target_account_changes where change = 'left'")
    (before,) = second.values("select count(previous_rank) from target_account_changes")
    assert found["left"] == left
    assert found["churn_pct"] == round(100 * left / before, 2)
