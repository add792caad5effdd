"""Deals of our own sales team: opened on pressed companies, won by the hidden preference.

In each half year a company known to the CRM has at most one deal, so that any half year can be
made without the others. A company whose deal was won is a customer for two years.
"""

import numpy as np
import polars as pl

from ingest.sandbox.companies import Traits, gathered
from ingest.sandbox.draws import Draws, Ints
from ingest.sandbox.events import FIRST_MONDAY, monday_of, step_of
from ingest.sandbox.issues import PERIOD, Pressure, odds, preference
from ingest.sandbox.words import LOSS_REASONS, OPEN_STAGES

CUSTOMER_DAYS = 2 * 364
LONGEST_DEAL_DAYS = 175
_OPENED = 0.115
_EAGER = 0.5


def deals_in(
    draws: Draws, traits: Traits, pressure: Pressure, members: pl.DataFrame, period: int
) -> pl.DataFrame:
    """Deals opened in a half year by `members` (company, joined_day), with their end."""
    rows = members["company"].to_numpy()
    day = monday_of(period * PERIOD) + draws.whole("deal/day", rows, PERIOD * 7, period)
    steps = (day - FIRST_MONDAY) // 7
    now = pressure.on(rows, steps)
    chance = _OPENED * (1 + np.minimum(now.sum(axis=0), 2.0)) * np.exp(0.2 * traits.size[rows])
    opened = (draws.uniform("deal", rows, period) < chance) & (
        day > members["joined_day"].to_numpy()
    )
    found = rows[opened]
    wins = odds(preference(traits, now[:, opened], found) + _EAGER)
    length = 25 + draws.whole("deal/length", found, LONGEST_DEAL_DAYS - 25, period)
    amount = 18_000 + 9 * np.exp(5.6 + 1.3 * traits.size[found]) * (
        0.5 + draws.uniform("deal/amount", found, period)
    )
    return pl.DataFrame(
        {
            "company": found,
            "deal": 5_000_000_000 + found * 1_000 + period,
            "opened_day": day[opened],
            "closed_day": day[opened] + length,
            "is_won": draws.uniform("deal/won", found, period) < wins,
            "amount": np.rint(amount / 100) * 100,
            "loss_reason": gathered(
                LOSS_REASONS, draws.weighted("deal/loss", found, [45, 20, 15, 15, 5], period)
            ),
        }
    )


def deals_on(deals: pl.DataFrame, day: int) -> pl.DataFrame:
    """Deals as they stand on that day: the end of open ones is not known yet, only their stages and
    the day on which each was come into."""
    is_closed = pl.col("closed_day") < day
    span = pl.col("closed_day") - pl.col("opened_day")
    progress = (day - pl.col("opened_day")) * len(OPEN_STAGES) // (span + 1)
    stages = pl.lit(pl.Series(OPEN_STAGES)).implode()
    return deals.filter(pl.col("opened_day") < day).with_columns(
        pl.when(is_closed & pl.col("is_won")).then(pl.lit("closedwon"))
        .when(is_closed).then(pl.lit("closedlost"))
        .otherwise(stages.list.get(progress.clip(0, len(OPEN_STAGES) - 1)))
        .alias("stage"),
        *(_entered(number, day) for number in range(len(OPEN_STAGES))),
        pl.when(is_closed).then("closed_day").alias("closed_day"),
        pl.when(is_closed).then("is_won").alias("is_won"),
        pl.when(is_closed & ~pl.col("is_won")).then("loss_reason").alias("loss_reason"),
    )  # fmt: skip


def entered_column(number: int) -> str:
    """The column with the day on which a deal came into one of OPEN_STAGES, by its number."""
    return f"entered_{number}_day"


def _entered(number: int, day: int) -> pl.Expr:
    """Stages follow each other evenly from opening to closing; those to come are not known yet."""
    span = pl.col("closed_day") - pl.col("opened_day")
    entered = pl.col("opened_day") + -(-number * (span + 1) // len(OPEN_STAGES))
    return pl.when(entered <= day).then(entered).alias(entered_column(number))


def customers_on(draws: Draws, deals: pl.DataFrame, members: pl.DataFrame, day: int) -> Ints:
    """Companies that are customers on that day: won in the last two years, or long before."""
    won = deals.filter(
        pl.col("is_won"), pl.col("closed_day").is_between(day - CUSTOMER_DAYS, day - 1)
    )
    rows = members["company"].to_numpy()
    old = rows[draws.uniform("old_customer", rows) < 0.03]
    return np.union1d(won["company"].to_numpy(), old)


def periods_for(day: int) -> range:
    """The half years whose deals can still matter on that day."""
    first = step_of(day - CUSTOMER_DAYS - LONGEST_DEAL_DAYS) // PERIOD
    return range(first, step_of(day) // PERIOD + 1)
