"""Bombora: three shapes of the same file give the same surges."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.errors import SourceRejected
from tests.support.sources import fetched, write

ADAT = [
    "acme gmbh,acme.de,51-200 employees,retail,tax,Financial Close,72,31,berlin,90,21,Germany",
    ",acme.de,,,finance,financial close,80,3131,,45,3421,Germany",
    ",acme.de,,,finance,consolidation,59,3131,,99,3421,Germany",
]
MASTER = [
    'acme gmbh,acme.de,51-200 employees,retail,tax,financial close,80,"berlin[90]|[45]",Germany',
    'acme gmbh,acme.de,51-200 employees,retail,finance,consolidation,59,"a, b[25]",Germany',
]
MODERN = [
    "Company Name,Domain,Company Size,Industry,Topic Name,Composite Score,Country",
    "acme gmbh,www.acme.de,51-200 employees,retail,Financial Close,80,Germany",
    "acme gmbh,acme.de,51-200 employees,retail,Consolidation,59,Germany",
]


JSON = [
    '{"CompanyName": "acme gmbh", "Domain": "www.acme.de", "CompanySize": "51-200 employees", '
    '"Topic": "Financial Close", "CompositeScore": 80, "Country": "Germany"}',
    '{"Domain": "acme.de", "Topic": "Consolidation", "CompositeScore": "59", "Metros": null}',
]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("surge.csv", ADAT),
        ("surge.csv", MASTER),
        ("surge.csv", MODERN),
        ("surge.jsonl", JSON),
    ],
    ids=["adat", "master surge", "header", "json lines"],
)
def test_every_shape_gives_the_same_surges_and_companies(
    tmp_path: Path, name: str, lines: list[str]
) -> None:
    """A surge is a company's, so metro areas collapse; a score of 59 is none."""
    write(tmp_path, name, *lines)

    landed = fetched(tmp_path, f"connector: bombora\npath: {name}")

    assert landed["signals"].rows.select(
        "source_signal_id", "domain", "kind", "topic", "strength", "occurred_at", "known_at"
    ).rows() == [
        (
            "acme.de|financial close|2026-11-02",
            "acme.de",
            "topic_surge",
            "financial close",
            0.8,
            datetime(2026, 11, 2, tzinfo=UTC),
            None,
        )
    ]
    assert landed["companies"].rows.select(
        "source_company_id", "name", "country", "employees_low", "employees_high"
    ).rows() == [("acme.de", "acme gmbh", "DE", 51, 200)]


def test_a_date_of_the_file_is_the_week_of_the_surge(tmp_path: Path) -> None:
    """One file may hold several weeks."""
    write(
        tmp_path,
        "surge.csv",
        "Domain,Topic,Composite Score,Date",
        "acme.de,erp,70,2026-10-19",
        "acme.de,erp,75,10/26/2026",
    )

    signals = fetched(tmp_path, "connector: bombora\npath: surge.csv")["signals"].rows

    assert signals["occurred_at"].dt.date().to_list() == [date(2026, 10, 19), date(2026, 10, 26)]


def test_headers_and_threshold_can_be_set(tmp_path: Path) -> None:
    """Exact header texts differ between products."""
    write(tmp_path, "surge.csv", "Firm Web,Subject,Heat", "acme.de,erp,55", "beta.com,erp,45")
    source = """\
connector: bombora
path: surge.csv
threshold: 50
columns: {domain: Firm Web, topic: Subject, score: Heat}
"""

    assert fetched(tmp_path, source)["signals"].rows["domain"].to_list() == ["acme.de"]


def test_a_row_without_a_domain_or_a_score_is_set_aside(tmp_path: Path) -> None:
    """With its line and what was expected."""
    write(
        tmp_path, "s.csv", "Domain,Topic,Score", "acme,erp,70", "acme.de,erp,high", "acme.de,e,70"
    )

    landed = fetched(tmp_path, "connector: bombora\npath: s.csv")["signals"]

    assert landed.rows.height == 1
    assert landed.rejects.select("line", "reason").rows() == [
        (2, "expected a domain, found acme"),
        (3, "expected a score, found high"),
    ]


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    """It says which shapes are known."""
    write(tmp_path, "s.csv", "a,b,c", "1,2,3")

    with pytest.raises(SourceRejected, match="expected a header with Domain, Topic and Composite"):
        fetched(tmp_path, "connector: bombora\npath: s.csv")


def test_a_warehouses_parquet_gives_the_same_surges(tmp_path: Path) -> None:
    """Under the names that it has there; scores and days have types."""
    write(tmp_path, "surge.csv", "Domain,Topic,Composite Score,Date", "acme.de,erp,70,2026-10-19")
    frame = {
        "_DOMAIN": ["acme.de"],
        "_TOPICNAME": ["ERP"],
        "_AVERAGECOMPOSITESCORE": [70],
        "_DATE": [date(2026, 10, 19)],
    }
    pl.DataFrame(frame).write_parquet(tmp_path / "surge.parquet")

    told = fetched(tmp_path, "connector: bombora\npath: surge.csv")["signals"]
    stored = fetched(tmp_path, "connector: bombora\npath: surge.parquet")["signals"]

    assert told.batch.rows == 1
    assert stored.batch.content_hash == told.batch.content_hash


def test_a_domain_without_a_name_has_surges_and_is_no_company(tmp_path: Path) -> None:
    """Most rows name a domain only; its account comes from another source."""
    write(
        tmp_path,
        "surge.csv",
        ",acme.de,,,finance,erp,80,3131,,45,3421,Germany",
        "beta gmbh,beta.com,myself only,,finance,erp,70,3131,bonn,45,3421,Germany",
        'gamma gmbh,gamma.com,"10,001+ employees",,finance,erp,70,3131,bonn,45,3421,Germany',
    )

    landed = fetched(tmp_path, "connector: bombora\npath: surge.csv")

    assert landed["signals"].rows["domain"].to_list() == ["acme.de", "beta.com", "gamma.com"]
    assert landed["companies"].rows.select("domain", "employees", "employees_low").rows() == [
        ("beta.com", 1, None),
        ("gamma.com", None, 10_001),
    ]


def test_a_header_that_was_named_and_is_not_there_is_told(tmp_path: Path) -> None:
    """With the nearest name."""
    write(tmp_path, "surge.csv", "Domain,Topic,Heats", "acme.de,erp,55")

    with pytest.raises(SourceRejected, match=r'"Heat" \(did you mean "Heats"\?\)'):
        fetched(tmp_path, "connector: bombora\npath: surge.csv\ncolumns: {score: Heat}")
