"""docs/sources/company_files.md: its maps give companies with domains and head-count bands."""

import re
from pathlib import Path

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
