"""The market as a whole, and how it stands on a given day.

`market(companies, seed).at(week)` is the one way in. A later week holds the past of an earlier
one; history reaches back two years. Frames hold the truth: no vendor's errors, no formats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import polars as pl

from ingest.sandbox.companies import Traits, companies_of, employees_at
from ingest.sandbox.deals import customers_on, deals_in, deals_on, periods_for
from ingest.sandbox.draws import Draws, Floats, Ints
from ingest.sandbox.events import (
    boards_of,
    news_in,
    postings_in,
    research_in,
    step_of,
    visits_in,
    worded_postings,
)
from ingest.sandbox.issues import Pressure, odds, preference
from ingest.sandbox.people import people_on
from ingest.sandbox.verdicts import pitched, verdicts_in

HISTORY_DAYS = 2 * 364
_LONGEST_POSTING_STEPS = 29
_EPOCH = date(1970, 1, 1)
_DAY_OF_2018, _DAY_OF_2000 = 17_532, 10_957


@dataclass(frozen=True)
class Snapshot:
    """The market on the morning of `day` (days since 1970); what happens later is not in it.

    companies: one row per legal entity, with `employees` and `is_dissolved` as of the day.
    subsidiaries: child, parent, since_day.
    members: companies that our CRM knows, with joined_day, and whether each is a customer.
    people: one row per person in a seat.
    former_people: the same a year earlier, for who does not keep up.
    research, visits, news: two years of events. postings: those that are open on the day.
    boards: who has a job board. deals: two years, open ones without their end.
    verdicts: two years of what sales answered to lists.
    would_buy: the hidden truth, one flag per company.
    """

    day: int
    companies: pl.DataFrame
    subsidiaries: pl.DataFrame
    members: pl.DataFrame
    people: pl.DataFrame
    former_people: pl.DataFrame
    research: pl.DataFrame
    visits: pl.DataFrame
    news: pl.DataFrame
    boards: pl.DataFrame
    postings: pl.DataFrame
    deals: pl.DataFrame
    verdicts: pl.DataFrame
    would_buy: pl.Series


@dataclass(frozen=True)
class Market:
    """A market of so many companies (legal entities, subsidiaries among them) for a seed."""

    count: int
    seed: int

    @cached_property
    def draws(self) -> Draws:
        """Where every number of this market comes from."""
        return Draws(self.seed)

    @cached_property
    def rows(self) -> Ints:
        """The numbers of the companies."""
        return np.arange(self.count)

    @cached_property
    def traits(self) -> Traits:
        """What nobody is told."""
        return Traits.of(self.draws, self.rows)

    @cached_property
    def companies(self) -> pl.DataFrame:
        """What stays the same about the companies."""
        return companies_of(self.draws, self.traits, self.count)

    @cached_property
    def boards(self) -> pl.DataFrame:
        """Companies with a job board."""
        return boards_of(self.draws, self.traits, self.companies)

    @cached_property
    def members(self) -> pl.DataFrame:
        """Companies that our CRM knows or will know, and since when; bigger ones more often."""
        chance = np.clip(0.54 + 0.14 * self.traits.size, 0.1, 0.95)
        spread = self.draws.uniform("joined", self.rows)
        joined = _DAY_OF_2018 + np.where(spread < 0.85, spread * 1_800, 1_530 + spread * 2_000)
        known = self.draws.uniform("member", self.rows) < chance
        return pl.DataFrame({"company": self.rows, "joined_day": joined.astype(np.int64)}).filter(
            pl.Series(known)
        )

    def at(self, week: date, history_days: int = HISTORY_DAYS) -> Snapshot:
        """The market as it stands on the morning of that day; events reach back so many days."""
        day = (week - _EPOCH).days
        step, start = step_of(day - 1), day - history_days
        pressure = Pressure.of(self.draws, self.traits, periods_for(day))
        now = pressure.at(step)
        steps = range(step_of(start), step + 1)
        deals = pl.concat(
            deals_in(self.draws, self.traits, pressure, self.members, period)
            for period in periods_for(day)
        )
        visits = _events(steps, lambda at: visits_in(self.draws, pressure.at(at), at))
        news = _events(steps, lambda at: news_in(self.draws, self.traits, at))
        research = _events(
            range(steps.start - 1, steps.stop),
            lambda at: research_in(self.draws, pressure.at(at), at),
        )
        window = pl.col("day").is_between(start, day - 1)
        people = people_on(self.draws, self.companies, day)
        return Snapshot(
            day=day,
            companies=self._companies_on(day),
            subsidiaries=self._subsidiaries_on(day),
            members=self._members_on(deals, day),
            people=people,
            former_people=people_on(self.draws, self.companies, day - 365),
            research=research.filter(pl.col("day").is_between(start, day)),
            visits=visits.filter(window),
            news=news.filter(window),
            boards=self.boards,
            postings=self._postings_on(pressure, step, day),
            deals=deals_on(deals.filter(pl.col("opened_day") >= start), day),
            verdicts=self._verdicts_on(pressure, people, day),
            would_buy=self._would_buy(now),
        )

    def _companies_on(self, day: int) -> pl.DataFrame:
        days = np.full(self.count, day)
        end = 19_000 + self.draws.uniform("dissolved", self.rows) * 150_000
        return self.companies.with_columns(
            pl.Series("employees", employees_at(self.companies, days)),
            pl.Series("is_dissolved", end < day),
        )

    def _subsidiaries_on(self, day: int) -> pl.DataFrame:
        spread = self.draws.uniform("acquired", self.rows) ** 0.7
        since = _DAY_OF_2000 + (spread * 28 * 365).astype(np.int64)
        return self.companies.select("company", "parent", since_day=pl.Series(since)).filter(
            pl.col("parent").is_not_null(), pl.col("since_day") < day
        )

    def _members_on(self, deals: pl.DataFrame, day: int) -> pl.DataFrame:
        customers = customers_on(self.draws, deals, self.members, day)
        return self.members.filter(pl.col("joined_day") < day).with_columns(
            pl.col("company").is_in(pl.Series(customers).implode()).alias("is_customer")
        )

    def _postings_on(self, pressure: Pressure, step: int, day: int) -> pl.DataFrame:
        postings = _events(
            range(step - _LONGEST_POSTING_STEPS, step + 1),
            lambda at: postings_in(self.draws, self.boards, pressure.at(at), at),
        )
        is_open = (pl.col("day") < day) & (pl.col("last_day") >= day)
        return worded_postings(postings.filter(is_open), self.boards)

    def _verdicts_on(self, pressure: Pressure, people: pl.DataFrame, day: int) -> pl.DataFrame:
        companies = pitched(self.companies, people, self.members)
        verdicts = pl.concat(
            verdicts_in(self.draws, pressure, companies, period) for period in periods_for(day)
        )
        return verdicts.filter(pl.col("given_day").is_between(day - HISTORY_DAYS, day - 1))

    def _would_buy(self, pressure: Floats) -> pl.Series:
        chance = odds(preference(self.traits, pressure, self.rows))
        return pl.Series("would_buy", self.draws.uniform("would_buy", self.rows) < chance)


def _events(steps: range, events_in: Callable[[int], pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(events_in(step) for step in steps)


@lru_cache(maxsize=2)
def market(companies: int, seed: int) -> Market:
    """The market of that size and seed; asked again in the same process, the same object."""
    return Market(companies, seed)
