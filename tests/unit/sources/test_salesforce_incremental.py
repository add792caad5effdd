"""Salesforce read by what changed: the batch is the same as a full read would give."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from pytest_httpserver import HTTPServer

from tests.support.salesforce import TOKEN, MadeUpOrg
from tests.support.sources import Landed, fetched

FIRST, SECOND = date(2026, 10, 12), date(2026, 10, 19)
BEFORE, SINCE = "2026-10-01T06:30:00.000Z", "2026-10-14T06:30:00.000Z"
NEXT_YEAR = "2027-10-14T06:30:00.000Z"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the entry of sources.yml names."""
    monkeypatch.setenv("SF_TOKEN", TOKEN)


def landed(address: str, folder: Path, week: date) -> dict[str, Landed]:
    """What the connector lands for a week where everything is read once a year."""
    entry = [
        "connector: salesforce",
        f"instance_url: {address}",
        "token: ${SF_TOKEN}",
        "full_every_weeks: 52",
    ]
    return fetched(folder, "\n".join(entry), week)


def record(key: str, **fields: str) -> dict[str, str]:
    """A record with what all objects here have."""
    return {"Id": key, "IsDeleted": "false", "SystemModstamp": BEFORE, **fields}


def market() -> MadeUpOrg:
    """An org as it was in the first week."""
    account = {"ParentId": "", "Type": "", "MasterRecordId": ""}
    person = {"MasterRecordId": "", "HasOptedOutOfEmail": "false", "DoNotCall": "false"}
    deal = {"StageName": "Proposal", "IsClosed": "false", "IsWon": "false", "AccountId": "001B"}
    event = {"IsDeleted": "false", "OpportunityId": "006A", "StageName": "Proposal"}
    return MadeUpOrg(
        {
            "Account": [
                record("001A", Name="Acme", **account),
                record("001B", Name="Bolt", **account | {"Type": "Customer", "ParentId": "001A"}),
                record("001C", Name="Crate", **account | {"ParentId": "001B"})
                | {"SystemModstamp": NEXT_YEAR},
                record("001D", Name="Dull", **account | {"Type": "Customer"}),
                record("001E", Name="Echo", **account | {"ParentId": "001B"}),
            ],
            "Contact": [
                record("003A", AccountId="001B", Email="a@bolt.de", **person),
                record("003B", AccountId="001D", Email="b@dull.de", **person)
                | {"HasOptedOutOfEmail": "true"},
            ],
            "Opportunity": [record("006A", **deal), record("006B", **deal)],
            "OpportunityHistory": [
                {"Id": "008A", "CreatedDate": BEFORE, **event},
                {"Id": "008B", "CreatedDate": BEFORE, **event} | {"OpportunityId": "006B"},
            ],
            "User": [{"Id": "005A", "Name": "Made Up", "SystemModstamp": BEFORE}],
        }
    )


def change(org: MadeUpOrg) -> None:
    """What happened until the second week: a merge, a deletion, a change and a new stage."""
    changed = {"SystemModstamp": SINCE}
    accounts, contacts = org.objects["Account"], org.objects["Contact"]
    accounts[1] |= changed | {"IsDeleted": "true", "MasterRecordId": "001D"}
    accounts[3] |= changed | {"Name": "Dull Ltd"}
    contacts[1] |= changed | {"IsDeleted": "true"}
    org.objects["Opportunity"][0] |= changed | {"StageName": "Won", "IsWon": "true"}
    org.objects["OpportunityHistory"].append(
        org.objects["OpportunityHistory"][0] | {"StageName": "Won", "CreatedDate": SINCE}
    )


def test_what_changed_and_what_did_not_make_the_whole_table(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The same rows as a full read of the second week."""
    org = market()
    address = org.serve(httpserver)
    landed(address, tmp_path / "changes", FIRST)
    change(org)
    org.queries.clear()

    by_changes = landed(address, tmp_path / "changes", SECOND)

    of_records = [query for query in org.queries if "FROM User" not in query]
    assert all("SystemModstamp >= 2026-10-11T00:00:00Z" in query for query in of_records)
    in_full = landed(address, tmp_path / "full", SECOND)
    for table, whole in in_full.items():
        assert_frame_equal(by_changes[table].rows.drop("batch_id"), whole.rows.drop("batch_id"))
    assert by_changes["contacts"].rows["source_company_id"].to_list() == ["001D"]
    assert by_changes["deals"].rows["source_company_id"].to_list() == ["001D", "001D"]
    assert by_changes["suppressions"].rows["key"].to_list() == ["001D", "b@dull.de"]
