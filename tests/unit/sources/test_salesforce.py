"""Salesforce by its Bulk API 2.0: objects become tables, and jobs, fields and tokens may fail."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ingest.errors import DocumentError, SourceRejected, SourceUnavailable
from tests.support.salesforce import JOBS, TOKEN, MadeUpOrg
from tests.support.sources import Landed, fetched

WEEK = date(2026, 10, 12)
STAMP = "2026-10-01T06:30:00.000Z"
MILLISECONDS = "1790836200000"
CARELESS = {"HasOptedOutOfEmail": "false", "DoNotCall": "false"}


def account(key: str, **fields: str) -> dict[str, str]:
    """An account in the fields that this org has."""
    own = {"Name": f"Company {key}", "ParentId": "", "Type": "", "IsDeleted": "false"}
    return {"Id": key, **own, "MasterRecordId": "", "SystemModstamp": STAMP, **fields}


def contact(key: str, company: str, **fields: str) -> dict[str, str]:
    """A contact in the fields that this org has."""
    own = {"AccountId": company, "Email": "", "IsDeleted": "false", "MasterRecordId": ""}
    return {"Id": key, **own, "SystemModstamp": STAMP, **CARELESS, **fields}


def opportunity(key: str, company: str, **fields: str) -> dict[str, str]:
    """An opportunity in the fields that this org has."""
    own = {"AccountId": company, "Name": f"Deal {key}", "StageName": "Proposal"}
    states = {"IsClosed": "false", "IsWon": "false", "IsDeleted": "false"}
    return {"Id": key, **own, **states, "SystemModstamp": STAMP, **fields}


def event(deal: str, stage: str, at: str) -> dict[str, str]:
    """A row of the history."""
    return {
        "Id": f"008{deal}{at}",
        "OpportunityId": deal,
        "StageName": stage,
        "CreatedDate": at,
        "IsDeleted": "false",
    }


def market(**objects: list[dict[str, str]]) -> MadeUpOrg:
    """An org with these objects and otherwise none."""
    kinds = ("Account", "Contact", "Opportunity", "OpportunityHistory", "User")
    return MadeUpOrg({kind: objects.get(kind, []) for kind in kinds})


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the entries of sources.yml name."""
    monkeypatch.setenv("SF_TOKEN", TOKEN)
    monkeypatch.setenv("SF_SECRET", "made-up-secret")


BEARER = "token: ${SF_TOKEN}"
APP = "client_id: made-up\nclient_secret: ${SF_SECRET}"


def landed(
    server: HTTPServer, folder: Path, org: MadeUpOrg, *lines: str, access: str = BEARER
) -> dict[str, Landed]:
    """What the connector lands of an org."""
    entry = ["connector: salesforce", f"instance_url: {org.serve(server)}", access, *lines]
    return fetched(folder, "\n".join(entry), WEEK)


def test_accounts_come_with_parents_and_customers(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Revenue of another currency is not taken for dollars; custom fields become attributes."""
    org = market(
        Account=[
            account(
                "001A",
                Website="https://www.acme.de",
                BillingCountry="Germany",
                NumberOfEmployees="820",
                AnnualRevenue="1.83E7",
                CurrencyIsoCode="USD",
                Erp__c="SAP",
                Founded__c="1999",
            ),
            account("001B", ParentId="001A", Type="Customer - Direct", CurrencyIsoCode="EUR")
            | {"AnnualRevenue": "5", "BillingCountryCode": "FR", "SystemModstamp": MILLISECONDS},
        ]
    )

    tables = landed(httpserver, tmp_path, org, "attributes: {erp: Erp__c}")

    columns = ["source_company_id", "name", "domain", "country", "employees", "revenue_usd"]
    assert tables["companies"].rows.select(columns).rows() == [
        ("001A", "Company 001A", "acme.de", "DE", 820, 18_300_000.0),
        ("001B", "Company 001B", None, "FR", None, None),
    ]
    assert tables["companies"].rows["attributes"].to_list() == [
        [{"key": "erp", "value": "SAP"}],
        None,
    ]
    assert (
        tables["companies"].rows["observed_at"].to_list()
        == [datetime(2026, 10, 1, 6, 30, tzinfo=UTC)] * 2
    )
    assert tables["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id"
    ).rows() == [("001B", "001A")]
    assert tables["suppressions"].rows.select("key", "reason").rows() == [("001B", "customer")]


def test_contacts_keep_their_wishes(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Also those who were deleted or merged since: as suppressions by e-mail. What can't be read
    is a wish."""
    out, quiet = {"HasOptedOutOfEmail": "2024-05-01"}, {"DoNotCall": "1"}
    org = market(
        Contact=[
            contact("003A", "001A", FirstName="Made", LastName="Up", Email="MU@acme.de", **{}),
            contact("003B", "001A", LastName="Out", Title="CFO", Phone="1") | out,
            contact("003C", "001A", Email="gone@acme.de", IsDeleted="true") | out,
            contact("003D", "001A", Email="merged@acme.de", MasterRecordId="003A") | quiet,
            contact("003E", "001A", Email="neutral@acme.de", IsDeleted="true"),
        ]
    )

    tables = landed(httpserver, tmp_path, org)

    columns = ["full_name", "email", "title", "phone", "is_opted_out", "is_do_not_call"]
    assert tables["contacts"].rows.select(columns).rows() == [
        ("Made Up", "mu@acme.de", None, None, False, False),
        ("Out", None, "CFO", "1", True, False),
    ]
    assert tables["suppressions"].rows.select("key_kind", "key", "reason").rows() == [
        ("email", "gone@acme.de", "do_not_contact"),
        ("email", "merged@acme.de", "do_not_contact"),
    ]


def test_what_points_to_a_merged_account_finds_the_one_that_is_left(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Over several merges; deleted records are gone."""
    merged = {"IsDeleted": "true"}
    org = market(
        Account=[
            account("001A", MasterRecordId="001B") | merged,
            account("001B", MasterRecordId="001C") | merged,
            account("001C", ParentId="001A"),
            account("001D", ParentId="001B"),
            account("001E") | merged,
        ],
        Contact=[contact("003A", "001A")],
        Opportunity=[
            opportunity("006A", "001B"),
            opportunity("006B", "001C", IsDeleted="true"),
        ],
    )

    tables = landed(httpserver, tmp_path, org)

    assert tables["companies"].rows["source_company_id"].to_list() == ["001C", "001D"]
    assert tables["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id"
    ).rows() == [("001D", "001C")]
    assert tables["contacts"].rows["source_company_id"].to_list() == ["001C"]
    assert tables["deals"].rows.select("source_deal_id", "source_company_id").rows() == [
        ("006A", "001C")
    ]


def test_opportunities_become_deals_with_the_day_of_their_stage(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Dates may be ISO or milliseconds; since when it is there is the last run of a stage, and when
    it came into it the first."""
    closed = {"IsClosed": "true", "CloseDate": "2026-09-30", "Lost__c": "Too dear"}
    org = market(
        Opportunity=[
            opportunity("006A", "001A", CreatedDate="953632800000", Amount="10", OwnerId="005A"),
            opportunity("006B", "001A", IsWon="true", CurrencyIsoCode="EUR") | closed,
            opportunity("006C", "001A", CloseDate="2027-01-01") | {"Size__c": "Large"},
            opportunity("006D", "001A", StageName="Lost") | closed,
        ],
        OpportunityHistory=[
            event("006A", "Discovery", "2026-09-01T00:00:00.000Z"),
            event("006A", "Proposal", "2026-09-02T00:00:00.000Z"),
            event("006A", "Discovery", "2026-09-03T00:00:00.000Z"),
            event("006A", "Proposal", "2026-09-06T23:00:00.000+0000"),
            event("006A", "Proposal", "2026-09-07T00:00:00.000Z"),
            event("006B", "Proposal", "1788220800000"),
            event("006C", "Discovery", "2026-09-01T00:00:00.000Z"),
        ],
    )

    deals = landed(
        httpserver,
        tmp_path,
        org,
        "loss_reason_field: Lost__c",
        "deal_attributes: {size: Size__c}",
        "currency: GBP",
    )["deals"].rows

    columns = ["outcome", "amount", "currency", "closed_at", "loss_reason", "owner_id"]
    end = datetime(2026, 9, 30, tzinfo=UTC)
    assert deals.select(columns).rows() == [
        ("open", 10.0, "GBP", None, None, "005A"),
        ("won", None, "EUR", end, "Too dear", None),
        ("open", None, "GBP", None, None, None),
        ("lost", None, "GBP", end, "Too dear", None),
    ]
    assert deals["created_at"].to_list()[0] == datetime(2000, 3, 21, 10, tzinfo=UTC)
    assert deals["attributes"].to_list() == [
        [
            {"key": "entered_discovery", "value": "2026-09-01"},
            {"key": "entered_proposal", "value": "2026-09-02"},
            {"key": "stage_since_date", "value": "2026-09-06"},
        ],
        [
            {"key": "entered_proposal", "value": "2026-09-01"},
            {"key": "stage_since_date", "value": "2026-09-01"},
        ],
        [
            {"key": "entered_discovery", "value": "2026-09-01"},
            {"key": "size", "value": "Large"},
        ],
        None,
    ]


def test_a_history_of_fields_tells_the_stage_too(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Changes of other fields are not changes of the stage."""
    org = market(Opportunity=[opportunity("006A", "001A")])
    own = {"Id": "017A", "OpportunityId": "006A", "IsDeleted": "false"}
    org.objects["OpportunityFieldHistory"] = [
        own | {"Field": "StageName", "NewValue": "Proposal", "CreatedDate": STAMP},
        own | {"Field": "Amount", "NewValue": "10", "CreatedDate": "2026-10-05T00:00:00.000Z"},
    ]

    deals = landed(httpserver, tmp_path, org, "stage_history: OpportunityFieldHistory")["deals"]

    assert deals.rows["attributes"].to_list() == [
        [
            {"key": "entered_proposal", "value": "2026-10-01"},
            {"key": "stage_since_date", "value": "2026-10-01"},
        ]
    ]


@pytest.mark.parametrize("named", ["OpportunityHistory", "none"])
def test_an_org_without_history_gives_deals_all_the_same(
    httpserver: HTTPServer, tmp_path: Path, named: str
) -> None:
    """The opportunity's own field tells the day, where the org has it."""
    org = market(Opportunity=[opportunity("006A", "001A", LastStageChangeDate=STAMP)])
    del org.objects["OpportunityHistory"]

    deals = landed(httpserver, tmp_path, org, f"stage_history: {named}")["deals"]

    assert deals.rows["attributes"].to_list() == [
        [{"key": "stage_since_date", "value": "2026-10-01"}]
    ]


def test_users_become_owners(httpserver: HTTPServer, tmp_path: Path) -> None:
    """By the id that opportunities name; users have no IsDeleted, so it is not asked for."""
    org = market(User=[{"Id": "005A", "Name": "Made Up", "Email": "MU@our.com"}])

    owners = landed(httpserver, tmp_path, org)["owners"].rows

    assert owners.select("source_owner_id", "name", "email").rows() == [
        ("005A", "Made Up", "mu@our.com")
    ]


def test_results_come_in_parts_by_locator(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Each part is a whole CSV; all of them are read, and only once."""
    org = market(Account=[account(f"001{number:03}", Phone="1") for number in range(7)])

    tables = landed(httpserver, tmp_path, org, "page_records: 3")

    assert (tables["companies"].batch.rows, tables["companies"].batch.rejects) == (7, 0)
    assert len([line for line in org.asked if "maxRecords=3" in line]) == 3 + 4


def test_an_org_of_nothing_lands_empty(httpserver: HTTPServer, tmp_path: Path) -> None:
    """So that its loss is seen by the gate."""
    tables = landed(httpserver, tmp_path, market())

    assert {table.batch.rows for table in tables.values()} == {0}
    assert len(tables) == 6


@pytest.mark.parametrize("fails_late", [False, True])
def test_fields_that_the_org_lacks_are_left_out(
    httpserver: HTTPServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, fails_late: bool
) -> None:
    """Whether the query is refused at once or when the job runs."""
    caplog.set_level(logging.INFO)
    org = market(Account=[account("001A", Phone="1")])
    org.fails_late = fails_late

    tables = landed(httpserver, tmp_path, org)

    assert tables["companies"].rows["phone"].to_list() == ["1"]
    assert "Account has no CurrencyIsoCode here" in caplog.text


def test_a_wish_that_the_org_hides_is_an_error(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Nobody may be contacted because a field was hidden; what to do is said."""
    hidden = contact("003A", "001A")
    del hidden["HasOptedOutOfEmail"]
    org = market(Contact=[hidden])

    with pytest.raises(
        SourceRejected, match="Contact: the org lacks or hides the field HasOptedOutOfEmail"
    ):
        landed(httpserver, tmp_path, org)

    tables = landed(httpserver, tmp_path, org, "opt_out_fields: []")
    assert tables["contacts"].rows["is_opted_out"].to_list() == [None]


def test_a_misspelt_custom_field_is_an_error(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Somebody named it, so it is wanted."""
    org = market(Account=[account("001A", Erp__c="SAP")])

    with pytest.raises(SourceRejected, match="lacks or hides the field Erb__c"):
        landed(httpserver, tmp_path, org, "attributes: {erp: Erb__c}")


def test_a_job_that_takes_its_time_is_waited_for(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Longer from time to time, until it is done."""
    org = market(Account=[account("001A")])
    org.states = ("InProgress",)

    tables = landed(httpserver, tmp_path, org)

    assert tables["companies"].batch.rows == 1


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("InProgress", SourceUnavailable, "is not done after 1 s; run again later"),
        ("Aborted", SourceUnavailable, "was aborted; run again"),
        ("Failed", SourceRejected, "the query job failed; InternalServerError : made up"),
        ("Unheard", SourceRejected, "expected a query job with `id` and `state`"),
    ],
)
def test_a_job_that_gives_nothing_is_said(
    httpserver: HTTPServer,
    tmp_path: Path,
    state: str,
    error: type[Exception],
    message: str,
) -> None:
    """Which object, what happened, and whether a later run can help; nothing lands."""
    org = market(Account=[account("001A")])
    org.states, org.error = (state,) * 100, "InternalServerError : made up\n\x1b[31m"

    with pytest.raises(error, match=message) as caught:
        landed(httpserver, tmp_path, org, "wait_seconds: 1")

    assert "Account" in str(caught.value)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert not list((tmp_path / "landing").glob("*/vendor/*/"))


def test_a_lost_record_is_noticed(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The job says how many there are."""
    job = {"id": "750X", "state": "JobComplete", "numberRecordsProcessed": 3}
    httpserver.expect_request(JOBS, method="POST").respond_with_json(job)
    httpserver.expect_request(f"{JOBS}/750X/results").respond_with_data(
        "Id,Name\n001A,Acme\n001B,Bolt\n", content_type="text/csv"
    )

    with pytest.raises(SourceUnavailable, match="counted 3 records and gave 2"):
        landed(httpserver, tmp_path, market())


def test_a_locator_that_comes_again_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Otherwise the read would never end."""
    job = {"id": "750X", "state": "JobComplete"}
    httpserver.expect_request(JOBS, method="POST").respond_with_json(job)
    httpserver.expect_request(f"{JOBS}/750X/results").respond_with_data(
        "Id,Name\n001A,Acme\n", content_type="text/csv", headers={"Sforce-Locator": "MTA"}
    )

    with pytest.raises(SourceRejected, match="'MTA' came twice"):
        landed(httpserver, tmp_path, market())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('[{"errorCode": "UNKNOWN_EXCEPTION", "message": "made up"}]', "expected Id, Name among"),
        ("<html>Log in</html>", "expected Id, Name among"),
    ],
)
def test_a_result_that_is_an_error_is_no_table(
    httpserver: HTTPServer, tmp_path: Path, body: str, message: str
) -> None:
    """Whatever its status says."""
    job = {"id": "750X", "state": "JobComplete"}
    httpserver.expect_request(JOBS, method="POST").respond_with_json(job)
    results = httpserver.expect_request(f"{JOBS}/750X/results")
    results.respond_with_data(body, content_type="text/csv")

    with pytest.raises(SourceRejected, match=message):
        landed(httpserver, tmp_path, market())


def test_a_job_that_comes_as_an_error_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """200 and a list of errors in place of a job."""
    httpserver.expect_request(JOBS, method="POST").respond_with_json([{"errorCode": "MADE_UP"}])

    with pytest.raises(SourceRejected, match="expected a query job"):
        landed(httpserver, tmp_path, market())


def test_an_org_without_requests_left_is_for_a_later_run(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Salesforce says so with 403, which otherwise means wrong credentials."""
    said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    httpserver.expect_request(JOBS, method="POST").respond_with_json(said, status=403)

    with pytest.raises(SourceUnavailable, match="used up its API requests of 24 hours"):
        landed(httpserver, tmp_path, market())


def test_an_app_signs_in_and_is_renewed_once_in_mid_read(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The token is sent to the address of sources.yml, wherever the answer points."""
    org = market(Account=[account(f"001{number}") for number in range(6)])
    org.expires = (7,)

    tables = landed(httpserver, tmp_path, org, "page_records: 1", access=APP)

    assert tables["companies"].batch.rows == 6
    assert org.tokens == ["token-1", "token-2"]


def test_a_second_refusal_ends_the_read(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Then it isn't the token's age; the setting is named, the secret isn't."""
    org = market(Account=[account(f"001{number}") for number in range(6)])
    org.expires = (7, 12)

    with pytest.raises(SourceRejected, match="answered 401; check `client_secret`") as caught:
        landed(httpserver, tmp_path, org, "page_records: 1", access=APP)

    assert "made-up-secret" not in str(caught.value)
    assert not list((tmp_path / "landing").glob("*/vendor/*/"))


def test_a_wrong_secret_is_named_by_its_setting(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is asked for."""
    monkeypatch.setenv("SF_SECRET", "CANARY-SECRET")

    with pytest.raises(SourceRejected, match="gave no token; check `client_secret`") as caught:
        landed(httpserver, tmp_path, market(), access=APP)

    assert "CANARY" not in str(caught.value)


def test_a_busy_org_is_asked_again(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A retry of a page loses and doubles nothing."""
    busy = Response(status=503, headers={"Retry-After": "0"})
    httpserver.expect_oneshot_request(f"{JOBS}/750MADEUP000003/results").respond_with_response(busy)
    org = market(Account=[account(f"001{number}") for number in range(4)])

    tables = landed(httpserver, tmp_path, org, "page_records: 2")

    assert tables["companies"].batch.rows == 4


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("token: ${SF_TOKEN}", "expected either `instance_url` or `exports`"),
        ("instance_url: https://made-up.example", "expected `token`, or `client_id`"),
        (
            "instance_url: https://made-up.example\ntoken: ${SF_TOKEN}\nclient_id: a",
            "expected either `token`, or `client_id`",
        ),
        ("exports: {opportunity_history: drops/h.csv}", "expected accounts, contacts"),
    ],
)
def test_what_the_document_leaves_open_is_a_mistake(
    tmp_path: Path, lines: str, message: str
) -> None:
    """Found before anything is fetched."""
    with pytest.raises(DocumentError, match=message):
        fetched(tmp_path, f"connector: salesforce\n{lines}")
