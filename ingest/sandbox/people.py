"""The people who work at the companies: seats that are taken by somebody else every few years.

One row per person in a seat on a day. Names are made of given names and syllables.
"""

import numpy as np
import polars as pl

from ingest.sandbox.companies import gathered
from ingest.sandbox.draws import Draws, Floats, Ints
from ingest.sandbox.words import (
    FINANCE_TITLES,
    FREE_MAIL,
    GIVEN_NAMES,
    LOCAL_FINANCE_TITLES,
    OTHER_TITLES,
    SYLLABLES,
)

SEATS = 6
_TENURE_DAYS = 1_400
_STAFFED = 0.62
_TITLES = [*FINANCE_TITLES, *OTHER_TITLES]
_FIRST_LOCAL = len(_TITLES)
_LOCAL = [title for titles in LOCAL_FINANCE_TITLES.values() for title in titles]


def people_on(draws: Draws, companies: pl.DataFrame, day: int) -> pl.DataFrame:
    """Who sits where on that day (days since 1970): 2 to 6 people in about 60 % of companies."""
    all_companies = companies["company"].to_numpy()
    many = 2 + draws.whole("seats", all_companies, SEATS - 1)
    larger = np.log(companies["employees_2024"].to_numpy() / 270)
    chance = np.clip(_STAFFED + 0.12 * larger, 0.2, 0.95)
    staffed = draws.uniform("staffed", all_companies) < chance
    company = np.repeat(all_companies, np.where(staffed, many, 0))
    first = np.concatenate([[0], np.cumsum(np.where(staffed, many, 0))[:-1]])
    seat = company * SEATS + np.arange(len(company)) - np.repeat(first, np.where(staffed, many, 0))
    holder = (day + draws.whole("tenure", seat, _TENURE_DAYS)) // _TENURE_DAYS
    frame = pl.DataFrame({"company": company, "seat": seat, "holder": holder}).with_columns(
        pl.col("company")
        .replace_strict(companies["company"], companies["country"])
        .alias("country")
    )
    return _reachable(draws, _named(draws, _titled(draws, frame)), companies)


def _titled(draws: Draws, people: pl.DataFrame) -> pl.DataFrame:
    seat, holder = people["seat"].to_numpy(), people["holder"].to_numpy()
    finance = draws.uniform("finance", seat) < 0.5
    at = np.where(
        finance,
        draws.weighted("title", seat, np.linspace(2.0, 0.8, len(FINANCE_TITLES)), holder),
        len(FINANCE_TITLES) + draws.whole("other_title", seat, len(OTHER_TITLES), holder),
    )
    spoken = draws.uniform("local_title", seat, holder)
    start = _FIRST_LOCAL
    for country, titles in LOCAL_FINANCE_TITLES.items():
        chosen = (people["country"] == country).to_numpy() & finance & (spoken < 0.6)
        at = np.where(chosen, start + (spoken / 0.6 * len(titles)).astype(np.int64), at)
        start += len(titles)
    every = [*_TITLES, *_LOCAL]
    return people.with_columns(
        gathered([title.title for title in every], at).alias("title"),
        gathered([title.department for title in every], at).alias("department"),
        gathered([title.seniority for title in every], at).alias("seniority"),
        pl.Series("is_finance", finance),
    )


def _named(draws: Draws, people: pl.DataFrame) -> pl.DataFrame:
    seat, holder = people["seat"].to_numpy(), people["holder"].to_numpy()
    given = gathered(GIVEN_NAMES, draws.whole("given", seat, len(GIVEN_NAMES), holder))
    parts = [
        gathered(SYLLABLES, draws.whole(f"surname/{place}", seat, len(SYLLABLES), holder))
        for place in range(2)
    ]
    surname = (parts[0] + parts[1]).str.to_titlecase() + "wen"
    return people.with_columns(
        given.alias("given_name"),
        surname.alias("surname"),
        (given + " " + surname).alias("full_name"),
    )


def _reachable(draws: Draws, people: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Addresses: most at the company's domain, some at a free mail host, unusable or none."""
    seat, holder = people["seat"].to_numpy(), people["holder"].to_numpy()
    kind = draws.uniform("email", seat, holder)
    host = gathered(FREE_MAIL, draws.whole("free_mail", seat, len(FREE_MAIL)))
    domain = pl.col("company").replace_strict(companies["company"], companies["domain"])
    local = (
        pl.concat_str(pl.col("given_name"), pl.col("surname"), separator=".")
        .str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"[^a-z.]", "")
    )
    at_work = local + "@" + domain
    # A made-up person must not own a real person's mail box: the free ones say what they are.
    at_home = local + ".fictive" + pl.col("seat").cast(pl.String) + "@" + pl.lit(host)
    email = (
        pl.when(_below(kind, 0.03)).then(at_home)
        .when(_below(kind, 0.05)).then(pl.lit("n/a"))
        .when(_below(kind, 0.20)).then(None)
        .otherwise(at_work)
    )  # fmt: skip
    extension = pl.Series(draws.whole("extension", seat, 100)).cast(pl.String).str.zfill(2)
    slug = local.str.replace(".", "-", literal=True) + "-" + pl.col("seat").cast(pl.String)
    return people.with_columns(
        domain.alias("domain"),
        email.alias("email"),
        pl.when(_below(draws.uniform("own_phone", seat, holder), 0.3))
        .then("+1 202-555-01" + pl.lit(extension))
        .alias("phone"),
        pl.when(_below(draws.uniform("profile", seat, holder), 0.6))
        .then("https://people.example/in/" + slug)
        .alias("profile_url"),
        pl.Series("is_opted_out", draws.uniform("opted_out", seat, holder) < 0.05),
        pl.Series("is_do_not_call", draws.uniform("do_not_call", seat, holder) < 0.04),
    )


def _below(numbers: Floats | Ints, limit: float) -> pl.Expr:
    return pl.lit(pl.Series(numbers < limit))
