"""docs/sources/company_files.md: its maps give companies with domains and head-count bands."""

import re
from pathlib import Path

import polars as pl
import pytest

from ingest.settings import PROJECT
from tests.support.sources import fetched, write

PAGE = (PROJECT / "docs" / "sources" / "company_files.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```csv (\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
EXPECTED = {
    "people_data_labs": [
        ("acme sample", "acme-sample.com", "GB", 51, 200, 1998),
        ("beta sample", None, "DE", 10_001, None, None),
    ],
    "bigpicture": [
        ("Acme Sample", "acme-sample.com", "GB", 51, 200, 1998),
        ("Beta Sample", "beta-sample.com", "DE", 1_001, 5_000, None),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_map_of_the_page_reads_its_file(tmp_path: Path, name: str) -> None:
    """Every value, and none is lost on the way."""
    for path, text in FILES:
        write(tmp_path, path, text.rstrip("\n"))
    (block,) = re.findall(rf"^  {name}:\n((?:    .*\n)+)", PAGE, re.MULTILINE)

    companies = fetched(tmp_path, "\n".join(line[4:] for line in block.splitlines()))["companies"]

    columns = ["name", "domain", "country", "employees_low", "employees_high", "founded_year"]
    assert companies.rows.select(columns).rows() == EXPECTED[name]
    assert (companies.batch.unconverted, companies.batch.new_columns) == (0, ())


def test_what_a_delivery_nests_is_text(tmp_path: Path) -> None:
    """Lists of lists, of structures and of numbers, as paid deliveries have them."""
    schema = {
        "id": pl.String,
        "naics": pl.List(pl.Struct({"code": pl.String, "sector": pl.String})),
        "tags": pl.List(pl.List(pl.String)),
        "shares": pl.List(pl.Float64),
        "point": pl.Array(pl.Int64, 2),
    }
    rows = [
        {
            "id": "a",
            "naics": [{"code": "541611", "sector": "Consulting"}],
            "tags": [["x", None], [], ["y"]],
            "shares": [0.5, 2.0],
            "point": [1, 2],
        },
        {"id": "b", "naics": [], "tags": None, "shares": None, "point": None},
    ]
    pl.DataFrame(rows, schema).write_parquet(tmp_path / "firms.parquet")

    companies = fetched(
        tmp_path,
        "connector: files\n"
        "tables: {companies: {path: firms.parquet, columns: {source_company_id: id}, "
        "attributes: {naics: naics, tags: tags, shares: shares, point: point}}}",
    )["companies"].rows

    nested, flat = companies["attributes"].to_list()
    assert {entry["key"]: entry["value"] for entry in nested} == {
        "naics": '{"code":"541611","sector":"Consulting"}',
        "point": "1; 2",
        "shares": "0.5; 2",
        "tags": "x; ; y",
    }
    assert flat is None
