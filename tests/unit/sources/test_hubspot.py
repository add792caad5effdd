"""HubSpot: pages become tables, and what people asked for is kept."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.errors import SourceRejected
from tests.support.sources import fetched

UPDATED = "2026-10-01T06:30:00.000Z"


def record(key: str, company: str | None = None, **properties: str | None) -> dict:
    """An object as HubSpot gives it."""
    linked = {"companies": {"results": [{"id": company, "type": "contact_to_company"}]}}
    given = {"id": key, "properties": properties, "updatedAt": UPDATED, "archived": False}
    return given | ({"associations": linked} if company else {})


COMPANIES = [
    record("1", name="Acme", domain="acme.de", numberofemployees="820", annualrevenue="18300000"),
    record("2", name="Acme UK", hs_parent_company_id="1", lifecyclestage="customer", erp="SAP"),
    record("3", name=None, numberofemployees=None),
]
CONTACTS = [
    record("11", "1", firstname="Made", lastname="Up", email="MU@acme.de", jobtitle="CFO"),
    record("12", "2", lastname="Person", associatedcompanyid="1", hs_email_optout="true"),
]
STAGES = {
    "hs_v2_date_entered_Pitch-7": "2026-09-03T22:15:00.000Z",
    "hs_v2_date_entered_presentation": "soon",
    "hs_v2_date_entered_lunch": UPDATED,
}
DEALS = [
    record("21", "1", dealname="A", dealstage="closedwon", amount="10", closedate=UPDATED),
    record("22", "1", dealname="B", dealstage="99", hs_is_closed="true", hs_is_closed_won="false"),
    record("23", "2", dealname="C", dealstage="presentation", closedate=UPDATED, **STAGES),
]
OWNERS = [{"id": "31", "firstName": "Made", "lastName": "Up", "email": "mu@our.com"}]


@pytest.fixture
def crm(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A CRM that gives one object per page and wants a token."""
    monkeypatch.setenv("CRM_TOKEN", "made-up-token")
    objects = {"companies": COMPANIES, "contacts": CONTACTS, "deals": DEALS}
    for name, records in objects.items():
        answer = _paged(records)
        httpserver.expect_request(f"/crm/v3/objects/{name}").respond_with_handler(answer)
    httpserver.expect_request("/crm/v3/owners").respond_with_handler(_paged(OWNERS))
    return httpserver


def _paged(records: list[dict]):
    def answer(request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer made-up-token":
            return Response("{}", 401, content_type="application/json")
        place = int(request.args.get("after", 0))
        page = {"results": [_asked(records[place], request.args.get("properties"))]}
        if place + 1 < len(records):
            page["paging"] = {"next": {"after": str(place + 1), "link": "?"}}
        return Response(json.dumps(page), content_type="application/json")

    return answer


def _asked(found: dict, names: str | None) -> dict:
    """Only the properties that were asked for, as HubSpot does it."""
    if names is None:
        return found
    kept = {name: found["properties"].get(name) for name in names.split(",")}
    return found | {"properties": kept}


def source(crm: HTTPServer, *lines: str) -> str:
    """The entry of sources.yml."""
    return "\n".join(
        ["connector: hubspot", f"base_url: {crm.url_for('')}", "token: ${CRM_TOKEN}", *lines]
    )


def test_companies_come_with_their_parents_and_customers(crm: HTTPServer, tmp_path: Path) -> None:
    """Every property is text or null, and an option names those that become attributes."""
    landed = fetched(tmp_path, source(crm, "attributes: {erp: erp}"))

    companies = landed["companies"].rows
    assert companies.select("source_company_id", "name", "employees", "revenue_usd").rows() == [
        ("1", "Acme", 820, 18_300_000.0),
        ("2", "Acme UK", None, None),
        ("3", None, None, None),
    ]
    assert companies["attributes"].to_list() == [None, [{"key": "erp", "value": "SAP"}], None]
    assert companies["observed_at"].unique().to_list() == [datetime(2026, 10, 1, 6, 30, tzinfo=UTC)]
    assert landed["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id", "kind", "is_active"
    ).rows() == [("2", "1", "parent", True)]
    assert landed["suppressions"].rows.select("key_kind", "key", "reason").rows() == [
        ("company_id", "2", "customer")
    ]


def test_contacts_keep_their_wishes_and_their_first_company(
    crm: HTTPServer, tmp_path: Path
) -> None:
    """The primary company counts before other associations."""
    contacts = fetched(tmp_path, source(crm))["contacts"].rows

    columns = ["source_company_id", "full_name", "email", "title", "is_opted_out", "is_do_not_call"]
    assert contacts.select(columns).rows() == [
        ("1", "Made Up", "mu@acme.de", "CFO", None, None),
        ("1", "Person", None, None, True, None),
    ]


def test_deals_end_by_stage_or_by_hubspots_own_word(crm: HTTPServer, tmp_path: Path) -> None:
    """The close date of an open deal is a hope and is left out."""
    deals = fetched(tmp_path, source(crm, "currency: EUR"))["deals"].rows

    assert deals.select("name", "outcome", "currency", "closed_at").rows() == [
        ("A", "won", "EUR", datetime(2026, 10, 1, 6, 30, tzinfo=UTC)),
        ("B", "lost", "EUR", None),
        ("C", "open", "EUR", None),
    ]


def test_deals_tell_when_they_came_into_a_stage(crm: HTTPServer, tmp_path: Path) -> None:
    """Of the stages that an option names, whatever their ids hold."""
    deals = fetched(tmp_path, source(crm, "dated_stages: [Pitch-7, presentation]"))["deals"].rows

    assert deals["attributes"].to_list() == [
        None,
        None,
        [{"key": "entered_pitch_7", "value": "2026-09-03"}],
    ]


def test_revenue_in_another_currency_is_not_taken_for_dollars(
    crm: HTTPServer, tmp_path: Path
) -> None:
    """Unknown is better than wrong by a rate."""
    companies = fetched(tmp_path, source(crm, "currency: EUR"))["companies"].rows

    assert companies["revenue_usd"].null_count() == companies.height


def test_owners_land(crm: HTTPServer, tmp_path: Path) -> None:
    """By the id that deals name."""
    owners = fetched(tmp_path, source(crm))["owners"].rows

    assert owners.select("source_owner_id", "name", "email").rows() == [
        ("31", "Made Up", "mu@our.com")
    ]


def test_a_refused_token_is_named_by_its_setting_and_never_shown(
    crm: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to mend."""
    monkeypatch.setenv("CRM_TOKEN", "CANARY-SECRET")

    with pytest.raises(SourceRejected, match=r"check `token` of vendor in sources\.yml") as caught:
        fetched(tmp_path, source(crm))

    assert "CANARY" not in str(caught.value)


def test_an_answer_without_results_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A page of another shape is not an empty page."""
    httpserver.expect_request("/crm/v3/objects/companies").respond_with_json({"status": "ok"})

    with pytest.raises(SourceRejected, match="expected an object with `results`"):
        fetched(tmp_path, f"connector: hubspot\nbase_url: {httpserver.url_for('')}")
