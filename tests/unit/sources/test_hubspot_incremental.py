"""HubSpot read by what changed: the batch is the same as a full read would give."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ingest.errors import SourceUnavailable
from ingest.sources import hubspot
from tests.support.hubspot import TOKEN, MadeUpHubSpot, record
from tests.support.sources import Landed, fetched

FIRST = date(2026, 10, 12)
SECOND = date(2026, 10, 19)
SINCE = "2026-10-14T08:00:00.000Z"
NEXT_YEAR = "2027-10-14T08:00:00.000Z"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the entry of sources.yml names."""
    monkeypatch.setenv("CRM_TOKEN", TOKEN)


def landed(address: str, folder: Path, week: date, every: int = 52) -> dict[str, Landed]:
    """What the connector lands for a week, reading everything every so many weeks."""
    entry = [
        "connector: hubspot",
        f"base_url: {address}",
        "token: ${CRM_TOKEN}",
        f"full_every_weeks: {every}",
        "attributes: {erp: erp}",
    ]
    return fetched(folder, "\n".join(entry), week)


def market() -> MadeUpHubSpot:
    """A CRM as it was in the first week."""
    return MadeUpHubSpot(
        {
            "companies": [
                record("1", name="Acme", erp="SAP"),
                record("2", name="Bolt", lifecyclestage="customer", hs_parent_company_id="1"),
                record("3", name="Crate", updated=NEXT_YEAR, hs_parent_company_id="2"),
                record("4", name="Dull", lifecyclestage="customer", hs_parent_company_id="1"),
                record("5", name="Echo"),
                record("7", name="Fox", hs_parent_company_id="2"),
            ],
            "contacts": [
                record("11", "1", email="one@acme.de", hs_email_optout="true"),
                record("12", "2", email="two@bolt.de"),
                record("13", "4", email="three@dull.de"),
            ],
            "deals": [record("21", "2", dealname="A"), record("22", "4", dealname="B")],
        },
        archived={"contacts": [_archived(record("19", email="gone@x.de", hs_email_optout="true"))]},
        owners=[{"id": "31", "firstName": "Made", "lastName": "Up"}],
    )


def change(crm: MadeUpHubSpot) -> None:
    """What happened until the second week: news, a change, a merge, and somebody cleaned up."""
    first, second, third, _, fifth, other = crm.objects["companies"]
    merged = record("6", name="Bolt", updated=SINCE, hs_merged_object_ids="2;4")
    changed = record("5", name="Echo Ltd", updated=SINCE, hs_parent_company_id="6")
    assert (second["id"], fifth["id"]) == ("2", "5")
    crm.objects["companies"] = [
        first,
        third | {"properties": third["properties"] | {"hs_parent_company_id": "6"}},
        changed,
        merged,
        other | {"properties": other["properties"] | {"hs_parent_company_id": "6"}},
    ]
    crm.objects["contacts"] = [
        record("12", "6", email="two@bolt.de"),
        record("14", "1", ("5", "contact_to_company"), updated=SINCE, email="four@echo.de"),
    ]
    crm.objects["deals"] = [
        record("21", "6", dealname="A"),
        record("23", "6", updated=SINCE, dealname="C", dealstage="closedwon"),
    ]
    crm.archived["contacts"] = [
        *crm.archived["contacts"],
        _archived(record("11", email="one@acme.de", hs_email_optout="true")),
        _archived(record("13", email="three@dull.de")),
    ]
    crm.archived["deals"] = [_archived(record("22", dealname="B"))]


def _archived(found: dict) -> dict:
    return found | {"archived": True}


def test_what_changed_and_what_did_not_make_the_whole_table(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The same rows as a full read of the second week, over searches."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path / "changes", FIRST)
    change(crm)
    crm.asked.clear()

    by_changes = landed(address, tmp_path / "changes", SECOND)

    asked = [line for line in crm.asked if "/objects/" in line]
    assert all("/search" in line or "archived=true" in line for line in asked)
    in_full = landed(address, tmp_path / "full", SECOND)
    assert any("/objects/companies?limit" in line for line in crm.asked)
    for table, whole in in_full.items():
        assert_frame_equal(_told(by_changes[table]), _told(whole))
        assert by_changes[table].batch.week == SECOND
    assert by_changes["companies"].rows["source_company_id"].to_list() == ["1", "3", "5", "6", "7"]


def _told(table: Landed) -> pl.DataFrame:
    """The rows but for the batch they came in."""
    return table.rows.drop("batch_id")


def test_nothing_changed_gives_the_same_rows_again(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Also when read twice in the same week: the batch is the one that landed."""
    address = market().serve(httpserver)
    first = landed(address, tmp_path, FIRST)

    again = landed(address, tmp_path, FIRST)

    assert {name: table.batch for name, table in again.items()} == {
        name: table.batch for name, table in first.items()
    }


def test_a_record_dated_next_year_hides_no_change(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Since when to ask follows from the week of the last batch, never from a record."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    crm.objects["companies"][0] = record("1", name="Acme Ltd", updated=SINCE)

    companies = landed(address, tmp_path, SECOND)["companies"].rows

    assert companies["name"].to_list() == ["Acme Ltd", "Bolt", "Crate", "Dull", "Echo", "Fox"]


@pytest.mark.parametrize("table", ["companies", "contacts"])
def test_a_damaged_batch_stands_in_for_nothing(
    httpserver: HTTPServer, tmp_path: Path, table: str
) -> None:
    """Then everything is read."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    (data,) = (tmp_path / "landing" / table / "vendor").glob("*/data.parquet")
    data.write_bytes(data.read_bytes()[:-20])
    crm.asked.clear()

    companies = landed(address, tmp_path, SECOND)["companies"].batch

    assert companies.rows == 6
    assert not [line for line in crm.asked if "/search" in line]


def test_a_week_before_all_batches_is_read_in_full(httpserver: HTTPServer, tmp_path: Path) -> None:
    """What landed for a later week says nothing about an earlier one."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path, SECOND)
    crm.asked.clear()

    landed(address, tmp_path, FIRST)

    assert not [line for line in crm.asked if "/search" in line]


def test_made_up_rows_never_stand_in_for_real_ones(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Whoever tried the sandbox and then names the own account starts anew."""
    sandbox = "connector: hubspot\nbase_url: sandbox://hubspot"
    crm = MadeUpHubSpot({"companies": [record("1", name="Acme")]})
    address = crm.serve(httpserver)
    made_up = fetched(tmp_path, sandbox, FIRST, sandbox="{companies: 50, seed: 7}")

    real = landed(address, tmp_path, SECOND)["companies"]

    assert made_up["companies"].batch.made_up
    assert real.rows["source_company_id"].to_list() == ["1"]


def test_merges_of_earlier_weeks_are_known_to_what_changes_later(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A contact that still points to the merged company finds the one that is left."""
    crm = MadeUpHubSpot({"companies": [record("6", name="Bolt", hs_merged_object_ids="2;4")]})
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    crm.objects["contacts"] = [record("14", updated=SINCE, associatedcompanyid="4")]

    contacts = landed(address, tmp_path, SECOND)["contacts"].rows

    assert contacts["source_company_id"].to_list() == ["6"]


@pytest.mark.parametrize("every", [1, 2])
def test_what_was_deleted_for_good_is_seen_by_the_next_full_read(
    httpserver: HTTPServer, tmp_path: Path, every: int
) -> None:
    """Once in every so many weeks, and always by default."""
    crm = market()
    address = crm.serve(httpserver)
    for weeks in range(2):
        landed(address, tmp_path, FIRST + timedelta(weeks=weeks), every)
    del crm.objects["companies"][4]

    found = [
        "5"
        in landed(address, tmp_path, FIRST + timedelta(weeks=weeks), every)["companies"].rows[
            "source_company_id"
        ]
        for weeks in range(2, 2 + every)
    ]

    assert found[-1] is False


def test_more_changes_than_a_query_gives_are_asked_for_in_parts(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """HubSpot gives 10,000 results of a query and answers 400 to who pages on."""
    crm = MadeUpHubSpot({"companies": [record("1", name="Old")]})
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    crm.objects["companies"] += [
        record(f"{key}", updated=SINCE, name=f"Company {key}") for key in range(2, 10_453)
    ]
    crm.asked.clear()

    companies = landed(address, tmp_path, SECOND)["companies"].batch

    assert companies.rows == 10_452
    assert len([line for line in crm.asked if "/companies/search" in line]) == 53


def test_searches_keep_their_distance(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot permits fewer of them than of anything else."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    change(crm)
    crm.asked.clear()
    monkeypatch.setattr(hubspot, "SEARCH_PAUSE", 0.5)
    began = time.monotonic()

    landed(address, tmp_path, SECOND)

    searches = [line for line in crm.asked if "/search" in line]
    assert len(searches) > 2
    assert time.monotonic() - began >= 0.5 * len(searches)


def test_a_read_that_broke_off_lands_nothing_and_starts_again(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The second attempt gives what an unbroken one would have given."""
    crm = market()
    address = crm.serve(httpserver)
    landed(address, tmp_path, FIRST)
    change(crm)
    broken = "/crm/v3/objects/deals/search"
    handler = httpserver.expect_oneshot_request
    for _ in range(6):
        handler(broken).respond_with_response(Response(status=503, headers={"Retry-After": "0"}))

    with pytest.raises(SourceUnavailable, match="answered 503, 6 times in a row"):
        landed(address, tmp_path, SECOND)
    left = list((tmp_path / "landing").glob(f"*/vendor/{SECOND}-*"))
    again = landed(address, tmp_path, SECOND)

    assert left == []
    assert again["companies"].rows["source_company_id"].to_list() == ["1", "3", "5", "6", "7"]
    assert again["deals"].rows["source_deal_id"].to_list() == ["21", "23"]
