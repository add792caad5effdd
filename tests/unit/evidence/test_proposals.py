"""New criteria from the attributes on offer: what tells is found, and what doesn't is left."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from orchestration.evidence.candidates import BAND, VALUES, Candidate, nested
from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.proposals import proposed, with_proposals
from orchestration.evidence.scorecard import chances
from orchestration.evidence.verdicts import NO_EFFECT

DEALS = 3_000
DAY = datetime(2026, 5, 4)
OWN = Row("own", "criterion", "organisation", "demographic", "employees", 10)


def deals(log_odds: np.ndarray, random: np.random.Generator) -> Deals:
    """Deals won by these log-odds, of a document with one criterion that means nothing."""
    frame = pl.DataFrame(
        {
            "is_won": random.random(DEALS) < chances(log_odds),
            "judged_at": [DAY] * DEALS,
            "criterion_own": (random.random(DEALS) < 0.5).astype(float),
        }
    )
    return Deals(frame, np.arange(DEALS) < 2_000, "")


def test_a_planted_band_and_value_are_proposed() -> None:
    """Mid-sized ones and one colour win; size is told in bands around the best."""
    random = np.random.default_rng(11)
    size = random.integers(1, 1_000, DEALS)
    colour = random.choice(["Blue", "red", "green"], DEALS)
    founded = [date(2026, 5, 4) - timedelta(days=int(n)) for n in random.integers(0, 900, DEALS)]
    best = (size >= 400) & (size < 700)
    given = deals(-1.5 + 1.5 * best + 1.0 * (colour == "Blue"), random)
    values = pl.DataFrame(
        {"employees": size, "attributes.colour": colour, "attributes.founded": founded}
    )

    points, proposals = proposed(given, values, [OWN], [NO_EFFECT], given.is_train)

    conditions = {(each.row.attribute, each.operator) for each in proposals}
    assert ("attributes.colour", "is") in conditions
    assert ("employees", "between") in conditions
    assert not [each for each in proposals if each.row.attribute == "attributes.founded"]
    blue = next(each for each in proposals if each.operand == "blue")
    assert blue.row.points and blue.row.points > 20
    assert points[0] is not None and abs(points[0]) < 10
    assert {each.row.column for each in proposals} < set(
        with_proposals(given, proposals).frame.columns
    )


def test_noise_proposes_nothing_and_leaves_the_points() -> None:
    """Where no attribute tells anything the document stays as it is."""
    random = np.random.default_rng(12)
    given = deals(np.full(DEALS, -1.0), random)
    values = pl.DataFrame({"employees": random.integers(1, 1_000, DEALS)})

    assert proposed(given, values, [OWN], [NO_EFFECT], given.is_train) == ([10], [])


@pytest.mark.parametrize(
    ("kind", "bounds", "points", "expected"),
    [
        (
            BAND,
            [(None, 99), (100, 199), (200, None)],
            [0, 5, 8],
            {("at_least", 100): 5, ("at_least", 200): 3},
        ),
        (
            BAND,
            [(None, 99), (100, 199), (200, None)],
            [-4, 6, 0],
            {("between", (100, 199)): 6, ("at_most", 99): -4},
        ),
        (VALUES, [("a",), ("b",), ("c",)], [3, 7, 0], {("in", ("a", "b")): 3, ("is", "b"): 4}),
    ],
    ids=["rising", "from the centre", "values"],
)
def test_steps_are_nested(
    kind: str, bounds: list[tuple[object, ...]], points: list[float], expected: dict[object, float]
) -> None:
    """Each part gets its points as the sum of the steps that it reaches."""
    parts = [Candidate("x", kind, each, np.eye(3)[n]) for n, each in enumerate(bounds)]

    found = nested(parts, points)

    conditions = {
        (operator, tuple(operand) if isinstance(operand, list) else operand): value
        for (operator, operand), value in ((part.condition, value) for part, value in found)
    }
    assert conditions == expected
    assert sum(value * part.met for part, value in found).tolist() == points
