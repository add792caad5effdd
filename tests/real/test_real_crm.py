"""The CRM connectors against tables of real portals and orgs, which lie beside the project."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal
from pytest_httpserver import HTTPServer

from ingest.settings import PROJECT
from tests.support.hubspot import TOKEN, MadeUpHubSpot
from tests.support.salesforce import MadeUpOrg
from tests.support.sources import fetched

DATA = PROJECT.parent / "shared" / "data"
HUBSPOT = DATA / "hubspot_fivetran_seeds"
SALESFORCE = DATA / "salesforce_fivetran_seeds"
WEEK = date(2024, 1, 1)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

EXPORTS = f"""\
connector: salesforce
exports:
  accounts: {SALESFORCE}/sf_account_data.csv
  contacts: {SALESFORCE}/sf_contact_data.csv
  opportunities: {SALESFORCE}/sf_opportunity_data.csv
  opportunity_history: {SALESFORCE}/sf_opportunity_history_data.csv
attributes: {{source: account_source}}
"""


def rows(path: Path) -> list[dict[str, str]]:
    """A table as a warehouse wrote it."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def portal() -> MadeUpHubSpot:
    """The warehouse's tables as HubSpot would have given them, page by page."""
    merged: dict[str, list[str]] = defaultdict(list)
    for row in rows(HUBSPOT / "merged_deal_data.csv"):
        merged[row["deal_id"]].append(row["merged_deal_id"])
    deals = [
        _object(row, row["deal_id"], hs_merged_object_ids=";".join(merged[row["deal_id"]]))
        for row in rows(HUBSPOT / "deal_data.csv")
    ]
    owners = [
        {
            "id": row["owner_id"],
            "email": row["email"],
            "firstName": row["first_name"],
            "updatedAt": row["updated_at"],
        }
        for row in rows(HUBSPOT / "owner_data.csv")
    ]
    companies = [_object(row, row["id"]) for row in rows(HUBSPOT / "company_data.csv")]
    contacts = [_object(row, row["id"]) for row in rows(HUBSPOT / "contact_data.csv")]
    objects = {"companies": companies, "contacts": contacts, "deals": deals}
    return MadeUpHubSpot(objects, owners=owners, page=7)


def _object(row: dict[str, str], key: str, **more: str) -> dict[str, Any]:
    named = {name.removeprefix("property_"): value or None for name, value in row.items()}
    return {
        "id": key,
        "properties": named | more,
        "createdAt": row["property_createdate"],
        "updatedAt": row["property_createdate"],
        "archived": row.get("is_deleted") == "true",
    }


def test_a_portal_lands_without_the_contacts_that_were_merged(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 companies, 100 owners; one contact stands for three others, of which some still came."""
    monkeypatch.setenv("CRM_TOKEN", TOKEN)
    entry = f"connector: hubspot\nbase_url: {portal().serve(httpserver)}\ntoken: ${{CRM_TOKEN}}"

    tables = fetched(tmp_path, entry, WEEK)

    contacts = {row["id"] for row in rows(HUBSPOT / "contact_data.csv")}
    gone = contacts & {"76340251", "46897301", "76226001"}
    assert gone
    assert set(tables["contacts"].rows["source_contact_id"]) == contacts - gone
    assert (tables["companies"].batch.rows, tables["companies"].batch.rejects) == (24, 0)
    assert set(tables["companies"].rows["country"]) == {"GB", "US"}
    assert tables["owners"].batch.rows == 100
    # The warehouse keeps the links of deals to companies elsewhere.
    assert (tables["deals"].batch.rows, tables["deals"].batch.rejects) == (0, 44)


def test_an_org_lands_from_a_warehouses_tables(tmp_path: Path) -> None:
    """Of 368 columns of contacts those that mean something here; deleted records are gone."""
    tables = fetched(tmp_path, EXPORTS, WEEK)

    accounts = rows(SALESFORCE / "sf_account_data.csv")
    standing = {each["id"] for each in accounts if each["is_deleted"] == "false"}
    deals = rows(SALESFORCE / "sf_opportunity_data.csv")
    assert set(tables["companies"].rows["source_company_id"]) == standing
    assert 0 < len(standing) < len(accounts)
    assert tables["contacts"].batch.rows == 4
    assert set(tables["contacts"].rows["is_opted_out"]) <= {None, False}
    assert tables["contacts"].rows["email"].drop_nulls().to_list() == ["hi@google.com"]
    assert set(tables["deals"].rows["source_deal_id"]) == {
        each["id"] for each in deals if each["is_deleted"] == "false"
    }


def test_the_api_gives_what_the_tables_give(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same records by query jobs, in parts of two, from an org that lacks many fields."""
    monkeypatch.setenv("SF_TOKEN", TOKEN)
    org = MadeUpOrg(
        {
            "Account": _records("sf_account_data.csv"),
            "Contact": _records("sf_contact_data.csv"),
            "Opportunity": _records("sf_opportunity_data.csv"),
            "User": [],
        }
    )
    entry = f"""\
connector: salesforce
instance_url: {org.serve(httpserver)}
token: ${{SF_TOKEN}}
page_records: 2
stage_history: none
attributes: {{source: AccountSource}}
"""

    by_api = fetched(tmp_path / "api", entry, WEEK)

    by_files = fetched(tmp_path / "files", EXPORTS, WEEK)
    for table in ("companies", "company_relationships", "contacts", "suppressions"):
        assert_frame_equal(
            by_api[table].rows.drop("batch_id"), by_files[table].rows.drop("batch_id")
        )
    assert by_api["deals"].batch.rows == by_files["deals"].batch.rows


def _records(name: str) -> list[dict[str, str]]:
    """Records under the names that the API gives their fields."""
    return [
        {_field(column): value for column, value in row.items() if not column.startswith("_")}
        for row in rows(SALESFORCE / name)
    ]


def _field(column: str) -> str:
    custom = column.endswith("_c")
    words = column.removesuffix("_c").split("_")
    return "".join(word.capitalize() for word in words) + ("__c" if custom else "")
