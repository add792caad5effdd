"""A good answer for every connector over real sockets, all of it made up.

Each entry serves what its connector asks for, page by page where the source pages, and gives the
entry of sources.yml. What a connector makes of it is told in its own tests.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zipfile import ZipFile

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.gleif.golden_copy import EDGE_COLUMNS, ENTITY_NEEDED, PUBLISHED
from ingest.sources import companies_house, salesforce
from tests.support import hubspot
from tests.support import salesforce as made_up_salesforce

AGENT = "Acme Sample sales@acme-sample.com"
CIK, NUMBER = "0000001234", "0000001234-26-000007"
LEI = "MADEUP00000000000001"
ENVIRONMENT = {"HUBSPOT_TOKEN": hubspot.TOKEN, "SALESFORCE_TOKEN": made_up_salesforce.TOKEN}
"""The secrets that the entries name."""


def _files(server: HTTPServer) -> str:
    url = _csv(server, "/companies.csv", {"ID": "1", "Name": "Acme Sample"})
    columns = "{source_company_id: ID, name: Name}"
    return f"connector: files\ntables: {{companies: {{url: '{url}', columns: {columns}}}}}"


def _bombora(server: HTTPServer) -> str:
    row = {"Domain": "acme-sample.com", "Topic Name": "Close", "Composite Score": "80"}
    return f"connector: bombora\nurl: {_csv(server, '/surge.csv', row)}"


def _web_visits(server: HTTPServer) -> str:
    url = _csv(server, "/visits.csv", {"Host": "acme-sample.com", "At": "2026-10-30"})
    return f"connector: web_visits\nurl: {url}\ncolumns: {{domain: Host, visited_at: At}}"


def _google_sheets(server: HTTPServer) -> str:
    sheet = "1MadeUpSheetIdNobodyHas"
    _csv(server, f"/spreadsheets/d/{sheet}/export", {"Who": "acme-sample.com"})
    listed = f"{{sheet: {sheet}, reason: do_not_contact, columns: {{key: Who}}}}"
    return f"connector: google_sheets\nbase_url: {_base(server)}\nsheets: [{listed}]"


def _companies_house(server: HTTPServer) -> str:
    row = dict.fromkeys(companies_house.NEEDED, "") | {
        "CompanyName": "ACME SAMPLE LIMITED",
        "CompanyNumber": "00012345",
    }
    _zip(server, "/BasicCompanyDataAsOneFile-2026-11-01.zip", _table(row))
    return f"connector: companies_house\nbase_url: {_base(server)}"


def _gleif(server: HTTPServer) -> str:
    """Two pages, and the parent of one record."""
    path = "/api/v1/lei-records"
    links = {"direct-parent": {"links": {"relationship-record": "https://elsewhere.example"}}}
    records = [
        {
            "id": f"{LEI[:-1]}{number}",
            "attributes": {
                "lei": f"{LEI[:-1]}{number}",
                "entity": {"legalName": {"name": f"Acme Sample {number}"}},
                "registration": {"status": "ISSUED"},
            },
            "relationships": links if number == 1 else {},
        }
        for number in (1, 2)
    ]
    edge = {
        "startNode": {"id": LEI, "type": "LEI"},
        "endNode": {"id": f"{LEI[:-1]}2", "type": "LEI"},
        "type": "IS_DIRECTLY_CONSOLIDATED_BY",
        "status": "ACTIVE",
    }

    def page(request: Request) -> Response:
        place = 1 if request.args["page[cursor]"] == "2" else 0
        following = {} if place else {"next": f"https://elsewhere.example{path}?page[cursor]=2"}
        answer = {"meta": {"pagination": {"total": 2}}, "links": following}
        return _json(answer | {"data": [records[place]]})

    server.expect_request(path).respond_with_handler(page)
    server.expect_request(f"{path}/{LEI}/direct-parent-relationship").respond_with_json(
        {"data": {"attributes": {"relationship": edge}}}
    )
    return f"connector: gleif\nbase_url: {_base(server)}"


def _golden_copy(server: HTTPServer) -> str:
    edge = {EDGE_COLUMNS[name]: "" for name in EDGE_COLUMNS} | {
        EDGE_COLUMNS["child"]: LEI,
        EDGE_COLUMNS["parent"]: f"{LEI[:-1]}2",
        EDGE_COLUMNS["type"]: "IS_DIRECTLY_CONSOLIDATED_BY",
        EDGE_COLUMNS["status"]: "ACTIVE",
    }
    levels = {
        "lei2": dict(zip(ENTITY_NEEDED, (LEI, "Acme Sample"), strict=True)),
        "rr": edge,
        "repex": {"LEI": LEI, "Exception.Category": "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT"},
    }
    files = {}
    for level, row in levels.items():
        _zip(server, f"/{level}.csv.zip", _table(row))
        address = {"url": f"https://elsewhere.example/{level}.csv.zip", "record_count": 1}
        files[level] = {"full_file": {"csv": address}}
    server.expect_request(PUBLISHED).respond_with_json({"data": files})
    return f"connector: gleif\ngolden_copy: true\ngolden_copy_url: {_base(server)}"


def _hubspot(server: HTTPServer) -> str:
    crm = hubspot.MadeUpHubSpot(
        {
            "companies": [hubspot.record("1", name="Acme Sample"), hubspot.record("2", name="B")],
            "contacts": [hubspot.record("11", "1", firstname="Made", lastname="Up")],
            "deals": [hubspot.record("21", "1", dealname="A")],
        },
        owners=[{"id": "31", "firstName": "Owner", "lastName": "One"}],
        page=1,
    )
    return f"connector: hubspot\nbase_url: {crm.serve(server)}\ntoken: ${{HUBSPOT_TOKEN}}"


def _salesforce(server: HTTPServer) -> str:
    """Accounts in two parts."""
    own = ("ParentId", "Type", "AnnualRevenue", "CurrencyIsoCode")
    names = (*salesforce.ACCOUNT.values(), *salesforce.COUNTRIES, *salesforce.GONE, *own)
    unknown = dict.fromkeys((*names, *salesforce.UPDATED), "")
    accounts = [unknown | {"Id": key, "Name": f"Company {key}"} for key in ("001A", "001B")]
    kinds = ("Contact", "Opportunity", "OpportunityHistory", "User")
    org = made_up_salesforce.MadeUpOrg({"Account": accounts} | {kind: [] for kind in kinds})
    address = org.serve(server)
    return (
        f"connector: salesforce\ninstance_url: {address}\ntoken: ${{SALESFORCE_TOKEN}}\n"
        "page_records: 1"
    )


def _job_boards(server: HTTPServer) -> str:
    """One board, so that its failure is the source's."""
    jobs = [{"id": 7, "title": "Controller", "first_published": "2026-10-01T02:30:00Z"}]
    server.expect_request("/v1/boards/acme/jobs").respond_with_json({"jobs": jobs})
    board = "{ats: greenhouse, token: acme, domain: acme-sample.com}"
    return f"connector: job_boards\ngreenhouse_url: {_base(server)}\nboards: [{board}]"


def _sec_edgar(server: HTTPServer) -> str:
    """The list of listed companies, and the one company on it."""
    filing = {
        "accessionNumber": [NUMBER],
        "form": ["8-K"],
        "items": ["5.02"],
        "filingDate": ["2026-10-20"],
        "reportDate": ["2026-10-19"],
        "acceptanceDateTime": ["2026-10-20T20:30:05.000Z"],
    }
    listed = {"fields": ["cik", "name", "ticker", "exchange"], "data": [[1234, "A", "A", "NYSE"]]}
    server.expect_request("/files/company_tickers_exchange.json").respond_with_json(listed)
    server.expect_request(f"/submissions/CIK{CIK}.json").respond_with_json(
        {
            "cik": CIK,
            "entityType": "operating",
            "name": "Acme Sample Inc.",
            "filings": {"recent": filing, "files": []},
        }
    )
    return (
        f"connector: sec_edgar\nuser_agent: {AGENT}\ntickers_exchange: true\n"
        f"sec_url: {_base(server)}\ndata_url: {_base(server)}"
    )


def _sec_form_d(server: HTTPServer) -> str:
    """A quarter's folder, the index of a day, and the filing on it."""
    path = f"edgar/data/1234/{NUMBER}.txt"
    line = f"D            Acme Sample, Inc.            1234        20261030    {path}\n"
    xml = (
        "<edgarSubmission><submissionType>D</submissionType><testOrLive>LIVE</testOrLive>"
        f"<primaryIssuer><cik>{CIK}</cik><entityName>Acme Sample, Inc.</entityName>"
        "</primaryIssuer><offeringData><offeringSalesAmounts><totalAmountSold>5</totalAmountSold>"
        "</offeringSalesAmounts></offeringData></edgarSubmission>"
    )
    folder = "/Archives/edgar/daily-index/2026/QTR4"
    server.expect_request(f"{folder}/index.json").respond_with_json(
        {"directory": {"item": [{"name": "form.20261030.idx"}]}}
    )
    for address, text in ((f"{folder}/form.20261030.idx", line), (f"/Archives/{path}", xml)):
        server.expect_request(address).respond_with_data(text, content_type="text/plain")
    return f"connector: sec_form_d\nuser_agent: {AGENT}\ndays: 3\nsec_url: {_base(server)}"


def _base(server: HTTPServer) -> str:
    return server.url_for("").rstrip("/")


def _table(*rows: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _csv(server: HTTPServer, path: str, *rows: Mapping[str, str]) -> str:
    server.expect_request(path).respond_with_data(_table(*rows), content_type="text/csv")
    return server.url_for(path)


def _zip(server: HTTPServer, path: str, content: bytes) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("made-up.csv", content)
    server.expect_request(path).respond_with_data(packed.getvalue(), content_type="application/zip")


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer), content_type="application/json")


SERVED: dict[str, Callable[[HTTPServer], str]] = {
    "files": _files,
    "bombora": _bombora,
    "web_visits": _web_visits,
    "google_sheets": _google_sheets,
    "companies_house": _companies_house,
    "gleif": _gleif,
    "gleif, golden copy": _golden_copy,
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "job_boards": _job_boards,
    "sec_edgar": _sec_edgar,
    "sec_form_d": _sec_form_d,
}
"""By connector, and what kind of its answers where it has several."""


def connectors_served() -> Iterable[str]:
    """The connectors that have an entry."""
    return {name.partition(",")[0] for name in SERVED}
