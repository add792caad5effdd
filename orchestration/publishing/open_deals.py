"""The review of open deals in numbers, as pages tell it; a file tells it deal by deal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration.explanations import ask
from orchestration.publishing.shares import Share, shares


@dataclass(frozen=True)
class OpenDeals:
    """How many there are, of how many the age could be compared and how many of those are older
    than usual; their verdicts, and the weak legs of those that are to be found out."""

    deals: int
    compared: int
    older: int
    verdicts: Sequence[Share]
    weak_legs: Sequence[Share]


def open_deals(marts: duckdb.DuckDBPyConnection) -> OpenDeals:
    """The open deals of a published marts file."""
    return OpenDeals(
        **ask(marts, _COUNTED)[0],
        verdicts=shares(marts, _VERDICTS),
        weak_legs=shares(marts, _WEAK_LEGS),
    )


_COUNTED = """
    select count(*) as deals, count(is_older_than_usual) as compared,
        count(*) filter (is_older_than_usual) as older
    from pipeline_review
"""

_VERDICTS = """
    select verdict, count(*) from pipeline_review group by verdict
    order by array_position(['keep', 'find_out', 'qualify_out'], verdict)
"""

_WEAK_LEGS = """
    select coalesce(weak_leg, 'account not known') as leg, count(*) as deals
    from pipeline_review where verdict = 'find_out' group by leg order by deals desc, leg
"""
