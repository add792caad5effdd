"""What presses the companies, week by week, and the preference that decides who would buy.

Nothing here is ever answered to anybody: research, postings, visits and deals are its traces.
Pressure comes in episodes: in each half year a company may get one of an issue, for 8 to 27 weeks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.companies import Traits
from ingest.sandbox.draws import Draws, Floats, Ints
from ingest.sandbox.words import ISSUES

PERIOD = 26
_ODDS = 0.09
_MOST = 0.6

Grid = NDArray[Any]


@dataclass(frozen=True)
class Pressure:
    """Episodes by half year, issue and company: first step, first step after, height (0: none)."""

    first_period: int
    starts: Grid
    ends: Grid
    heights: Grid

    @classmethod
    def of(cls, draws: Draws, traits: Traits, periods: range) -> "Pressure":
        """Draw the episodes of all half years in `periods` and of the one before."""
        rows = np.arange(len(traits.size))
        leanings = np.stack(_leanings(draws, traits, rows))
        span = range(periods.start - 1, periods.stop)
        cells = [_episodes(draws, leanings, rows, period) for period in span]
        starts, ends, heights = (np.stack(part) for part in zip(*cells, strict=True))
        return cls(span.start, starts, ends, heights)

    def at(self, step: int) -> Floats:
        """Pressure of every issue on every company in that week: (issue, company), 0 to 3."""
        rows = np.arange(self.starts.shape[2])
        return self.on(rows, np.full(len(rows), step))

    def on(self, rows: Ints, steps: Ints) -> Floats:
        """Pressure of every issue on each pair of company and week: (issue, pair)."""
        here = steps // PERIOD - self.first_period
        total = np.zeros((len(ISSUES), len(rows)))
        for period in (here, here - 1):
            starts, ends = self.starts[period, :, rows], self.ends[period, :, rows]
            active = (starts <= steps[:, None]) & (steps[:, None] < ends)
            total += np.where(active, self.heights[period, :, rows], 0.0).T
        return total


def _leanings(draws: Draws, traits: Traits, rows: Ints) -> list[Floats]:
    """How much each issue is at home in each company, in the order of ISSUES."""
    own = [draws.normal(f"leaning/{issue.name}", rows) for issue in ISSUES]
    return [
        0.8 * traits.complexity + 0.5 * own[0],
        0.6 * traits.size + 0.8 * own[1],
        0.6 * traits.growth + 0.5 * traits.complexity + 0.5 * own[2],
        -0.3 * traits.size + 0.9 * own[3],
    ]


def _episodes(draws: Draws, leanings: Floats, rows: Ints, period: int) -> tuple[Grid, Grid, Grid]:
    cells = np.arange(len(ISSUES))[:, None] * 1_000_003 + period
    odds = np.clip(_ODDS * np.exp(0.5 * leanings), 0.0, _MOST)
    here = draws.uniform("episode", rows, cells) < odds
    start = period * PERIOD + draws.whole("episode/start", rows, PERIOD, cells)
    length = 8 + draws.whole("episode/length", rows, 20, cells)
    height = np.where(here, 0.5 + draws.uniform("episode/height", rows, cells), 0.0)
    return start.astype(np.int32), (start + length).astype(np.int32), height.astype(np.float32)


def preference(traits: Traits, pressure: Floats, rows: Ints) -> Floats:
    """The hidden log-odds of buying, given the pressure on those companies: (issue, row)."""
    pressed = np.minimum(pressure.sum(axis=0), 2.0)
    size = traits.size[rows]
    hidden: Floats = (
        -2.4
        + 0.7 * traits.complexity[rows]
        + 0.8 * traits.openness[rows]
        - 0.9 * np.maximum(traits.lock_in[rows], 0.0)
        + 0.3 * traits.growth[rows]
        - 0.45 * (size - 0.7) ** 2
        + 1.5 * pressed
        + 0.4 * pressed * np.maximum(traits.complexity[rows], 0.0)
    )
    return hidden


def odds(preferences: Floats) -> Floats:
    """Log-odds as probability."""
    return 1.0 / (1.0 + np.exp(-preferences))
