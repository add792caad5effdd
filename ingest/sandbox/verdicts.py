"""What sales answered to earlier lists: companies taken on, or qualified out with a reason.

The lists themselves are not known here. Answered is, now and then, who would have been worth a
place on one: a company of our CRM, of middling size, that was under pressure, has somebody in
finance and lies in a country where we have somebody in sales. In each half year a company gets at
most one answer.
"""

import numpy as np
import polars as pl

from ingest.sandbox.companies import employees_at, gathered
from ingest.sandbox.draws import Draws, Ints
from ingest.sandbox.events import FIRST_MONDAY
from ingest.sandbox.issues import PERIOD, Pressure
from ingest.sandbox.words import OWNERS, REFUSALS, RIVAL_REFUSAL, SUBSIDIARY_REFUSAL

_FEWEST, _MOST = 150, 4_000
_PRESSED = 0.8
_ANSWERED, _ACCEPTED = 0.5, 0.4
_FOR_GOOD = -1


def pitched(companies: pl.DataFrame, people: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The companies that sales can be sent to at all, and from which day on (joined_day)."""
    in_finance = people.filter("is_finance").select("company").unique()
    return (
        companies.filter(
            pl.col("domain").is_not_null(), pl.col("country").is_in([land for _, land in OWNERS])
        )
        .join(in_finance, on="company", how="semi", maintain_order="left")
        .join(members.select("company", "joined_day"), on="company", maintain_order="left")
    )


def verdicts_in(
    draws: Draws, pressure: Pressure, companies: pl.DataFrame, period: int
) -> pl.DataFrame:
    """Answers that `pitched` companies got in a half year, by company and given_day.

    is_accepted; of a refusal also reason and until_day, null where it is for good.
    """
    rows = companies["company"].to_numpy()
    steps = period * PERIOD + draws.whole("verdict/week", rows, PERIOD, period)
    given_day = FIRST_MONDAY + 7 * steps + 1 + draws.whole("verdict/day", rows, 4, period)
    employees = employees_at(companies, given_day)
    answered = (
        (given_day > companies["joined_day"].to_numpy())
        & (pressure.on(rows, steps).sum(axis=0) >= _PRESSED)
        & (employees >= _FEWEST)
        & (employees <= _MOST)
        & (draws.uniform("verdict/answer", rows, period) < _ANSWERED)
    )
    found = companies.filter(pl.Series(answered))
    luck = pl.Series(draws.uniform("verdict/accepted", rows[answered], period))
    answers = found.select(
        "company",
        pl.Series("given_day", given_day[answered]),
        (~pl.col("uses_rival") & pl.lit(luck < _ACCEPTED)).alias("is_accepted"),
    )
    return _explained(answers, _refusals(draws, found, period))


def _refusals(draws: Draws, found: pl.DataFrame, period: int) -> Ints:
    """The place in `REFUSALS` of what would be said of each company."""
    weights = [refusal.weight for refusal in REFUSALS]
    said = draws.weighted("verdict/reason", found["company"].to_numpy(), weights, period)
    of_subsidiaries = np.where(found["parent"].is_not_null(), SUBSIDIARY_REFUSAL, said)
    return np.where(found["uses_rival"], RIVAL_REFUSAL, of_subsidiaries).astype(np.int64)


def _explained(answers: pl.DataFrame, refusal: Ints) -> pl.DataFrame:
    """With why and until when, where the answer is a refusal."""
    years = [_FOR_GOOD if each.years is None else each.years for each in REFUSALS]
    ahead = pl.lit(pl.Series(np.array(years)[refusal]))
    last_year = pl.col("given_day").cast(pl.Int32).cast(pl.Date).dt.year() + ahead
    text = pl.lit(gathered([each.text for each in REFUSALS], refusal))
    reason = text.str.replace("YEAR", last_year.cast(pl.String), literal=True)
    until_day = pl.date(last_year, 12, 31).to_physical().cast(pl.Int64)
    return answers.with_columns(
        pl.when(~pl.col("is_accepted")).then(reason).alias("reason"),
        pl.when(~pl.col("is_accepted"), ahead != _FOR_GOOD).then(until_day).alias("until_day"),
    )
