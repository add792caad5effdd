"""HubSpot: associations, archived and merged records, and tokens that expire in mid-read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.errors import DocumentError, SourceRejected
from tests.support.hubspot import TOKEN, MadeUpHubSpot, record
from tests.support.sources import Landed, fetched

WEEK = date(2026, 10, 12)
LATER = "2026-10-02T06:30:00.000Z"
APP = "client_id: made-up\nclient_secret: ${CRM_SECRET}\nrefresh_token: ${CRM_TOKEN}"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the entry of sources.yml names."""
    monkeypatch.setenv("CRM_TOKEN", TOKEN)


def landed(
    server: HTTPServer,
    folder: Path,
    crm: MadeUpHubSpot,
    *lines: str,
    token: str = "token: ${CRM_TOKEN}",
) -> dict[str, Landed]:
    """What the connector lands of a CRM."""
    entry = ["connector: hubspot", f"base_url: {crm.serve(server)}", token, *lines]
    return fetched(folder, "\n".join(entry), WEEK)


def test_the_primary_company_counts_before_others_and_ignored_labels_not_at_all(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The primary property, else the primary association, else the first that is left."""
    primary = ("2", "contact_to_company")
    former = ("1", "former_employee")
    crm = MadeUpHubSpot(
        {
            "contacts": [
                record("11", "1", primary, "2"),
                record("12", "1", "3", associatedcompanyid="3"),
                record("13", "3", "1"),
                record("14", "1", former, "2"),
                record("15", "1", former, associatedcompanyid="1"),
                record("16"),
            ],
            "deals": [
                record("21", "1", ("2", "deal_to_company"), ("2", "buyer"), dealname="A"),
                record("22", "1", "2", dealname="B", hs_primary_associated_company="2"),
            ],
        }
    )

    tables = landed(httpserver, tmp_path, crm, "ignored_labels: [Former employee]")

    companies = tables["contacts"].rows.select("source_contact_id", "source_company_id").rows()
    assert dict(companies) == {"11": "2", "12": "3", "13": "3", "14": "2", "15": None, "16": None}
    assert tables["deals"].rows.select("source_company_id", "attributes").rows() == [
        ("2", [{"key": "company_labels", "value": "buyer"}]),
        ("2", None),
    ]


def test_archived_people_are_gone_but_their_wishes_are_not(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Whoever cleans up a CRM doesn't take back what people asked for."""
    archived = [
        record("12", email="Out@acme.de", hs_email_optout="true"),
        record("13", email="silent@acme.de", do_not_call="true"),
        record("14", email="neutral@acme.de", hs_email_optout="false"),
        record("15", hs_email_optout="true"),
        record("16", email="out@acme.de", hs_email_optout="true", updated=LATER),
    ]
    crm = MadeUpHubSpot(
        {"contacts": [record("11", email="here@acme.de")]},
        archived={"contacts": [each | {"archived": True} for each in archived]},
    )

    tables = landed(httpserver, tmp_path, crm)

    assert tables["contacts"].rows["source_contact_id"].to_list() == ["11"]
    suppressions = tables["suppressions"]
    assert suppressions.rows.select("key_kind", "key", "reason").rows() == [
        ("email", "out@acme.de", "do_not_contact"),
        ("email", "silent@acme.de", "do_not_contact"),
    ]
    assert suppressions.batch.rejects == 0


def test_what_points_to_a_merged_company_finds_the_one_that_is_left(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Over several merges; a parent that was merged into its child is none any more."""
    crm = MadeUpHubSpot(
        {
            "companies": [
                record("1", name="Old", hs_parent_company_id="9"),
                record("3", name="Left", hs_merged_object_ids="2;1", hs_parent_company_id="2"),
                record("4", name="Last", hs_merged_object_ids="3"),
                record("5", name="Child", hs_parent_company_id="1"),
                record("8", name="Child of a child", hs_parent_company_id="5"),
                record("6", name="Circle", hs_merged_object_ids="7"),
                record("7", name="Circle", hs_merged_object_ids="6"),
            ],
            "contacts": [record("11", associatedcompanyid="2"), record("12", "1")],
            "deals": [
                record("21", "3", dealname="A"),
                record("22", "5", dealname="B", hs_merged_object_ids="21"),
            ],
        }
    )

    tables = landed(httpserver, tmp_path, crm)

    assert tables["companies"].rows["source_company_id"].to_list() == ["4", "5", "6", "7", "8"]
    assert tables["company_relationships"].rows.select(
        "child_source_company_id", "parent_source_company_id"
    ).rows() == [("5", "4"), ("8", "5")]
    assert tables["contacts"].rows["source_company_id"].to_list() == ["4", "4"]
    assert tables["deals"].rows["source_deal_id"].to_list() == ["22"]


def test_merged_people_are_one_and_their_wishes_stay(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Contacts tell their merges with the time of each."""
    merged = "12:1617212345000;13:1617212345001"
    crm = MadeUpHubSpot(
        {
            "contacts": [
                record("11", email="here@acme.de", hs_calculated_merged_vids=merged),
                record("12", email="out@acme.de", hs_email_optout="true"),
                record("13", email="was@acme.de"),
            ]
        }
    )

    tables = landed(httpserver, tmp_path, crm)

    assert tables["contacts"].rows["source_contact_id"].to_list() == ["11"]
    assert tables["suppressions"].rows["key"].to_list() == ["out@acme.de"]


def test_records_that_come_twice_while_data_changes_land_once(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A page that shifts by one shows its last record again."""
    twice = [record("1", name="Acme"), record("2", name="Bolt"), record("2", name="Bolt")]
    crm = MadeUpHubSpot({"companies": twice}, page=2)

    tables = landed(httpserver, tmp_path, crm)

    assert (tables["companies"].batch.rows, tables["companies"].batch.rejects) == (2, 0)


def test_values_of_other_types_than_text_are_read_or_left_out(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The API promises text; a number or an object in its place stops nothing."""
    strange = record("1", name="Acme", numberofemployees=820, industry={"a": 1})  # type: ignore[arg-type]
    nameless = record("2") | {"properties": None}
    unknown = {"id": None, "properties": {"name": "Nobody"}}

    tables = landed(
        httpserver, tmp_path, MadeUpHubSpot({"companies": [strange, nameless, unknown]}, page=1)
    )

    companies = tables["companies"]
    assert companies.rows["employees"].to_list() == [820, None]
    assert companies.rejects["reason"].to_list() == ["source_company_id is missing"]


def test_a_page_that_names_itself_as_the_next_is_refused(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Otherwise the read would never end."""
    circle = {"results": [record("1")], "paging": {"next": {"after": "1"}}}
    httpserver.expect_request("/crm/v3/objects/companies").respond_with_json(circle)

    with pytest.raises(SourceRejected, match="came twice"):
        fetched(tmp_path, f"connector: hubspot\nbase_url: {httpserver.url_for('')}")


def test_an_error_that_comes_as_200_is_no_empty_page(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """HubSpot's errors have a status of their own in the body."""
    body = {"status": "error", "message": "made up", "category": "RATE_LIMITS"}
    httpserver.expect_request("/crm/v3/objects/companies").respond_with_json(body)

    with pytest.raises(SourceRejected, match="expected an object with `results`"):
        fetched(tmp_path, f"connector: hubspot\nbase_url: {httpserver.url_for('')}")


def test_a_token_of_an_app_is_renewed_once_when_it_expires_in_mid_read(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens of public apps live for half an hour; nothing is lost or doubled by a new one."""
    monkeypatch.setenv("CRM_SECRET", "made-up-secret")
    companies = [record(f"{key}", name=f"Company {key}") for key in range(1, 7)]
    crm = MadeUpHubSpot({"companies": companies}, page=2, expires=(2,))
    given = _hands_out_tokens(httpserver, crm)

    tables = landed(httpserver, tmp_path, crm, token=APP)

    assert tables["companies"].batch.rows == 6
    assert given == ["token-1", "token-2"]


def test_a_token_that_expires_again_ends_the_read(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it isn't its age."""
    monkeypatch.setenv("CRM_SECRET", "made-up-secret")
    companies = [record(f"{key}") for key in range(1, 7)]
    crm = MadeUpHubSpot({"companies": companies}, page=1, expires=(2, 5))
    _hands_out_tokens(httpserver, crm)

    with pytest.raises(SourceRejected, match=r"answered 401; check `refresh_token` of vendor"):
        landed(httpserver, tmp_path, crm, token=APP)


def test_an_app_is_named_as_a_whole(tmp_path: Path) -> None:
    """Half of its settings, or a token beside them, is a mistake of the document."""
    with pytest.raises(DocumentError, match="expected either `token`, or `client_id`"):
        fetched(tmp_path, "connector: hubspot\nclient_id: made-up")


def _hands_out_tokens(server: HTTPServer, crm: MadeUpHubSpot) -> list[str]:
    """Renew the CRM's token on demand; gives the tokens that were handed out."""
    given: list[str] = []

    def hand_out(request: Request) -> Response:
        assert request.form["grant_type"] == "refresh_token"
        assert request.form["client_secret"] == "made-up-secret"
        assert "Authorization" not in request.headers
        crm.token = f"token-{len(given) + 1}"
        given.append(crm.token)
        return Response(f'{{"access_token": "{crm.token}"}}', content_type="application/json")

    server.expect_request("/oauth/v1/token", method="POST").respond_with_handler(hand_out)
    return given


def test_values_that_cannot_be_read_are_counted(httpserver: HTTPServer, tmp_path: Path) -> None:
    """They become unknown, but for an opt-out, which counts; their rows land, and the manifest
    tells how many there were."""
    crm = MadeUpHubSpot(
        {
            "companies": [
                record("1", name="Acme", numberofemployees="about fifty", annualrevenue="1.2e6"),
                record("2", name="Bolt", numberofemployees="", founded_year="long ago"),
            ],
            "contacts": [record("11", "1", hs_email_optout="perhaps", do_not_call="true")],
            "deals": [
                record("21", "1", amount="lots", createdate="soon", closedate="1788220800000"),
            ],
        },
        owners=[{"id": "31", "email": "made@up.com", "updatedAt": "?"}],
    )

    tables = landed(httpserver, tmp_path, crm, "attributes: {staff: numberofemployees}")

    assert {
        name: table.batch.unconverted for name, table in tables.items() if table.batch.rows
    } == {
        "companies": 2,
        "contacts": 1,
        "deals": 2,
        "owners": 1,
    }
    companies = tables["companies"].rows
    assert companies.select("employees", "revenue_usd", "founded_year").rows() == [
        (None, 1_200_000.0, None),
        (None, None, None),
    ]
    assert tables["contacts"].rows.select("is_opted_out", "is_do_not_call").rows() == [(True, True)]
