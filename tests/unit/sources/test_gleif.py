"""GLEIF: API and golden copy give the same companies and parents, whole or not at all.

All companies are made up; their LEIs begin with MADEUP.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.batches import batches_of
from ingest.errors import DocumentError, SourceRejected, SourceUnavailable
from ingest.gleif.entities import FIELDS
from ingest.gleif.golden_copy import EDGE_COLUMNS, ENTITY_NEEDED, PUBLISHED
from tests.support.landing import settings_in, tree
from tests.support.sources import Landed, fetched

RECORDS = "/api/v1/lei-records"


def lei(number: int) -> str:
    """A made-up LEI."""
    return f"MADEUP{number:014d}"


def record(number: int, **changes: Any) -> dict[str, Any]:
    """A record as the API writes it; changes go by dotted path, with __ for the dots."""
    made: dict[str, Any] = {
        "type": "lei-records",
        "id": lei(number),
        "attributes": {
            "lei": lei(number),
            "entity": {
                "legalName": {"name": f"Madeup {number} GmbH", "language": "de"},
                "otherNames": [
                    {"name": f"Former {number}", "language": "de", "type": "PREVIOUS_LEGAL_NAME"}
                ],
                "transliteratedOtherNames": [],
                "legalAddress": {
                    "addressLines": ["1 Lawyer Street"],
                    "city": "Dover",
                    "region": "US-DE",
                    "country": "US",
                    "postalCode": "19901",
                },
                "headquartersAddress": {
                    "addressLines": ["Musterweg 1", "Haus 2"],
                    "city": "Köln",
                    "region": "DE-NW",
                    "country": "DE",
                    "postalCode": "50667",
                },
                "registeredAt": {"id": "RA000242", "other": None},
                "registeredAs": f"HRB {number}",
                "jurisdiction": "DE",
                "category": "GENERAL",
                "legalForm": {"id": "2HBR", "other": None},
                "status": "ACTIVE",
                "expiration": {"date": None, "reason": None},
                "successorEntity": {"lei": None, "name": None},
                "creationDate": "1989-12-31T23:00:00Z",
            },
            "registration": {
                "lastUpdateDate": "2026-04-03T11:09:13Z",
                "status": "ISSUED",
                "nextRenewalDate": "2027-04-24T13:33:51Z",
            },
        },
        "relationships": {},
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        place = made["attributes"]
        for name in way:
            place = place[name]
        place[last] = value
    return made


def linked(made: dict[str, Any], **levels: str) -> dict[str, Any]:
    """The record with links to its parents: `relationship-record` or `reporting-exception`."""
    for level, kind in levels.items():
        name = level.replace("_", "-")
        # Where a link says that it leads doesn't matter.
        made["relationships"][name] = {"links": {kind: "https://elsewhere.example/x"}}
    return made


def relationship(child: int, parent: int, kind: str, **changes: Any) -> dict[str, Any]:
    """A relationship record as the API writes it."""
    return {
        "type": "relationship-records",
        "id": "1",
        "attributes": {
            "relationship": {
                "startNode": {"id": lei(child), "type": "LEI"},
                "endNode": {"id": lei(parent), "type": "LEI"},
                "type": kind,
                "status": "ACTIVE",
                "periods": [
                    {"startDate": "2025-01-01T00:00:00Z", "type": "ACCOUNTING_PERIOD"},
                    {"startDate": "2018-02-28T23:00:00Z", "type": "RELATIONSHIP_PERIOD"},
                ],
            }
            | changes,
            "registration": {"status": "PUBLISHED", "lastUpdateDate": "2026-01-02T03:04:05Z"},
        },
    }


class Api:
    """A loopback GLEIF: pages by cursor, filters by LEI, knows some parents."""

    def __init__(self, server: HTTPServer, records: list[dict[str, Any]], size: int = 2) -> None:
        self.records, self.size, self.parents = records, size, dict[str, Any]()
        self.fault: Callable[[Request], Response | None] = lambda _: None
        self.total: int | None = None
        self.server = server
        server.expect_request(RECORDS).respond_with_handler(self._page)
        server.expect_request(re.compile(rf"{RECORDS}/.+")).respond_with_handler(self._parent)

    @property
    def asked(self) -> list[str]:
        """The paths and queries asked for."""
        return [request.full_path for request, _ in self.server.log]

    def _page(self, request: Request) -> Response:
        if (faulty := self.fault(request)) is not None:
            return faulty
        wanted = request.args.get("filter[lei]")
        found = [r for r in self.records if not wanted or r["id"] in wanted.split(",")]
        cursor = request.args["page[cursor]"]
        start = 0 if cursor == "*" else int(cursor)
        following = start + self.size
        links = {"first": "https://api.gleif.example/x"}
        if following < len(found):
            query = f"page[cursor]={following}&page[size]=200"
            if wanted:
                query += f"&filter[lei]={wanted}"
            links["next"] = f"https://api.gleif.example{RECORDS}?{query}"
        total = len({r["id"] for r in found}) if self.total is None else self.total
        meta = {"pagination": {"total": total, "perPage": 200, "from": None, "to": None}}
        return Response(
            json.dumps({"meta": meta, "links": links, "data": found[start:following]}),
            content_type="application/vnd.api+json",
        )

    def _parent(self, request: Request) -> Response:
        asked = request.path.removeprefix(f"{RECORDS}/")
        if asked not in self.parents:
            errors = {"errors": [{"status": "404", "title": "Not found"}]}
            return Response(json.dumps(errors), 404, content_type="application/vnd.api+json")
        answer = {"data": self.parents[asked]}
        return Response(json.dumps(answer), content_type="application/vnd.api+json")

    def source(self, *options: str) -> str:
        """The entry of sources.yml."""
        base = self.server.url_for("").rstrip("/")
        return "\n".join(["connector: gleif", f"base_url: {base}", *options])


def attributes(landed: Landed, number: int) -> dict[str, str]:
    """A company's attributes."""
    (row,) = landed.rows.filter(source_company_id=lei(number)).to_dicts()
    return {entry["key"]: entry["value"] for entry in row["attributes"] or []}


def company(landed: Landed, number: int) -> dict[str, Any]:
    """A company as it landed."""
    (row,) = landed.rows.filter(source_company_id=lei(number)).to_dicts()
    return row


EDGES = ["child_source_company_id", "parent_source_company_id", "kind", "is_active", "since_date"]
FAMILY = [
    linked(record(1), direct_parent="relationship-record", ultimate_parent="relationship-record"),
    linked(record(2), direct_parent="reporting-exception", ultimate_parent="reporting-exception"),
    record(3),
]


def family(server: HTTPServer) -> Api:
    """1 belongs to 3, and to 9, which no filter names; of 2 nobody may know."""
    api = Api(server, [*FAMILY])
    api.parents = {
        f"{lei(1)}/direct-parent-relationship": relationship(1, 3, "IS_DIRECTLY_CONSOLIDATED_BY"),
        f"{lei(1)}/ultimate-parent-relationship": relationship(
            1, 9, "IS_ULTIMATELY_CONSOLIDATED_BY"
        ),
        f"{lei(2)}/direct-parent-reporting-exception": {
            "type": "reporting-exceptions",
            "attributes": {"lei": lei(2), "reason": "NATURAL_PERSONS"},
        },
        f"{lei(2)}/ultimate-parent-reporting-exception": {
            "type": "reporting-exceptions",
            "attributes": {"lei": lei(2), "reason": "NON_PUBLIC"},
        },
    }
    return api


def test_a_record_becomes_a_company(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It is where its head office is, and was founded on the day it was there."""
    landed = fetched(tmp_path, Api(httpserver, [record(1)]).source())["companies"]

    found = company(landed, 1)
    expected = {
        "lei": lei(1),
        "name": "Madeup 1 GmbH",
        "aliases": ["Former 1"],
        "country": "DE",
        "region": "Nordrhein-Westfalen",
        "city": "Köln",
        "postal_code": "50667",
        "street": "Musterweg 1, Haus 2",
        "founded_year": 1990,
        "legal_form": "2HBR",
        "status": "active",
        "registration_authority": "RA000242",
        "registration_number": "HRB 1",
        "observed_at": datetime(2026, 4, 3, 11, 9, 13, tzinfo=UTC),
    }
    assert {name: found[name] for name in expected} == expected
    assert attributes(landed, 1) == {
        "entity_category": "GENERAL",
        "jurisdiction": "DE",
        "legal_country": "US",
        "next_renewal_date": "2027-04-24",
        "registration_status": "ISSUED",
    }


def test_pages_follow_the_cursor_on_our_own_host(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The next address names another host; only its query is taken."""
    api = Api(httpserver, [record(number) for number in range(7)], size=3)

    landed = fetched(tmp_path, api.source("countries: [US, DE]", "categories: [GENERAL]"))

    assert landed["companies"].batch.rows == 7
    assert len(api.asked) == 3
    assert "filter%5Bentity.legalAddress.country%5D=US%2CDE" in api.asked[0]
    assert "filter%5Bentity.category%5D=GENERAL" in api.asked[0]
    assert "page%5Bsize%5D=200&page%5Bcursor%5D=%2A" in api.asked[0]


def test_parents_are_asked_for_and_land_too(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Also a parent that the filters leave out: without its record no family would be known."""
    api = family(httpserver)
    api.records.append(record(9))
    only = f"leis: [{lei(1)}, {lei(2)}, {lei(3)}]"

    landed = fetched(tmp_path, api.source(only))

    assert landed["companies"].rows["source_company_id"].to_list() == [lei(n) for n in (1, 2, 3, 9)]
    assert landed["company_relationships"].rows.select(EDGES).rows() == [
        (lei(1), lei(3), "parent", True, date(2018, 3, 1)),
        (lei(1), lei(9), "ultimate_parent", True, date(2018, 3, 1)),
    ]
    assert attributes(landed["companies"], 2)["parent_exception"] == "NATURAL_PERSONS"
    assert attributes(landed["companies"], 2)["ultimate_parent_exception"] == "NON_PUBLIC"
    assert "parent_exception" not in attributes(landed["companies"], 1)


def test_parents_of_parents_are_asked_for(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A family is known up to its top; one that belongs to itself in a ring ends too."""
    chain = {1: 2, 2: 3, 3: 1}
    records = [linked(record(n), direct_parent="relationship-record") for n in chain]
    api = Api(httpserver, records)
    api.parents = {
        f"{lei(child)}/direct-parent-relationship": relationship(
            child, parent, "IS_DIRECTLY_CONSOLIDATED_BY"
        )
        for child, parent in chain.items()
    }

    landed = fetched(tmp_path, api.source(f"leis: [{lei(1)}]"))

    edges = landed["company_relationships"].rows.select(EDGES[:2]).rows()
    assert landed["companies"].rows["lei"].to_list() == [lei(1), lei(2), lei(3)]
    assert edges == [(lei(child), lei(parent)) for child, parent in chain.items()]


def test_parents_need_not_be_asked_for(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Two requests per company are many."""
    api = family(httpserver)

    landed = fetched(tmp_path, api.source("parents: false"))

    assert len(api.asked) == 2
    assert (landed["companies"].batch.rows, landed["company_relationships"].batch.rows) == (3, 0)


@pytest.mark.parametrize(
    ("registration", "entity", "status"),
    [
        ("ISSUED", "ACTIVE", "active"),
        ("LAPSED", "ACTIVE", "active"),
        ("PENDING_TRANSFER", "ACTIVE", "active"),
        ("RETIRED", "INACTIVE", "dissolved"),
        ("MERGED", "INACTIVE", "dissolved"),
        ("RETIRED", "NULL", None),
        ("SOMETHING_NEW", "ACTIVE", "active"),
    ],
)
def test_what_becomes_of_a_status(
    httpserver: HTTPServer, tmp_path: Path, registration: str, entity: str, status: str | None
) -> None:
    """A lapsed registration is no dissolved company."""
    made = record(1, registration__status=registration, entity__status=entity)

    landed = fetched(tmp_path, Api(httpserver, [made]).source())["companies"]

    assert company(landed, 1)["status"] == status
    assert attributes(landed, 1)["registration_status"] == registration


@pytest.mark.parametrize("registration", ["DUPLICATE", "ANNULLED"])
def test_what_is_no_company_is_left_out(
    httpserver: HTTPServer, tmp_path: Path, registration: str
) -> None:
    """And not set aside: nothing is wrong with the row."""
    api = Api(httpserver, [record(1), record(2, registration__status=registration)])

    landed = fetched(tmp_path, api.source())["companies"]

    assert landed.rows["lei"].to_list() == [lei(1)]
    assert landed.batch.rejects == 0


def test_numbers_of_companies_house_are_spelled_as_it_spells_them(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """So that its records and GLEIF's find each other; a stand-in for a register is none."""
    registers = [
        ("RA000585", "3977902"),
        ("RA000585", "sc5336"),
        ("RA000587", "SC005336"),
        ("RA000586", "NI 6176"),
        ("RA000585", "not a number of it"),
        ("RA888888", "77"),
        ("RA999999", None),
        (None, None),
    ]
    records = [
        record(n, entity__registeredAt={"id": ra}, entity__registeredAs=number)
        for n, (ra, number) in enumerate(registers)
    ]

    rows = fetched(tmp_path, Api(httpserver, records).source())["companies"].rows

    assert rows.select("registration_authority", "registration_number").rows() == [
        ("RA000585", "03977902"),
        ("RA000587", "SC005336"),
        ("RA000587", "SC005336"),
        ("RA000586", "NI006176"),
        ("RA000585", "not a number of it"),
        (None, "77"),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        None,
        {"type": "lei-records", "id": "x"},
        record(5, lei="too short"),
        record(5, lei=None),
        record(5, entity=None, lei=None),
    ],
    ids=["text", "null", "no attributes", "short LEI", "no LEI", "nothing"],
)
def test_a_broken_record_is_set_aside(httpserver: HTTPServer, tmp_path: Path, broken: Any) -> None:
    """And the others land."""
    api = Api(httpserver, [record(1), record(2)], size=5)
    page = {"data": [record(1), broken, record(2)], "links": {}, "meta": {}}
    api.fault = lambda _: Response(json.dumps(page), content_type="application/json")

    landed = fetched(tmp_path, api.source())["companies"]

    assert landed.rows["lei"].to_list() == [lei(1), lei(2)]
    assert landed.rejects["reason"].str.contains("expected a (record|LEI)").to_list() == [True]


@pytest.mark.parametrize("odd", ["text", 7, {"name": "x"}, [None], [{"name": None}], ["x"]])
def test_a_field_of_another_kind_is_none(httpserver: HTTPServer, tmp_path: Path, odd: Any) -> None:
    """What ought to be a list of names or lines may one day be something else."""
    made = record(1, entity__otherNames=odd, entity__legalName=odd)

    landed = fetched(tmp_path, Api(httpserver, [made]).source())["companies"]

    assert landed.rows["aliases"].to_list() == [None]


def test_a_sparse_record_lands(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Fields may be null or absent, of any depth."""
    sparse = {"id": lei(1), "attributes": {"lei": lei(1), "entity": {"legalName": None}}}

    landed = fetched(tmp_path, Api(httpserver, [sparse]).source())["companies"]

    assert company(landed, 1)["name"] is None
    assert landed.rows["status"].to_list() == [None]


def test_a_parent_that_is_gone_is_recorded_and_the_rest_goes_on(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Levels 1 and 2 change at different moments."""
    api = family(httpserver)
    api.records.append(linked(record(4), direct_parent="relationship-record"))

    landed = fetched(tmp_path, api.source())

    gone = landed["company_relationships"].rejects
    assert landed["companies"].batch.rows == 4
    assert gone["file"].to_list() == [f"{lei(4)}/direct-parent-relationship"]
    assert "answered 404" in gone["reason"][0]


def test_when_most_parents_are_gone_the_source_fails(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Then it is the API, and the last good batch stays."""
    records = [linked(record(n), direct_parent="relationship-record") for n in range(3)]

    with pytest.raises(SourceUnavailable, match=r"3 of 3 parents failed; the last: .* 404"):
        fetched(tmp_path, Api(httpserver, records).source())


def test_an_lei_that_nobody_has_is_set_aside(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It was asked for by name."""
    api = Api(httpserver, [record(1)])

    landed = fetched(tmp_path, api.source(f"leis: [{lei(1)}, {lei(8)}]"))["companies"]

    assert landed.rows["lei"].to_list() == [lei(1)]
    assert landed.rejects["reason"].to_list() == [
        f"{lei(8)}: no record of this LEI passes the filters"
    ]


def test_a_record_that_comes_on_two_pages_is_one(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Pages shift while data changes; its parents are asked for once."""
    api = family(httpserver)
    api.records.insert(2, api.records[1])

    landed = fetched(tmp_path, api.source())["companies"]

    assert landed.rows["lei"].to_list() == [lei(1), lei(2), lei(3)]
    assert landed.batch.rejects == 0
    assert len([path for path in api.asked if "direct-parent-reporting" in path]) == 1


def test_fewer_records_than_promised_land_nothing(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A snapshot that isn't whole would lose companies."""
    api = Api(httpserver, [record(1), record(2), record(3)])
    api.total = 4

    with pytest.raises(SourceUnavailable, match="promised 4 records and gave 3"):
        fetched(tmp_path, api.source())
    assert not batches_of(settings_in(tmp_path), "companies", "vendor")


def test_a_busy_moment_between_two_pages_costs_no_row(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Too many requests, then an error of the server: the page is asked for again."""
    api = Api(httpserver, [record(1), record(2), record(3)])
    busy = [Response(status=429, headers={"Retry-After": "0"}), Response(status=503)]
    busy[1].headers["Retry-After"] = "0"

    def sometimes_busy(request: Request) -> Response | None:
        return busy.pop() if busy and request.args["page[cursor]"] != "*" else None

    api.fault = sometimes_busy

    landed = fetched(tmp_path, api.source())["companies"]

    assert landed.rows["lei"].to_list() == [lei(1), lei(2), lei(3)]
    assert len(api.asked) == 4


def test_no_records_are_an_empty_batch(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Whether that can be is judged by what landed before."""
    landed = fetched(tmp_path, Api(httpserver, []).source())

    assert [table.batch.rows for table in landed.values()] == [0, 0]


def test_pages_that_go_in_circles_are_found(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A cursor that comes again would be followed for ever."""
    api = Api(httpserver, [record(1)])
    again = {"data": [record(1)], "links": {"next": f"https://x.example{RECORDS}?page[cursor]=a"}}
    api.fault = lambda _: Response(json.dumps(again), content_type="application/json")

    with pytest.raises(SourceRejected, match="goes in circles"):
        fetched(tmp_path, api.source())


@pytest.mark.parametrize("nothing", [None, []])
def test_a_parent_may_be_answered_with_nothing(
    httpserver: HTTPServer, tmp_path: Path, nothing: Any
) -> None:
    """As JSON:API writes a relation that is empty."""
    api = family(httpserver)
    api.parents = dict.fromkeys(api.parents, nothing)

    landed = fetched(tmp_path, api.source())

    assert [table.batch.rows for table in landed.values()] == [3, 0]
    assert [table.batch.rejects for table in landed.values()] == [0, 0]


def test_errors_in_place_of_data_are_told(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The API names them `errors`."""
    api = Api(httpserver, [])
    trouble = {"errors": [{"status": "400", "title": "Filter should contain only allowed values"}]}
    api.fault = lambda _: Response(json.dumps(trouble), content_type="application/json")

    with pytest.raises(SourceRejected, match=r"with `data`, found errors: .*Filter should"):
        fetched(tmp_path, api.source())


def test_what_would_take_more_than_an_hour_is_refused_at_once(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """After the first page, with what to do instead."""
    api = Api(httpserver, [record(1), record(2), record(3)])
    api.total = 2_000

    with pytest.raises(SourceRejected, match=r"2,000 records need 4,010 requests.*golden_copy"):
        fetched(tmp_path, api.source())
    assert len(api.asked) == 1


def test_an_interrupted_read_lands_nothing_and_the_next_one_all(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """No row is lost or doubled: the batch is that of a read without interruption."""
    api = family(httpserver)
    whole = fetched(tmp_path / "whole", api.source())

    def refused(request: Request) -> Response | None:
        return None if request.args["page[cursor]"] == "*" else Response(status=400)

    api.fault = refused
    with pytest.raises(SourceRejected, match="answered 400"):
        fetched(tmp_path / "broken", api.source())
    nothing = batches_of(settings_in(tmp_path / "broken"), "companies", "vendor")
    api.fault = lambda _: None
    again = fetched(tmp_path / "broken", api.source())

    assert nothing == []
    assert {name: table.batch.content_hash for name, table in again.items()} == {
        name: table.batch.content_hash for name, table in whole.items()
    }


# The golden copy

COLUMNS = [column for column, _ in FIELDS.values()] + [
    "Entity.LegalName.xmllang",
    "Entity.OtherEntityNames.OtherEntityName.1",
    "Entity.OtherEntityNames.OtherEntityName.1.type",
    "Entity.HeadquartersAddress.FirstAddressLine",
    "Entity.HeadquartersAddress.AdditionalAddressLine.1",
    "Entity.LegalAddress.FirstAddressLine",
    "A.Column.Of.Next.Year",
]
RR_COLUMNS = [
    *EDGE_COLUMNS.values(),
    "Relationship.Period.1.startDate",
    "Relationship.Period.1.periodType",
    "Relationship.Period.2.startDate",
    "Relationship.Period.2.periodType",
]


def golden(made: dict[str, Any]) -> dict[str, str]:
    """A record of the API as a row of the golden copy."""
    entity = made["attributes"]["entity"]
    row = {}
    for column, path in FIELDS.values():
        place = made["attributes"]
        for name in path.split("."):
            place = place[name]
        row[column] = place or ""
    return row | {
        "Entity.OtherEntityNames.OtherEntityName.1": entity["otherNames"][0]["name"],
        "Entity.HeadquartersAddress.FirstAddressLine": "Musterweg 1",
        "Entity.HeadquartersAddress.AdditionalAddressLine.1": "Haus 2",
        "Entity.LegalAddress.FirstAddressLine": "1 Lawyer Street",
    }


def edge(child: int, owner: int, kind: str, **changes: str) -> dict[str, str]:
    """A row of the relationship file."""
    return {
        EDGE_COLUMNS["child"]: lei(child),
        EDGE_COLUMNS["child_type"]: "LEI",
        EDGE_COLUMNS["parent"]: lei(owner),
        EDGE_COLUMNS["parent_type"]: "LEI",
        EDGE_COLUMNS["type"]: kind,
        EDGE_COLUMNS["status"]: "ACTIVE",
        EDGE_COLUMNS["registration_status"]: "PUBLISHED",
        EDGE_COLUMNS["updated"]: "2026-01-02T03:04:05Z",
        "Relationship.Period.1.startDate": "2025-01-01T01:00:00+01:00",
        "Relationship.Period.1.periodType": "ACCOUNTING_PERIOD",
        "Relationship.Period.2.startDate": "2018-03-01T00:00:00+01:00",
        "Relationship.Period.2.periodType": "RELATIONSHIP_PERIOD",
    } | {EDGE_COLUMNS[name]: value for name, value in changes.items()}


def table(columns: list[str], rows: list[dict[str, str]]) -> bytes:
    """A CSV with every value quoted, as GLEIF writes it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def zipped(name: str, content: bytes) -> bytes:
    """A zip with one member."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


ENTITIES = table(COLUMNS, [golden(r) for r in (*FAMILY, record(9))])
RELATIONSHIPS = table(
    RR_COLUMNS,
    [
        edge(1, 3, "IS_DIRECTLY_CONSOLIDATED_BY"),
        edge(1, 9, "IS_ULTIMATELY_CONSOLIDATED_BY"),
        edge(2, 3, "IS_FUND-MANAGED_BY"),
    ],
)
EXCEPTIONS = table(
    ["LEI", "Exception.Category", "Exception.Reason.1"],
    [
        {"LEI": lei(2), "Exception.Category": category, "Exception.Reason.1": reason}
        for category, reason in (
            ("DIRECT_ACCOUNTING_CONSOLIDATION_PARENT", "NATURAL_PERSONS"),
            ("ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT", "NON_PUBLIC"),
        )
    ],
)
FILES = """\
connector: gleif
entities: {path: lei2.csv}
relationships: {path: rr.csv}
exceptions: {path: repex.csv}
"""


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    """The three files in the folder of sources.yml."""
    for name, content in (("lei2", ENTITIES), ("rr", RELATIONSHIPS), ("repex", EXCEPTIONS)):
        (tmp_path / f"{name}.csv").write_bytes(content)
    return tmp_path


def test_api_and_golden_copy_give_the_same(httpserver: HTTPServer, drops: Path) -> None:
    """Byte for byte: whoever changes from one to the other sees no company change."""
    api = family(httpserver)
    api.records.append(record(9))

    asked = fetched(drops / "asked", api.source())
    copied = fetched(drops, FILES)

    assert {name: table.batch.content_hash for name, table in copied.items()} == {
        name: table.batch.content_hash for name, table in asked.items()
    }
    assert copied["companies"].batch.rejects == copied["company_relationships"].batch.rejects == 0


def test_filters_keep_the_parents_of_what_they_keep(drops: Path) -> None:
    """1 is kept by name, 3 and 9 because 1 belongs to them; 2 is left out and no reject."""
    landed = fetched(drops, FILES + f"leis: [{lei(1)}]")

    assert landed["companies"].rows["lei"].to_list() == [lei(1), lei(3), lei(9)]
    assert landed["companies"].batch.rejects == 0
    assert landed["company_relationships"].batch.rows == 2


def test_filters_keep_families_up_to_their_top(drops: Path) -> None:
    """2 belongs to 1, and 1 to 3: each reported by itself."""
    rows = [edge(2, 1, "IS_DIRECTLY_CONSOLIDATED_BY"), edge(1, 3, "IS_DIRECTLY_CONSOLIDATED_BY")]
    rows.append(edge(9, 3, "IS_DIRECTLY_CONSOLIDATED_BY"))
    (drops / "rr.csv").write_bytes(table(RR_COLUMNS, rows))

    landed = fetched(drops, FILES + f"leis: [{lei(2)}]")

    assert landed["companies"].rows["lei"].to_list() == [lei(1), lei(2), lei(3)]
    assert landed["company_relationships"].batch.rows == 2


def published(server: HTTPServer, records: int = 4) -> str:
    """A loopback golden copy: the list of its files names another host and a count."""
    contents = {"lei2": ENTITIES, "rr": RELATIONSHIPS, "repex": EXCEPTIONS}
    listed = {}
    for short, content in contents.items():
        path = f"/storage/golden-copy-files/20261101-0000-gleif-goldencopy-{short}.csv.zip"
        body = zipped(f"20261101-0000-gleif-goldencopy-{short}.csv", content)
        server.expect_request(path).respond_with_data(body, content_type="application/zip")
        csv_file = {"url": f"https://goldencopy.example{path}", "record_count": records}
        listed[short] = {"publish_date": "2026-11-01 00:00:00", "full_file": {"csv": csv_file}}
    server.expect_request(PUBLISHED).respond_with_json({"data": listed})
    base = server.url_for("").rstrip("/")
    return f"connector: gleif\ngolden_copy: true\ngolden_copy_url: {base}"


def test_the_golden_copy_is_found_and_unpacked(httpserver: HTTPServer, drops: Path) -> None:
    """Its files' addresses change three times a day, so the list of them is asked first."""
    downloaded = fetched(drops / "downloaded", published(httpserver))
    copied = fetched(drops, FILES)

    assert downloaded["companies"].batch.content_hash == copied["companies"].batch.content_hash


def test_files_of_the_same_name_at_two_addresses_are_two(
    httpserver: HTTPServer, drops: Path
) -> None:
    """As GLEIF itself names them: latest.csv."""
    addresses = []
    for level, content in (("lei2", ENTITIES), ("rr", RELATIONSHIPS)):
        httpserver.expect_request(f"/{level}/latest.csv").respond_with_data(content)
        addresses.append(httpserver.url_for(f"/{level}/latest.csv"))
    source = "connector: gleif\nentities: {{url: {}}}\nrelationships: {{url: {}}}"

    landed = fetched(drops, source.format(*addresses))

    assert [table.batch.rows for table in landed.values()] == [4, 2]


def test_a_golden_copy_with_fewer_records_than_listed_lands_nothing(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A file that was cut at the end of a line can't be told otherwise."""
    with pytest.raises(SourceUnavailable, match="promised 5 records, and the file holds 4"):
        fetched(tmp_path, published(httpserver, records=5))


def test_a_list_without_files_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It says what was looked for."""
    source = published(httpserver)
    httpserver.clear()
    httpserver.expect_request(PUBLISHED).respond_with_json({"data": {"lei2": {}}})

    with pytest.raises(SourceRejected, match="expected the address of a lei2 CSV file"):
        fetched(tmp_path, source)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("parent", True)]),
        ({"status": "INACTIVE"}, [("parent", False)]),
        ({"registration_status": "RETIRED"}, [("parent", False)]),
        ({"registration_status": "LAPSED"}, [("parent", True)]),
        ({"status": "NULL"}, [("parent", None)]),
        ({"type": "IS_INTERNATIONAL_BRANCH_OF"}, [("head_office", True)]),
        ({"registration_status": "ANNULLED"}, []),
        ({"registration_status": "DUPLICATE"}, []),
        ({"type": "IS_SUBFUND_OF"}, []),
        ({"parent_type": "PNI", "parent": "a person"}, []),
    ],
    ids=str,
)
def test_what_becomes_of_a_relationship(
    drops: Path, changes: dict[str, str], expected: list[tuple[str, bool | None]]
) -> None:
    """Over, no relationship at all, none of owning, or one with somebody without a LEI."""
    row = edge(1, 3, "IS_DIRECTLY_CONSOLIDATED_BY", **changes)
    (drops / "rr.csv").write_bytes(table(RR_COLUMNS, [row]))

    landed = fetched(drops, FILES)["company_relationships"]

    assert landed.rows.select("kind", "is_active").rows() == expected
    assert landed.batch.rejects == 0


def test_a_broken_row_is_set_aside_with_its_line(drops: Path) -> None:
    """Also where filters leave out most."""
    lines = ENTITIES.decode().splitlines(keepends=True)
    bad_lei = lines[2].replace(lei(2), "SHORT", 1)
    (drops / "lei2.csv").write_text("".join([lines[0], lines[1], '"x"\r\n', bad_lei, *lines[3:]]))

    landed = fetched(drops, FILES)["companies"]

    assert landed.rows["lei"].to_list() == [lei(1), lei(3), lei(9)]
    assert landed.rejects.select("line", "reason").rows() == [
        (3, f"expected {len(COLUMNS)} values, found 1"),
        (4, "expected a LEI of 20 characters, found SHORT"),
    ]


def test_columns_may_be_more_or_fewer_but_not_the_needed_ones(drops: Path) -> None:
    """A column that is gone is told with the nearest name."""
    few = list(ENTITY_NEEDED)
    (drops / "lei2.csv").write_bytes(table(few, [{name: golden(record(1))[name] for name in few}]))
    landed = fetched(drops / "few", FILES.replace("path: ", f"path: {drops}/"))
    renamed = table(few, []).replace(b"Entity.LegalName", b"Entity.LegalNames")
    (drops / "lei2.csv").write_bytes(renamed)

    assert landed["companies"].batch.rows == 1
    with pytest.raises(SourceRejected, match=r'"Entity.LegalName" \(did you mean "Entity.LegalNam'):
        fetched(drops, FILES)


def test_level_two_needs_level_one(tmp_path: Path) -> None:
    """The document says so before anything is fetched."""
    with pytest.raises(DocumentError, match="go with `entities`"):
        fetched(tmp_path, "connector: gleif\nrelationships: {path: rr.csv}")


def test_dated_drops_answer_for_a_past_week(drops: Path) -> None:
    """The API knows only how things are now."""
    for day, name in (("20260907", "Then"), ("20261026", "Now"), ("20261130", "Later")):
        rows = [golden(record(1, entity__legalName={"name": name}))]
        (drops / f"{day}-0800-gleif-goldencopy-lei2.csv").write_bytes(table(COLUMNS, rows))
    source = (
        'connector: gleif\nentities: {path: "*-gleif-goldencopy-lei2.csv", date_in_name: "%Y%m%d"}'
    )

    now = fetched(drops / "now", source.replace("*-", f"{drops}/*-"))
    then = fetched(drops / "then", source.replace("*-", f"{drops}/*-"), date(2026, 10, 5))

    assert company(now["companies"], 1)["name"] == "Now"
    assert company(then["companies"], 1)["name"] == "Then"


def test_the_same_twice_writes_nothing_new(drops: Path) -> None:
    """A week in which nothing changed has the batch that it had."""
    fetched(drops, FILES)
    before = tree(drops / "landing")
    fetched(drops, FILES)

    assert tree(drops / "landing") == before
