"""Criteria that could be: the bands, ages and values of an attribute that deals can be told by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.evidence.leaks import band_edges
from orchestration.evidence.verdicts import LEAST_DEALS

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

BAND, AGE, VALUES, OTHERS = "band", "age", "values", "others"

_DEALS_PER_BAND, _FEWEST_BANDS, _MOST_BANDS = 100, 3, 8
_MOST_DAYS = 36_500


@dataclass(frozen=True)
class Candidate:
    """One of the parts that an attribute falls into, and the deals that are in it.

    A band's bounds are (low, high), null at an open end, both inside. An age's are (days,). Values
    are those that count; others those that don't, whatever else is known.
    """

    attribute: str
    kind: str
    bounds: tuple[Any, ...]
    met: Floats

    @property
    def condition(self) -> tuple[str, Any]:
        """The operator of the document, and its operand."""
        if self.kind == AGE:
            return "within_days", {"days": self.bounds[0]}
        if self.kind == OTHERS:
            return "not_in", list(self.bounds)
        if self.kind == VALUES:
            return ("is", self.bounds[0]) if len(self.bounds) == 1 else ("in", list(self.bounds))
        low, high = self.bounds
        if low is None or high is None:
            return ("at_most", high) if low is None else ("at_least", low)
        return ("is", low) if low == high else ("between", [low, high])


def candidates_of(
    name: str, values: pl.Series, judged_at: pl.Series, fitted: Booleans
) -> list[Candidate]:
    """The parts of an attribute, by the values that the fitted deals have of it."""
    if values.dtype.is_temporal():
        ages = (judged_at.cast(pl.Date) - values.cast(pl.Date)).dt.total_days()
        return list(_ages(name, ages.cast(pl.Float64), fitted))
    if values.dtype.is_numeric():
        return list(_bands(name, values.cast(pl.Float64), fitted))
    return list(_values(name, values, fitted))


def nested(parts: Sequence[Candidate], points: Sequence[float]) -> list[tuple[Candidate, float]]:
    """Criteria that together give each part of one attribute its points, and the points of each.

    From what most parts are worth at least to what only the best are worth: each step is given to
    all parts that reach it, so that what can be earned in sum is what the best part earns. Parts
    worth less than nothing lose by steps in the same way.
    """
    if parts[0].kind == AGE:
        return [(each, value) for each, value in zip(parts, points, strict=True) if value]
    found: dict[tuple[str, tuple[Any, ...]], tuple[Candidate, float]] = {}
    for sign in (1, -1):
        reached = 0.0
        for level in sorted({sign * value for value in points if sign * value > 0}):
            for part in _united(parts, [sign * value >= level for value in points]):
                key = (part.kind, part.bounds)
                _, before = found.get(key, (part, 0.0))
                found[key] = (part, before + sign * (level - reached))
            reached = level
    return list(found.values())


def _united(parts: Sequence[Candidate], chosen: Sequence[bool]) -> Iterator[Candidate]:
    """The chosen parts of an attribute as few criteria."""
    members = [part for part, is_chosen in zip(parts, chosen, strict=True) if is_chosen]
    if parts[0].kind == BAND:
        # No operator says that a number is known, whatever it is, so all of them are two criteria.
        split = 1 if all(chosen) else 0
        runs = groupby(enumerate(chosen), key=lambda place: (place[1], place[0] < split))
        for (is_chosen, _), run in runs:
            if is_chosen:
                bands = [parts[place] for place, _ in run]
                bounds = (bands[0].bounds[0], bands[-1].bounds[1])
                yield replace(bands[0], bounds=bounds, met=_sum(bands))
    elif isinstance(members[0].bounds[0], bool):
        yield from members
    elif any(part.kind == OTHERS for part in members) and not all(chosen):
        left = [part for part, is_chosen in zip(parts, chosen, strict=True) if not is_chosen]
        bounds = tuple(part.bounds[0] for part in left)
        yield replace(parts[0], kind=OTHERS, bounds=bounds, met=_sum(members))
    else:
        named = [part for part in members if part.kind == VALUES]
        bounds = tuple(part.bounds[0] for part in named)
        yield replace(parts[0], bounds=bounds, met=_sum(named))


def _sum(parts: Sequence[Candidate]) -> Floats:
    total: Floats = np.sum([part.met for part in parts], axis=0)
    return total


def _bands(name: str, numbers: pl.Series, fitted: Booleans) -> Iterator[Candidate]:
    known = numbers.filter(pl.Series(fitted)).drop_nulls()
    edges = band_edges(known, _bands_for(known.len()))
    is_whole = bool((known == known.round(0)).all())
    starts = [float(edge) for edge in edges] if is_whole else _cuts(known, edges)
    if not starts:
        return
    ends = [start - 1 if is_whole else start for start in starts]
    given = numbers.to_numpy()
    for low, high in zip([None, *starts], [*ends, None], strict=True):
        with np.errstate(invalid="ignore"):
            above = ~np.isnan(given) if low is None else given >= low
            below = ~np.isnan(given) if high is None else given <= high
        yield Candidate(name, BAND, (low, high), _floats(above & below))


def _cuts(known: pl.Series, edges: Floats) -> list[float]:
    """Where bands of fractions meet: the shortest numbers between values on both sides."""
    ordered = np.unique(known.to_numpy())
    below = ordered[np.searchsorted(ordered, edges) - 1]
    return [_shortest(float(low), float(high)) for low, high in zip(below, edges, strict=True)]


def _shortest(low: float, high: float) -> float:
    middle = (low + high) / 2
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 17))
    return next((number for number in rounded if low < number < high), middle)


def _ages(name: str, ages: pl.Series, fitted: Booleans) -> Iterator[Candidate]:
    """Ages up to each edge: each counts on top of the wider ones."""
    known = ages.filter(pl.Series(fitted)).drop_nulls()
    known = known.filter(known >= 0)
    given = ages.to_numpy()
    for edge in band_edges(known, _bands_for(known.len())):
        if 0 < edge <= _MOST_DAYS:
            with np.errstate(invalid="ignore"):
                yield Candidate(name, AGE, (int(edge),), _floats((given >= 0) & (given <= edge)))


def _values(name: str, values: pl.Series, fitted: Booleans) -> Iterator[Candidate]:
    texts = values.cast(pl.String).str.to_lowercase().rename("value")
    counted = texts.filter(pl.Series(fitted)).drop_nulls().value_counts().sort("value")
    frequent = counted.filter(pl.col("count") >= LEAST_DEALS)["value"].to_list()
    is_boolean = bool(frequent) and set(counted["value"]) <= {"true", "false"}
    for value in frequent:
        bound = value == "true" if is_boolean else value
        yield Candidate(name, VALUES, (bound,), _floats((texts == value).fill_null(False)))
    others = texts.is_not_null() & ~texts.is_in(frequent)
    if frequent and not is_boolean and (_floats(others)[fitted] > 0).sum() >= LEAST_DEALS:
        yield Candidate(name, OTHERS, tuple(frequent), _floats(others.fill_null(False)))


def _bands_for(deals: int) -> int:
    return min(max(deals // _DEALS_PER_BAND, _FEWEST_BANDS), _MOST_BANDS)


def _floats(mask: Any) -> Floats:
    found: Floats = np.asarray(mask).astype(np.float64)
    return found
