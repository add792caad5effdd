"""Salesforce from exports: Data Loader's headers in any letter case, and a warehouse's names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.errors import SourceNotFound, SourceRejected
from ingest.salesforce_ids import long_id
from tests.support.sources import Landed, fetched, write

WEEK = date(2026, 10, 12)
ACCOUNTS = [
    "ID,NAME,PARENTID,TYPE,WEBSITE,BILLINGCOUNTRY,NUMBEROFEMPLOYEES,ISDELETED,MASTERRECORDID,ERP__C",
    "001A,Acme,,Customer,acme.de,Germany,820,false,,SAP",
    '001B,"Bolt\nLtd",001C,,bolt.de,France,,false,,',
    "001C,Crate,,,,,,true,001A,",
]
CONTACTS = [
    "Id,AccountId,FirstName,LastName,Email,HasOptedOutOfEmail,DoNotCall",
    "003A,001C,Made,Up,mu@acme.de,true,false",
    "003B,001B,,Person,,maybe,",
]
DEALS = [
    "id,account_id,name,amount,stage_name,is_closed,is_won,close_date,created_date,is_deleted,"
    "_fivetran_active",
    "006A,001A,One,10,Won,TRUE,TRUE,2026-09-30 00:00:00,2026-09-01 08:00:00,false,true",
    "006A,001A,One,10,Proposal,FALSE,FALSE,2026-09-30 00:00:00,2026-09-01 08:00:00,false,false",
    "006B,001B,Two,5,Proposal,false,false,2027-01-01 00:00:00,1788220800000,false,true",
    "006C,001B,Three,5,Proposal,false,false,,,true,true",
]
VERSIONS = [
    "_fivetran_active,_fivetran_start,_fivetran_end,id,stage_name",
    "false,2026-09-01 08:00:00,2026-09-19 23:59:59,006A,Proposal",
    "true,2026-09-20 08:00:00,9999-12-31 23:59:59,006A,Won",
    "true,2026-09-01 08:00:00,9999-12-31 23:59:59,006B,Proposal",
]
USERS = ["Id,Name,Email", "005A,Made Up,MU@our.com"]
EXPORTS = """
connector: salesforce
exports:
  accounts: drops/accounts.csv
  contacts: {path: drops/contacts.csv}
  opportunities: drops/opportunities.csv
  opportunity_history: drops/history.csv
  users: drops/users.csv
attributes: {erp: Erp__c}
"""


def landed(folder: Path, entry: str = EXPORTS, **files: list[str]) -> dict[str, Landed]:
    """What the connector lands of these files, or of those above."""
    usual = {
        "accounts": ACCOUNTS,
        "contacts": CONTACTS,
        "opportunities": DEALS,
        "history": VERSIONS,
        "users": USERS,
    }
    for name, lines in (usual | files).items():
        write(folder, f"drops/{name}.csv", *lines)
    return fetched(folder, entry, WEEK)


def test_exports_give_what_the_api_gives(tmp_path: Path) -> None:
    """Headers in upper, camel and snake case; quoted line breaks; merged and deleted records."""
    tables = landed(tmp_path)

    assert tables["companies"].rows.select("source_company_id", "name", "country").rows() == [
        ("001A", "Acme", "DE"),
        ("001B", "Bolt Ltd", "FR"),
    ]
    assert tables["companies"].rows["attributes"].to_list()[0] == [{"key": "erp", "value": "SAP"}]
    assert tables["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id"
    ).rows() == [("001B", "001A")]
    assert tables["contacts"].rows.select("source_company_id", "is_opted_out").rows() == [
        ("001A", True),
        ("001B", True),
    ]
    assert tables["contacts"].batch.unconverted == 1
    assert tables["suppressions"].rows["key"].to_list() == ["001A"]
    assert tables["owners"].rows["email"].to_list() == ["mu@our.com"]
    assert {table.batch.rejects for table in tables.values()} == {0}


REPORTS = {
    "accounts": [
        '"Account ID","Account Name","Parent Account","Parent Account ID","Type","Website",'
        '"Billing State/Province","Billing Zip/Postal Code","Billing Country","Employees",'
        '"Annual Revenue","SIC Code","Last Modified Date"',
        '"001Mad0000eUpaB","Acme","","","Customer","acme.de","BY","80331","Germany","1,820",'
        '"$2,500,000.00","7372","9/30/2026"',
        '"001Mad0000eUpAb","Bolt","Acme","001Mad0000eUpaB","","bolt.de","","","Germany","",'
        '"","","10/1/2026"',
        "",
        '"Accounts for us"',
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
    ],
    "contacts": [
        '"Contact ID","First Name","Last Name","Account ID","Account Name","Title","Email",'
        '"Mobile","Email Opt Out","Do Not Call"',
        '"003Mad0000eUpaB","Made","Up","001Mad0000eUpaB","Acme","CFO","mu@acme.de","0123","1","0"',
    ],
    "opportunities": [
        '"Opportunity ID","Account ID","Account Name","Opportunity Name","Stage","Amount",'
        '"Close Date","Created Date","Closed","Won"',
        '"006Mad0000eUpaB","001Mad0000eUpaB","Acme","One","Closed Won","4,821.00","9/30/2026",'
        '"9/1/2026","1","1"',
    ],
    "history": [
        '"Opportunity ID","Created Date","From Stage","To Stage","Last Modified",'
        '"Last Modified By"',
        '"006Mad0000eUpaB","9/1/2026","Proposal","Closed Won","9/20/2026","Somebody"',
    ],
    "users": ['"User ID","Full Name","Email"', '"005Mad0000eUpaB","Made Up","mu@our.com"'],
}
OF_REPORTS = EXPORTS.replace("attributes: {erp: Erp__c}", 'day_format: "%m/%d/%Y"')


def test_reports_are_read_by_their_labels(tmp_path: Path) -> None:
    """Each label as its object means it, days as the report writes them, its last lines aside."""
    tables = landed(tmp_path, OF_REPORTS, **REPORTS)

    assert tables["companies"].rows.select(
        "source_company_id",
        "name",
        "region",
        "postal_code",
        "employees",
        "revenue_usd",
        "industry_code",
        "observed_at",
    ).rows() == [
        ("001Mad0000eUpAbIAK", "Bolt", None, None, None, None, None, _day(2026, 10, 1)),
        ("001Mad0000eUpaBIAS", "Acme", "BY", "80331", 1820, 2.5e6, "7372", _day(2026, 9, 30)),
    ]
    assert tables["companies"].rejects["reason"].to_list() == ["expected 13 values, found 1"] * 2
    assert tables["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id"
    ).rows() == [("001Mad0000eUpAbIAK", "001Mad0000eUpaBIAS")]
    assert tables["contacts"].rows.select(
        "source_company_id", "full_name", "phone", "is_opted_out", "is_do_not_call"
    ).rows() == [("001Mad0000eUpaBIAS", "Made Up", "0123", True, False)]
    (deal,) = tables["deals"].rows.to_dicts()
    assert (deal["name"], deal["stage"], deal["amount"]) == ("One", "Closed Won", 4821)
    assert (deal["outcome"], deal["closed_at"]) == ("won", _day(2026, 9, 30))
    assert {"key": "stage_since_date", "value": "2026-09-20"} in deal["attributes"]
    assert tables["owners"].rows["name"].to_list() == ["Made Up"]
    assert {table.batch.unconverted for table in tables.values()} == {0}


def test_a_comma_may_be_the_decimal_mark(tmp_path: Path) -> None:
    """As reports are written in much of Europe; a head count of 1.286 is no count of one."""
    accounts = ["Id,Name,NumberOfEmployees,AnnualRevenue", '001A,Acme,1.286,"27.000,50"']
    write(tmp_path, "drops/accounts.csv", *accounts)
    entry = """
connector: salesforce
decimal_mark: ","
exports: {accounts: drops/accounts.csv}
"""

    companies = fetched(tmp_path, entry, WEEK)["companies"]

    assert companies.rows.select("employees", "revenue_usd").rows() == [(1286, 27_000.5)]
    assert companies.batch.unconverted == 0


def test_the_type_of_an_account_says_whether_it_is_sold_to(tmp_path: Path) -> None:
    """In any case; a type that the options don't name suppresses nobody."""
    types = ("CUSTOMER - direct", "Technology Partner", "Competitor", "Prospect", "Reseller", "")
    accounts = [f"001{n},Acme {n},{kind}" for n, kind in enumerate(types)]
    write(tmp_path, "drops/accounts.csv", "Id,Name,Type", *accounts)
    entry = """
connector: salesforce
partner_types: [Technology partner, Reseller]
exports: {accounts: drops/accounts.csv}
"""

    suppressions = fetched(tmp_path, entry, WEEK)["suppressions"]

    assert suppressions.rows.select("key", "reason").sort("key").rows() == [
        ("0010", "customer"),
        ("0011", "partner"),
        ("0012", "competitor"),
        ("0014", "partner"),
    ]


def test_a_fields_own_name_counts_before_a_label(tmp_path: Path) -> None:
    """An export of objects may have a field of one's own that is called like a label."""
    accounts = ["Account Name,Id,Name,Employees,NumberOfEmployees", "Nobody,001A,Acme,1,820"]
    write(tmp_path, "drops/accounts.csv", *accounts)
    entry = "connector: salesforce\nexports: {accounts: drops/accounts.csv}"

    companies = fetched(tmp_path, entry, WEEK)["companies"].rows

    assert companies.select("name", "employees").rows() == [("Acme", 820)]


def _day(*parts: int) -> datetime:
    year, month, day = parts
    return datetime(year, month, day, tzinfo=UTC)


def test_a_warehouse_keeps_versions_of_which_the_current_one_counts(tmp_path: Path) -> None:
    """Its versions of the opportunity are a history of stages."""
    deals = landed(tmp_path)["deals"].rows

    assert deals.select("source_deal_id", "outcome", "closed_at", "created_at").rows() == [
        ("006A", "won", datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 9, 1, 8, tzinfo=UTC)),
        ("006B", "open", None, datetime(2026, 9, 1, tzinfo=UTC)),
    ]
    since = [{e["key"]: e["value"] for e in entries} for entries in deals["attributes"]]
    assert [entries["stage_since_date"] for entries in since] == ["2026-09-20", "2026-09-01"]


@pytest.mark.parametrize(
    ("history", "option"),
    [
        (
            ["OpportunityId,StageName,CreatedDate", "006B,Proposal,2026-09-05T00:00:00.000Z"],
            "OpportunityHistory",
        ),
        (
            [
                "OpportunityId,Field,OldValue,NewValue,CreatedDate",
                "006B,StageName,Discovery,Proposal,2026-09-05T00:00:00.000Z",
                "006B,Amount,1,Proposal,2026-09-09T00:00:00.000Z",
            ],
            "OpportunityFieldHistory",
        ),
    ],
)
def test_a_history_may_be_of_opportunities_or_of_fields(
    tmp_path: Path, history: list[str], option: str
) -> None:
    """As Salesforce exports them."""
    tables = landed(tmp_path, EXPORTS + f"stage_history: {option}", history=history)

    attributes = tables["deals"].rows["attributes"].to_list()
    assert attributes == [
        None,
        [
            {"key": "entered_proposal", "value": "2026-09-05"},
            {"key": "stage_since_date", "value": "2026-09-05"},
        ],
    ]


def test_only_what_is_exported_lands(tmp_path: Path) -> None:
    """A table without a file is none of the source's."""
    write(tmp_path, "drops/users.csv", *USERS)

    tables = fetched(tmp_path, "connector: salesforce\nexports: {users: drops/users.csv}", WEEK)

    assert list(tables) == ["owners"]


def test_a_broken_row_is_set_aside_once_with_its_line(tmp_path: Path) -> None:
    """The others land."""
    tables = landed(tmp_path, accounts=[*ACCOUNTS, "001D,Dull,too,few"])

    assert tables["companies"].batch.rows == 2
    assert tables["companies"].rejects.select("file", "line").rows() == [("accounts.csv", 6)]
    assert {name for name, table in tables.items() if table.batch.rejects} == {"companies"}


@pytest.mark.parametrize(
    ("name", "header", "missing"),
    [
        ("contacts", "Id,AccountId,HasOptedOutEmail,DoNotCall", "HasOptedOutOfEmail .did you mean"),
        ("accounts", "Key,Title,Erp__c", "Id, Name among the columns of Account"),
        ("opportunities", "Id,StageName,IsWon", "IsClosed"),
    ],
)
def test_a_column_that_is_needed_and_missing_is_said(
    tmp_path: Path, name: str, header: str, missing: str
) -> None:
    """With what it was probably called."""
    with pytest.raises(SourceRejected, match=f"{name}.csv: expected {missing}"):
        landed(tmp_path, **{name: [header]})


def test_a_missing_file_is_said_with_its_pattern(tmp_path: Path) -> None:
    """As for any other file."""
    with pytest.raises(SourceNotFound, match=r"no file matches .*users\.csv; put one there"):
        fetched(tmp_path, "connector: salesforce\nexports: {users: drops/users.csv}", WEEK)


def test_a_warehouse_may_write_parquet(tmp_path: Path) -> None:
    """Its columns have types already."""
    (tmp_path / "drops").mkdir()
    pl.DataFrame(
        {
            "id": ["001A"],
            "name": ["Acme"],
            "number_of_employees": [820],
            "annual_revenue": [1.5],
            "is_deleted": [False],
            "last_modified_date": [datetime(2026, 10, 1, 6, 30)],
        }
    ).write_parquet(tmp_path / "drops" / "account.parquet")
    entry = "connector: salesforce\nexports: {accounts: drops/account.parquet}"

    companies = fetched(tmp_path, entry, WEEK)["companies"]

    assert companies.rows.select("employees", "revenue_usd", "observed_at").rows() == [
        (820, 1.5, datetime(2026, 10, 1, 6, 30, tzinfo=UTC))
    ]
    assert companies.batch.unconverted == 0


def test_dated_exports_answer_for_a_past_week(tmp_path: Path) -> None:
    """Each week gets what lay there then."""
    write(tmp_path, "drops/accounts-2026-10-05.csv", "Id,Name", "001A,Acme")
    write(tmp_path, "drops/accounts-2026-10-12.csv", "Id,Name", "001A,Acme", "001B,Bolt")
    file = '{path: drops/accounts-*.csv, date_in_name: "%Y-%m-%d"}'
    entry = f"connector: salesforce\nexports: {{accounts: {file}}}"

    rows = [
        fetched(tmp_path, entry, date(2026, 10, day))["companies"].batch.rows for day in (5, 12)
    ]

    assert rows == [1, 2]


def test_ids_of_15_and_of_18_letters_are_one_record(tmp_path: Path) -> None:
    """Reports write the short ones, where only a letter's case tells two records apart."""
    tables = landed(
        tmp_path,
        accounts=[
            "Id,Name,ParentId,Type,Erp__c",
            "001Mad0000eUpaB,Acme,,,",
            "001Mad0000eUpAb,Bolt,001Mad0000eUpaBIAS,Customer,",
        ],
        contacts=[
            "Id,AccountId,Name,Email,HasOptedOutOfEmail,DoNotCall",
            "003Mad0000eUpab,001Mad0000eUpaB,Made Up,,,",
        ],
        opportunities=[
            "Id,AccountId,StageName,IsClosed,IsWon",
            "006Mad0000eUpab,001Mad0000eUpAbIAK,Proposal,false,false",
        ],
        history=[
            "OpportunityId,StageName,CreatedDate",
            "006Mad0000eUpabIAC,Proposal,2026-09-05T00:00:00.000Z",
        ],
    )

    assert tables["companies"].rows.select("source_company_id", "name").rows() == [
        ("001Mad0000eUpAbIAK", "Bolt"),
        ("001Mad0000eUpaBIAS", "Acme"),
    ]
    assert tables["company_relationships"].rows["parent_source_company_id"].to_list() == [
        "001Mad0000eUpaBIAS"
    ]
    assert tables["suppressions"].rows["key"].to_list() == ["001Mad0000eUpAbIAK"]
    assert tables["contacts"].rows["source_company_id"].to_list() == ["001Mad0000eUpaBIAS"]
    (deal,) = tables["deals"].rows.to_dicts()
    assert deal["source_company_id"] == "001Mad0000eUpAbIAK"
    assert {"key": "stage_since_date", "value": "2026-09-05"} in deal["attributes"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a0D30000001n7Pi", "a0D30000001n7PiEAI"),
        ("0019000000B98de", "0019000000B98deAAB"),
        ("ZZZZZzzzzz00000", "ZZZZZzzzzz000005AA"),
        ("a0D30000001n7PiEAI", "a0D30000001n7PiEAI"),
        ("not an id at all", "not an id at all"),
        (None, None),
    ],
)
def test_the_longer_id_ends_in_the_capitals_of_the_shorter(
    given: str | None, expected: str | None
) -> None:
    """Five letters make one more; what is no id of 15 letters stays as it is."""
    assert long_id(pl.Series([given], dtype=pl.String)).to_list() == [expected]
