"""Conversions: how a vendor's text becomes a typed value, by the names that sources.yml uses.

What belongs here: reading one text. What doesn't: cleaning that every source gets
(`normalise.py`), and which column a value goes to (`sources/files.py`).

A conversion works on a whole column at once, step by step: as one expression, a band of employees
took seconds to plan. What it can't read becomes null: never a guess. The caller compares with the
text and counts the loss.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from ingest.normalise import country_code

TIMESTAMP = pl.Datetime("us", "UTC")

CURRENCIES = r"[$€£¥₹]|\b(?:us|usd|eur|gbp|chf|inr|jpy|cad|aud)\b"
POWERS = {
    **dict.fromkeys(("k", "tsd", "thousand"), "3"),
    **dict.fromkeys(("m", "mm", "mn", "mio", "million", "millions"), "6"),
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions"), "9"),
    **dict.fromkeys(("t", "tn", "trillion", "trillions"), "12"),
}
TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "x", "on"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "off"), False),
}
ALONE = r"^(?:myself only|self[- ]employed)$"
HEADS = r"\s*(?:employees?|people|staff|ftes?)$"
UNITS = {
    **dict.fromkeys(("minute", "min"), "m"),
    **dict.fromkeys(("hour", "hr", "h"), "h"),
    **dict.fromkeys(("day", "d"), "d"),
    **dict.fromkeys(("week", "wk", "w"), "w"),
    **dict.fromkeys(("month", "mo"), "mo"),
    **dict.fromkeys(("year", "yr", "y"), "y"),
}
IN_BRACKETS = r"^\(([^+-]+)\)$"
FROM_TO = r"^(?P<low>.*\d.*?)\s*(?:-|\x{2013}|\x{2014}|\bto\b)\s*(?P<high>.*\d.*)$"
AT_LEAST = r"^(?:(?:>=?|over\s|more than\s)\s*(?P<least>.*)|(?P<plus>.*?)\s*\+)$"
AT_MOST = r"^(?:<=?|under\s|up to\s|less than\s)\s*(.*)$"
ISO_DATE = r"^(\d{4}-\d\d-\d\d)(?:$|[T ]\d)"
ISO_TIME = (
    r"^(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<minute>\d\d?:\d\d)(?P<second>:\d\d(?:\.\d+)?)?"
    r"\s*(?P<zone>Z|UTC|(?P<offset>[+-]\d\d)(?P<rest>:?\d\d)?)?)?$"
)
EPOCH = r"^(?:(?P<seconds>\d{10})(?:\.\d+)?|(?P<milliseconds>\d{12,13})|(?P<microseconds>\d{16}))$"
AGO = (
    r"^(?:about|around|over|almost|nearly|more than|less than)?\s*(?P<count>\d{1,3}|an?)\+?\s*"
    rf"(?P<unit>{'|'.join(UNITS)})s?(?:\s+ago)?$"
)
PATTERNS = r"[^|]*%[Ymdy][^|]*(?:\|[^|]*%[Ymdy][^|]*)*"
ARGUMENTS = {None: r"(?!)", "mark": r"[.,]", "separator": r".+", "pattern": PATTERNS}


@dataclass(frozen=True)
class Conversion:
    """One name that `as` may give: what it expects to read, and the type of what it gives."""

    expected: str
    gives: pl.DataType
    apply: Callable[[pl.Series, str | None, date], pl.Series]
    argument: str | None = None


def convert(text: pl.Expr, name: str, week: date) -> pl.Expr:
    """`text` by the conversion `name`, such as "date:%d/%m/%Y"; what can't be read is null."""
    conversion, argument = named(name)

    def apply(texts: pl.Series) -> pl.Series:
        return conversion.apply(texts, argument, week)

    return stripped(text).map_batches(apply, return_dtype=conversion.gives)


def named(name: str) -> tuple[Conversion, str | None]:
    """A conversion and what stands behind its colon. ValueError for one that doesn't exist."""
    base, colon, argument = name.partition(":")
    if base not in CONVERSIONS:
        raise ValueError(f'expected one of {", ".join(CONVERSIONS)}, found "{base}"')
    conversion = CONVERSIONS[base]
    if colon and not re.fullmatch(ARGUMENTS[conversion.argument], argument):
        takes = f"{base}:<{conversion.argument}>" if conversion.argument else base
        raise ValueError(f'expected "{takes}", found "{name}"')
    return conversion, argument or None


def stripped(text: pl.Expr) -> pl.Expr:
    """Text without white space around it; null where nothing is left."""
    trimmed = text.str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def canonical_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A typed value as `attributes` hold it: ISO dates, point decimals, true or false, JSON."""
    if isinstance(dtype, pl.Array):
        return canonical_text(value.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.List):
        item = canonical_text(pl.element(), dtype.inner)  # type: ignore[arg-type]
        return value.list.eval(item).list.join("; ")
    if isinstance(dtype, pl.Struct):
        return pl.when(value.is_not_null()).then(value.struct.json_encode())
    if isinstance(dtype, pl.Datetime):
        return value.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    if dtype.is_float():
        value = value.fill_nan(None)
        whole = pl.when(value == value.round(0)).then(value.cast(pl.Int64, strict=False))
        return pl.coalesce(whole.cast(pl.String), value.cast(pl.String))
    if dtype == pl.Duration:
        return value.dt.to_string()
    return value.cast(pl.String)


def _text(text: pl.Series, _: str | None, __: date) -> pl.Series:
    return text


def _split_first(text: pl.Series, separator: str | None, _: date) -> pl.Series:
    first = pl.col("text").str.split(separator or ";").list.first()
    return text.to_frame("text").select(stripped(first)).to_series()


def _list(text: pl.Series, separator: str | None, _: date) -> pl.Series:
    parts = pl.col("text").str.split(separator or ";")
    full = parts.list.eval(stripped(pl.element()).drop_nulls())
    return text.to_frame("text").select(pl.when(full.list.len() > 0).then(full)).to_series()


def _number(text: pl.Series, decimal_mark: str | None, _: date) -> pl.Series:
    """18.3 MM, 1,100.04, € 2.5bn, 12k, (1,000): the sign of a currency is dropped, not converted.

    Thousands are grouped by comma, apostrophe or space; by point where the comma is the mark.
    """
    bare = text.str.to_lowercase().str.replace_all(CURRENCIES, "").str.strip_chars()
    unsigned = bare.str.replace(IN_BRACKETS, "$1").str.strip_chars()
    parts = unsigned.str.extract_groups(_number_pattern(decimal_mark or ".")).struct.unnest()
    is_negative = bare.str.contains(IN_BRACKETS)
    # Put together as text, so that 18.3 MM is 18300000 exactly: a product would be rounded twice.
    digits = pl.concat_str(
        "sign",
        pl.col("whole").str.replace_all("[^0-9]", ""),
        pl.lit("."),
        pl.col("fraction").str.replace_all("[^0-9]", ""),
        pl.lit("e"),
        pl.coalesce("exponent", pl.col("power").replace_strict(POWERS, default=None), pl.lit("0")),
    )
    value = digits.cast(pl.Float64, strict=False)
    return parts.select(pl.when(is_negative).then(-value).otherwise(value)).to_series()


def _in_units(power: str) -> Callable[[pl.Series, str | None, date], pl.Series]:
    """Numbers of a column that counts in powers of ten; one that names its own keeps that."""

    def numbers(text: pl.Series, decimal_mark: str | None, week: date) -> pl.Series:
        bare = text.str.strip_suffix("%").str.strip_chars()
        powered = bare.str.replace(r"(\d)(\)?)$", f"${{1}}e{power}${{2}}")
        read = _number(powered, decimal_mark, week)
        # What has an exponent already can't be given another one.
        return read.zip_with(
            read.is_not_null(), _number(bare, decimal_mark, week) * float(f"1e{power}")
        )

    return numbers


def _number_pattern(decimal_mark: str) -> str:
    mark, other = (r"\.", ",") if decimal_mark == "." else (",", ".")
    group = rf"[{other}'\x{{2019}}\s]"
    whole = rf"\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}|\d*"
    return (
        rf"^(?P<sign>[+-]?)\s*(?P<whole>{whole})(?P<fraction>(?:{mark}\d+)?)"
        rf"(?:e(?P<exponent>[+-]?\d{{1,2}})|\s*(?P<power>{'|'.join(POWERS)}))?$"
    )


def _band(text: pl.Series, decimal_mark: str | None, week: date) -> pl.Series:
    """1,000-5,000 employees, 10,001+, up to 50: a single number has no ends, a band no number."""
    lower = text.str.to_lowercase().str.replace(ALONE, "1").str.replace(HEADS, "")
    ends = lower.str.extract_groups(FROM_TO).struct.unnest()
    least = lower.str.extract_groups(AT_LEAST).struct.unnest()
    most = lower.str.extract(AT_MOST)
    nobody = pl.when(most.is_not_null()).then(pl.lit("0"))
    low = pl.concat([ends, least], how="horizontal").select(
        pl.coalesce("low", "least", "plus", nobody)
    )
    high = ends.select(pl.coalesce("high", most))
    numbers = {"number": lower, "low": low.to_series(), "high": high.to_series()}
    band = pl.DataFrame({name: _number(end, decimal_mark, week) for name, end in numbers.items()})
    has_ends = pl.lit(ends["low"].is_not_null())
    is_sound = (
        pl.when(has_ends)
        .then(pl.col("low") <= pl.col("high"))
        .otherwise(pl.coalesce("number", "low", "high") >= 0)
    )
    return band.select(pl.when(is_sound).then(pl.struct("number", "low", "high"))).to_series()


def _boolean(text: pl.Series, _: str | None, __: date) -> pl.Series:
    """Numbers too, which columns with gaps are often written as: 1.0."""
    word = text.str.to_lowercase().str.replace(r"^([01])\.0+$", "$1")
    return word.replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)


def _date(text: pl.Series, pattern: str | None, _: date) -> pl.Series:
    """ISO 8601, or by the first of the patterns that fits."""
    if pattern:
        return _first_read([text.str.to_date(each, strict=False) for each in pattern.split("|")])
    return text.str.extract(ISO_DATE).str.to_date("%Y-%m-%d", strict=False)


def _timestamp(text: pl.Series, pattern: str | None, _: date) -> pl.Series:
    """ISO 8601, UTC where it names no offset, a time since 1970, or by the first pattern that fits.

    10 digits are seconds, from 2001 on; 12 or 13 are milliseconds, from 1973 on; 16 microseconds.
    """
    if pattern:
        return _first_read(
            [
                text.str.to_datetime(each, time_unit="us", time_zone="UTC", strict=False)
                for each in pattern.split("|")
            ]
        )
    parts = text.str.extract_groups(ISO_TIME).struct.unnest()
    spelled = pl.concat_str(
        "day",
        pl.lit("T"),
        pl.col("minute").fill_null("00:00"),
        pl.col("second").fill_null(":00"),
        pl.col("offset").fill_null("+00"),
        pl.col("rest").fill_null("00"),
    )
    iso = spelled.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", strict=False)
    epoch = text.str.extract_groups(EPOCH).struct.unnest().cast(pl.Int64)
    since = epoch.select(
        pl.coalesce(
            pl.col("seconds") * 1_000_000, pl.col("milliseconds") * 1_000, pl.col("microseconds")
        )
    ).to_series()
    return parts.select(pl.coalesce(iso.cast(TIMESTAMP), since.cast(TIMESTAMP))).to_series()


def _first_read(columns: list[pl.Series]) -> pl.Series:
    return pl.select(pl.coalesce(columns)).to_series()


def _relative_date(text: pl.Series, _: str | None, week: date) -> pl.Series:
    """Counted back from the Monday 00:00 UTC of the week; about, over and almost add nothing."""
    lower = text.str.to_lowercase().replace({"yesterday": "1 day", "today": "0 days"})
    parts = lower.str.extract_groups(AGO).struct.unnest()
    monday = pl.lit(datetime(week.year, week.month, week.day, tzinfo=UTC), TIMESTAMP)
    ago = pl.concat_str(
        pl.lit("-"),
        pl.col("count").replace({"a": "1", "an": "1"}),
        pl.col("unit").replace_strict(UNITS, default=None),
    )
    return parts.select(monday.dt.offset_by(ago)).to_series()


def _country(text: pl.Series, _: str | None, __: date) -> pl.Series:
    return country_code(text)


BAND = pl.Struct({"number": pl.Float64, "low": pl.Float64, "high": pl.Float64})

CONVERSIONS = {
    "text": Conversion("text", pl.String(), _text),
    "split_first": Conversion("text", pl.String(), _split_first, "separator"),
    "list": Conversion("a list", pl.List(pl.String()), _list, "separator"),
    "number": Conversion("a number such as 1,100.04 or 18.3 MM", pl.Float64(), _number, "mark"),
    "percent": Conversion("a percentage such as 80", pl.Float64(), _in_units("-2"), "mark"),
    "thousands": Conversion("a number of thousands", pl.Float64(), _in_units("3"), "mark"),
    "millions": Conversion("a number of millions", pl.Float64(), _in_units("6"), "mark"),
    "number_or_band": Conversion("a number or a band such as 51-200", BAND, _band, "mark"),
    "boolean": Conversion("yes or no, true or false, 1 or 0", pl.Boolean(), _boolean),
    "date": Conversion("a date such as 2026-01-31", pl.Date(), _date, "pattern"),
    "timestamp": Conversion(
        "a time such as 2026-01-31T06:30:00Z", TIMESTAMP, _timestamp, "pattern"
    ),
    "relative_date": Conversion("an age such as 5 months", TIMESTAMP, _relative_date),
    "country": Conversion("a country", pl.String(), _country),
}
