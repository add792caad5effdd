"""What EDGAR's sources share: places, the end of a day, where a filing is read."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from ingest.edgar import PLACES, accession_in, country, day_ended, filing_url, region
from ingest.normalise import country_code


def test_every_place_has_a_country_that_exists() -> None:
    """And every code stands once, two characters long."""
    places = pl.read_csv(PLACES, infer_schema=False)

    assert places["code"].is_unique().all()
    assert (places["code"].str.len_chars() == 2).all()
    assert country_code(places["country"]).equals(places["country"])


def test_codes_are_looked_up_in_any_case() -> None:
    """What is no code has no place."""
    codes = pl.DataFrame({"code": ["ny", " A6 ", "X0", "XX", "", None]})

    found = codes.select(country=country(pl.col("code")), region=region(pl.col("code")))

    assert found.rows() == [
        ("US", "NY"),
        ("CA", "ON"),
        ("GB", None),
        (None, None),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 7, 1), datetime(2026, 7, 2, 4, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 2, 5, tzinfo=UTC)),
    ],
)
def test_a_day_ends_in_new_york(day: date, end: datetime) -> None:
    """In summer and in winter: before that, not all of its filings could be known."""
    assert pl.select(day_ended(pl.lit(day))).item() == end


def test_a_filing_is_read_at_its_index() -> None:
    """One without a number of EDGAR's is read nowhere."""
    numbers = pl.DataFrame({"number": ["0000001234-26-000007", "8a6f", None]})

    urls = numbers.select(filing_url(pl.lit("0000001234"), pl.col("number"))).to_series().to_list()

    assert urls == [
        "https://www.sec.gov/Archives/edgar/data/1234/000000123426000007/"
        "0000001234-26-000007-index.htm",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("edgar/data/1234/0000001234-26-000007.txt", "0000001234-26-000007"),
        ("/data/1234/000000123426000007/primary_doc.xml", "0000001234-26-000007"),
        ("D.Sample.xml", None),
        ("1000000123426000007.xml", None),
    ],
)
def test_an_accession_number_is_found_in_names(text: str, number: str | None) -> None:
    """With and without its dashes, but not within a longer number."""
    assert accession_in(text) == number
