"""The companies themselves, as they truly are: names, places, sizes, parents and hidden traits.

What belongs here: what stays (almost) the same from week to week. What sources make of it is in
`records.py`; what happens to companies is in `issues.py`, `events.py` and `deals.py`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.draws import Draws, Floats, Ints
from ingest.sandbox.words import (
    COUNTRIES,
    DIVISIONS,
    ENDINGS,
    ERPS,
    HOSTILE,
    INDUSTRIES,
    STREETS,
    SYLLABLES,
)

SUBSIDIARY_SHARE = 0.14
_BRANDS = len(SYLLABLES) ** 3 * len(ENDINGS)
_BRAND_STRIDE = 1_145_537
_DAY_OF_2024 = 19_723
LARGEST, SMALLEST = 20_000, 10


@dataclass(frozen=True)
class Traits:
    """Hidden traits, one number per company, about standard normal; no source tells any of them."""

    size: Floats
    complexity: Floats
    openness: Floats
    lock_in: Floats
    growth: Floats

    @classmethod
    def of(cls, draws: Draws, rows: Ints) -> "Traits":
        """Draw the traits; bigger companies are more complex."""
        size = draws.normal("trait/size", rows)
        return cls(
            size=size,
            complexity=0.5 * size + 0.85 * draws.normal("trait/complexity", rows),
            openness=draws.normal("trait/openness", rows),
            lock_in=draws.normal("trait/lock_in", rows),
            growth=draws.normal("trait/growth", rows),
        )


def gathered(values: tuple[str, ...] | list[str], at: Ints) -> pl.Series:
    """The text at each position."""
    return pl.Series(values, dtype=pl.String).gather(pl.Series(at))


def employees_at(companies: pl.DataFrame, days: Ints) -> Ints:
    """Head count of each company on its own day (days since 1970): it grows at its own pace."""
    years = (days - _DAY_OF_2024) / 365.25
    grown = companies["employees_2024"].to_numpy() * (1 + companies["growth"].to_numpy()) ** years
    return np.clip(np.rint(grown), SMALLEST, LARGEST).astype(np.int64)


def companies_of(draws: Draws, traits: Traits, count: int) -> pl.DataFrame:
    """One row per legal entity, `company` 0 to count-1; the last 14 % have a `parent`."""
    rows = np.arange(count)
    frame = pl.DataFrame({"company": rows}).with_columns(
        *_places(draws, rows),
        *_sizes(draws, traits, rows),
        *_kinds(draws, traits, rows),
        pl.Series("parent", _parents(draws, traits, count)),
        pl.Series("brand", _brands(draws, rows)),
        pl.Series("division", gathered(DIVISIONS, draws.whole("division", rows, len(DIVISIONS)))),
    )
    return _domained(draws, _hostile(draws, _named(_under_parents(frame))))


def _places(draws: Draws, rows: Ints) -> list[pl.Series]:
    at = draws.weighted("country", rows, [country.weight for country in COUNTRIES])
    cities = [city for country in COUNTRIES for city in country.cities]
    first = np.cumsum([0, *(len(country.cities) for country in COUNTRIES[:-1])])
    many = np.array([len(country.cities) for country in COUNTRIES])
    city = first[at] + (draws.uniform("city", rows) * many[at]).astype(np.int64)
    number = draws.whole("street_number", rows, 180) + 1
    street = gathered(STREETS, draws.whole("street", rows, len(STREETS)))
    line = draws.whole("phone", rows, 100)
    prefix = gathered([country.phone for country in COUNTRIES], at)
    return [
        gathered([country.code for country in COUNTRIES], at).alias("country"),
        gathered([name for name, _, _ in cities], city).alias("city"),
        gathered([region for _, region, _ in cities], city).alias("region"),
        gathered([code for _, _, code in cities], city).alias("postal_code"),
        (pl.Series(number).cast(pl.String) + " " + street).alias("street"),
        (prefix + pl.Series(line).cast(pl.String).str.zfill(2)).alias("phone"),
    ]


def _sizes(draws: Draws, traits: Traits, rows: Ints) -> list[pl.Series]:
    employees = np.clip(np.exp(5.6 + 1.3 * traits.size), SMALLEST, LARGEST)
    revenue = employees * (120_000 + 160_000 * draws.uniform("revenue", rows))
    entities = np.clip(np.exp(0.6 + 0.8 * traits.complexity), 1, 120).astype(np.int64)
    return [
        pl.Series("employees_2024", employees),
        pl.Series("growth", np.clip(0.04 + 0.09 * traits.growth, -0.2, 0.4)),
        pl.Series("revenue_usd", revenue),
        pl.Series("legal_entities", entities),
        pl.Series("founded_year", 2022 - (draws.uniform("founded", rows) ** 1.8 * 110).astype(int)),
    ]


def _kinds(draws: Draws, traits: Traits, rows: Ints) -> list[pl.Series]:
    at = draws.weighted("industry", rows, [industry.weight for industry in INDUSTRIES])
    listed = draws.normal("listed", rows) + 0.7 * traits.size > 1.6
    backed = draws.normal("backed", rows) + 0.5 * traits.growth > 1.1
    ownership = np.where(listed, "public", np.where(backed, "private equity", "private"))
    erp = draws.weighted("erp", rows, [weight for _, weight in ERPS])
    rival = draws.normal("rival", rows) + traits.lock_in > 1.4
    words = [word for industry in INDUSTRIES for word in industry.words]
    first = np.cumsum([0, *(len(industry.words) for industry in INDUSTRIES[:-1])])
    many = np.array([len(industry.words) for industry in INDUSTRIES])
    word = first[at] + (draws.uniform("word", rows) * many[at]).astype(np.int64)
    return [
        gathered([industry.name for industry in INDUSTRIES], at).alias("industry"),
        gathered([industry.sic for industry in INDUSTRIES], at).alias("sic"),
        gathered([industry.hubspot for industry in INDUSTRIES], at).alias("hubspot_industry"),
        gathered(words, word).alias("word"),
        pl.Series("ownership", ownership),
        gathered([name for name, _ in ERPS], erp).alias("erp"),
        pl.Series("uses_rival", rival),
    ]


def _parents(draws: Draws, traits: Traits, count: int) -> pl.Series:
    """Complex companies own more; every tenth subsidiary belongs to another one above it."""
    children = round(count * SUBSIDIARY_SHARE)
    first = count - children
    rows = np.arange(first, count)
    complexity = traits.complexity[:first]
    appeal = 0.03 + (complexity > 1.2) * np.exp(0.5 * complexity)
    owner = draws.weighted("parent", rows, appeal)
    step_up = first + (draws.uniform("grandparent", rows) * (rows - first)).astype(np.int64)
    nested = (draws.uniform("nested", rows) < 0.1) & (rows > first)
    parent = np.where(nested, step_up, owner)
    return pl.concat([pl.Series([None] * first, dtype=pl.Int64), pl.Series(parent)])


def _brands(draws: Draws, rows: Ints) -> pl.Series:
    """A name that nobody has, different for each row; every fiftieth company has a namesake."""
    shift = int(draws.whole("brands", 0, _BRANDS)[0])
    namesake = (draws.uniform("namesake", rows) < 0.02) & (rows > 0)
    number = ((rows - namesake) * _BRAND_STRIDE + shift) % _BRANDS
    many = len(SYLLABLES)
    syllables = [gathered(SYLLABLES, number // many**place % many) for place in range(3)]
    brand = syllables[0] + syllables[1] + syllables[2] + gathered(ENDINGS, number // many**3)
    return brand.str.to_titlecase()


def _under_parents(frame: pl.DataFrame) -> pl.DataFrame:
    """Subsidiaries are smaller than their parent, and half of them carry its brand."""
    above = pl.col("parent")
    inherits = above.is_not_null() & (pl.col("company") % 2 == 0)
    parent_size = pl.col("employees_2024").gather(above)
    return frame.with_columns(
        pl.when(inherits).then(pl.col("brand").gather(above)).otherwise("brand").alias("brand"),
        pl.when(inherits).then("division").otherwise("word").alias("word"),
        pl.when(above.is_not_null())
        .then(pl.min_horizontal("employees_2024", parent_size * 0.4).clip(SMALLEST))
        .otherwise("employees_2024")
        .alias("employees_2024"),
        pl.when(above.is_not_null())
        .then(pl.lit("subsidiary"))
        .otherwise("ownership")
        .alias("ownership"),
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The everyday name, the legal name (some in the country's own script) and the legal form."""
    forms = {country.code: list(country.forms) for country in COUNTRIES}
    frame = frame.with_columns(
        (pl.col("brand") + " " + pl.col("word")).alias("name"),
        pl.col("country")
        .replace_strict(forms, return_dtype=pl.List(pl.String))
        .list.get(pl.col("company") * 7 % pl.col("country").replace_strict(_lengths(forms)))
        .alias("legal_form"),
        _native_name().alias("native_name"),
    )
    latin = pl.concat_str("name", "legal_form", separator=" ")
    native = pl.concat_str("native_name", "legal_form", separator=" ")
    has_native = pl.col("native_name").is_not_null() & (pl.col("company") % 3 == 0)
    return frame.with_columns(pl.when(has_native).then(native).otherwise(latin).alias("legal_name"))


def _lengths(forms: dict[str, list[str]]) -> dict[str, int]:
    return {code: len(names) for code, names in forms.items()}


def _native_name() -> pl.Expr:
    """Five letters of the country's script, picked by the company's number."""
    scripts = {country.code: country.script for country in COUNTRIES}
    script = pl.col("country").replace_strict(scripts)
    length = script.str.len_chars().cast(pl.Int64)
    letters = [
        script.str.slice(pl.col("company") // 3**place * 13 % pl.when(length > 0).then(length), 1)
        for place in range(5)
    ]
    return pl.when(length > 0).then(pl.concat_str(letters))


def _hostile(draws: Draws, frame: pl.DataFrame) -> pl.DataFrame:
    """Spoil the names of a few: each kind of `HOSTILE` at least once, more in a large market."""
    order = np.argsort(draws.bits("hostile", frame["company"].to_numpy()), kind="stable")
    many = min(frame.height, max(len(HOSTILE), frame.height // 150))
    kind = np.full(frame.height, -1)
    kind[order[:many]] = np.arange(many) % len(HOSTILE)
    spoiled = pl.Series(kind >= 0)
    before = gathered([start for start, _ in HOSTILE], np.maximum(kind, 0))
    after = gathered([end for _, end in HOSTILE], np.maximum(kind, 0))
    return frame.with_columns(
        pl.when(spoiled).then(before + pl.col(name) + after).otherwise(name).alias(name)
        for name in ("name", "legal_name")
    )


def _domained(draws: Draws, frame: pl.DataFrame) -> pl.DataFrame:
    """One domain each; some have none, some subsidiaries only their parent's, some an umlaut."""
    rows = frame["company"].to_numpy()
    tlds = {country.code: country.tld for country in COUNTRIES}
    umlaut = pl.Series(draws.uniform("umlaut", rows) < 0.03) & pl.col("country").is_in(
        ["DE", "SE", "FR"]
    )
    slug = pl.col("brand").str.to_lowercase()
    slug = pl.when(umlaut).then(slug + "ö").otherwise(slug)
    namesakes = pl.int_range(pl.len()).over("slug")
    tail = pl.when(namesakes > 0).then("-" + namesakes.cast(pl.String)).otherwise(pl.lit(""))
    domain = pl.col("slug") + tail + "-fictive." + pl.col("country").replace_strict(tlds)
    shares = pl.Series(draws.uniform("shared_domain", rows) < 0.05)
    return (
        frame.with_columns(slug.alias("slug"))
        .with_columns(domain.alias("own_domain"))
        .with_columns(
            pl.when(pl.Series(draws.uniform("no_domain", rows) < 0.06))
            .then(None)
            .when(shares & pl.col("parent").is_not_null())
            .then(pl.col("own_domain").gather(pl.col("parent")))
            .otherwise("own_domain")
            .alias("domain")
        )
        .drop("slug", "own_domain", "native_name", "division")
    )
