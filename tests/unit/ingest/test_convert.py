"""Conversions: what people write becomes what they mean, or nothing; never a guess."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import CONVERSIONS, TIMESTAMP, canonical_text, convert, named

WEEK = date(2026, 8, 3)
MONDAY = datetime(2026, 8, 3, tzinfo=UTC)


def converted(name: str, *texts: str | None) -> list:
    """The values that a conversion gives."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(convert(pl.col("text"), name, WEEK)).to_series().to_list()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", "  Acme ", "Acme"),
        ("text", "  ", None),
        ("split_first", "United Kingdom; Europe; Remote", "United Kingdom"),
        ("split_first:->", "B2B -> Recruiting", "B2B"),
        ("list", "SaaS; B2B;; ", ["SaaS", "B2B"]),
        ("list:,", "a, b", ["a", "b"]),
        ("list", " ; ", None),
        ("number", "18.3 MM", 18_300_000),
        ("number", "2950.8 MM", 2_950_800_000),
        ("number", "1,100.04", 1_100.04),
        ("number", "€ 2.5bn", 2_500_000_000),
        ("number", "US$ 5m", 5_000_000),
        ("number", "12k", 12_000),
        ("number", "(1,000)", -1_000),
        ("number", "1'000'000", 1_000_000),
        ("number", "1 000", 1_000),
        ("number", "1.2E+06", 1_200_000),
        ("number:,", "1.100,04", 1_100.04),
        ("number:,", "18,3 Mio", 18_300_000),
        ("number", "1,5", None),
        ("number", "1e308", None),
        ("percent", "80", 0.8),
        ("percent", "80 %", 0.8),
        ("percent:,", "7,5", 0.075),
        ("percent", "many", None),
        ("millions", "2.5e-1", 250_000),
        ("thousands", "1,200", 1_200_000),
        ("millions", "4.1", 4_100_000),
        ("millions", "(2)", -2_000_000),
        ("millions", "18.3 MM", 18_300_000),
        ("number", "NaN", None),
        ("number", "Infinity", None),
        ("number", "12 apples", None),
        ("number", "", None),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "0.0", False),
        ("boolean", "1.00", True),
        ("boolean", "0.5", None),
        ("boolean", "perhaps", None),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("date", "2026-01-31T06:30:00Z", date(2026, 1, 31)),
        ("date", "2026-02-30", None),
        ("date", "31/01/2026", None),
        ("date:%d/%m/%Y|%Y-%m-%d", "31/01/2026", date(2026, 1, 31)),
        ("date:%d/%m/%Y|%Y-%m-%d", "2026-02-01", date(2026, 2, 1)),
        ("date:%d/%m/%Y|%Y-%m-%d", "01.02.2026", None),
        (
            "timestamp:%d.%m.%Y %H:%M|%d.%m.%Y",
            "31.01.2026",
            datetime(2026, 1, 31, tzinfo=UTC),
        ),
        ("date:%m/%d/%Y", "3/1/2017", date(2017, 3, 1)),
        ("date:%m/%d/%Y", "31/1/2017", None),
        ("timestamp", "2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("timestamp", "2026-01-31 06:30", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("timestamp", "2026-01-31 6:30:05", datetime(2026, 1, 31, 6, 30, 5, tzinfo=UTC)),
        ("timestamp", "2026-07-17T08:48:22-04:00", datetime(2026, 7, 17, 12, 48, 22, tzinfo=UTC)),
        ("timestamp", "1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "953632800000", datetime(2000, 3, 21, 10, tzinfo=UTC)),
        ("timestamp", "1767225600000000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "1767225600.25", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "2026-01-31 06:30:00 UTC", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("timestamp", "2026-01-31 06:30:00.5+01", datetime(2026, 1, 31, 5, 30, 0, 500_000, UTC)),
        ("timestamp", "2026-01-31 06:30:00.000 +0530", datetime(2026, 1, 31, 1, tzinfo=UTC)),
        ("timestamp", "2026-01-31 06:30:00 CET", None),
        ("timestamp", "17672256000", None),
        ("timestamp", "2026-01-31T25:00:00Z", None),
        ("timestamp:%d/%m/%Y %H:%M", "31/01/2026 06:30", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("relative_date", "over 8 years", datetime(2018, 8, 3, tzinfo=UTC)),
        ("relative_date", "5 months", datetime(2026, 3, 3, tzinfo=UTC)),
        ("relative_date", "3 days ago", datetime(2026, 7, 31, tzinfo=UTC)),
        ("relative_date", "about 15 hours", datetime(2026, 8, 2, 9, tzinfo=UTC)),
        ("relative_date", "30+ days ago", datetime(2026, 7, 4, tzinfo=UTC)),
        ("relative_date", "today", MONDAY),
        ("relative_date", "soon", None),
        ("country", "Deutschland", "DE"),
        ("country", "Atlantis", None),
    ],
)
def test_a_text_becomes_what_it_means_or_nothing(name: str, text: str, value: object) -> None:
    """Each conversion reads what its users write."""
    assert converted(name, text) == [value]


@pytest.mark.parametrize(
    ("text", "number", "low", "high"),
    [
        ("820", 820, None, None),
        ("51-200 employees", None, 51, 200),
        ("1,000-5,000", None, 1_000, 5_000),
        ("1k to 5k", None, 1_000, 5_000),
        ("201 \N{EN DASH} 500", None, 201, 500),
        ("10,001+ employees", None, 10_001, None),
        ("> 1000", None, 1_000, None),
        ("up to 50", None, 0, 50),
        ("myself only", 1, None, None),
    ],
)
def test_a_band_has_ends_and_a_single_number_has_none(text, number, low, high) -> None:
    """The middle of a band is nobody's head count, so it is not made up."""
    assert converted("number_or_band", text) == [{"number": number, "low": low, "high": high}]


@pytest.mark.parametrize("text", ["200-51", "-5", "many", "51-", "1-2-3", ""])
def test_what_is_no_band_is_nothing(text: str) -> None:
    """Ends the wrong way round, less than nobody, no number at all."""
    assert converted("number_or_band", text) == [None]


@given(st.integers(0, 10**12), st.integers(0, 99), st.booleans())
def test_a_number_is_the_same_however_it_is_grouped(
    whole: int, cents: int, is_negative: bool
) -> None:
    """Grouping, decimal mark and accountants' brackets change nothing."""
    plain = float(f"{whole}.{cents:02}") * (-1 if is_negative else 1)
    english = f"{whole:,}.{cents:02}"
    german = english.translate(str.maketrans(",.", ".,"))
    written = [f"({english})", f"(${english})"] if is_negative else [english, f"$ {english}"]

    assert converted("number", *written) == [plain, plain]
    assert converted("number:,", f"({german})" if is_negative else german) == [plain]


@given(st.decimals(0, 10**6, places=3), st.sampled_from([("k", 3), ("MM", 6), ("bn", 9)]))
def test_a_power_moves_the_point_and_rounds_nothing(amount, power) -> None:
    """18.3 MM is 18300000, not 18300000.000000004."""
    word, zeros = power
    assert converted("number", f"{amount:f} {word}") == [float(amount.scaleb(zeros))]


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_band_is_read_only_the_right_way_round(one: int, other: int) -> None:
    """low <= high, whatever the grouping."""
    (band,) = converted("number_or_band", f"{one:,} - {other} people")

    assert band == (None if one > other else {"number": None, "low": one, "high": other})


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_date_survives_being_written_in_any_pattern(day: date) -> None:
    """Writing and reading are inverse."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d"):
        assert converted(f"date:{pattern}", day.strftime(pattern)) == [day]


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, minutes: int) -> None:
    """An offset changes how a time is written, not when it was."""
    utc = moment.replace(microsecond=0, tzinfo=UTC)
    sign, (hours, rest) = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    local = (utc + timedelta(minutes=minutes)).replace(tzinfo=None)

    assert converted("timestamp", f"{local.isoformat()}{sign}{hours:02}:{rest:02}") == [utc]


@given(st.integers(0, 999), st.sampled_from(["hour", "day", "week"]))
def test_an_age_is_counted_back_from_the_monday(count: int, unit: str) -> None:
    """However it is qualified."""
    moment = MONDAY - timedelta(**{f"{unit}s": count})
    texts = [f"{count} {unit}s", f"about {count} {unit}s ago", f"OVER {count}{unit}s"]

    assert converted("relative_date", *texts) == [moment] * 3


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=5))
def test_no_text_makes_a_conversion_fail(texts: list[str | None]) -> None:
    """Whatever stands in a file, a column is converted, and nulls stay nulls."""
    for name, conversion in CONVERSIONS.items():
        values = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(
            convert(pl.col("text"), name, WEEK)
        )
        assert values.schema.dtypes() == [conversion.gives]
        assert [v for v, text in zip(values.to_series(), texts, strict=True) if text is None] == [
            None for text in texts if text is None
        ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pl.Series([18_300_000.0]), "18300000"),
        (pl.Series([1.25]), "1.25"),
        (pl.Series([7]), "7"),
        (pl.Series([True]), "true"),
        (pl.Series([date(2026, 1, 31)]), "2026-01-31"),
        (pl.Series([MONDAY], dtype=TIMESTAMP), "2026-08-03T00:00:00Z"),
        (pl.Series([["a", "b"]]), "a; b"),
    ],
)
def test_attributes_hold_values_in_canonical_text(value: pl.Series, text: str) -> None:
    """ISO dates, point decimals, true or false."""
    frame = value.alias("value").to_frame()
    assert frame.select(canonical_text(pl.col("value"), value.dtype)).item() == text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("numbr", 'expected one of text, .* found "numbr"'),
        ("boolean:x", 'expected "boolean", found "boolean:x"'),
        ("date:dd/mm/yyyy", 'expected "date:<pattern>", found "date:dd/mm/yyyy"'),
        ("date:%d/%m/%Y|", 'expected "date:<pattern>", found "date:%d/%m/%Y|"'),
        ("number:;", 'expected "number:<mark>", found "number:;"'),
    ],
)
def test_a_conversion_that_does_not_exist_is_named(name: str, message: str) -> None:
    """A mistake in sources.yml is found before anything is fetched."""
    with pytest.raises(ValueError, match=message):
        named(name)
