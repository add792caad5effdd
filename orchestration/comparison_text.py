"""A comparison of two documents laid out for a terminal, or as JSON.

What belongs here: words and columns. What is compared is in `comparison.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, Literal

from orchestration.comparison import Comparison, Rows
from orchestration.evidence.ranking_backtest import DOCUMENT, SUGGESTED
from orchestration.evidence.verdicts import NOT_ENOUGH
from orchestration.publishing.perfect_customer_changes import FieldChange, Piece
from orchestration.terminal import fit, printable

MOST_SHOWN = 50
"""Accounts that the text names of those that enter, and of those that leave."""

Justify = Literal["left", "right"]


def format_comparison(found: Comparison, form: Literal["text", "json"]) -> str:
    """The comparison as text, or everything in it as JSON."""
    if form == "json":
        crosstab = [
            {"before": before, "after": after, "accounts": accounts}
            for (before, after), accounts in sorted(found.crosstab.items())
        ]
        content = {**asdict(replace(found, crosstab={})), "crosstab": crosstab}
        # What is no number stands as null, since JSON has no other word for it.
        figures = json.loads(json.dumps(content, default=_plain), parse_constant=lambda _: None)
        return json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
    return "".join(f"{line.rstrip()}\n" for line in _lines(found))


def _lines(found: Comparison) -> Iterator[str]:
    before, after = found.versions
    yield f"Week {found.week}: version {before} of the document, of which its list was made,"
    yield f"beside version {after}. Nothing that is published was changed."
    if found.is_made_up:
        yield "MADE-UP DATA: none of these accounts exists."
    yield from _heading("What the document says otherwise")
    yield from _change_lines(found)
    yield from _list_lines(found)
    yield from _crosstab_lines(found)
    yield from _leg_lines(found)
    yield from _backtest_lines(found)


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield text


def _change_lines(found: Comparison) -> Iterator[str]:
    if not found.changes:
        yield "  nothing"
    for section, parts in found.changes.items():
        for part in parts:
            told = "; ".join(map(_field, part.fields)) if part.change == "changed" else ""
            name = printable(part.name)
            yield f"  {section}: {name} {part.change}{f' ({told})' if told else ''}"


def _field(change: FieldChange) -> str:
    before, after = (_joined(side) or "nothing" for side in (change.before, change.after))
    return f"{printable(change.field)}: {before} -> {after}"


def _joined(pieces: Sequence[Piece]) -> str:
    text = "".join(piece.text for piece in pieces)
    return printable(text) if text else ""


def _list_lines(found: Comparison) -> Iterator[str]:
    before, after = found.listed
    yield from _heading(
        f"The list: {before:,} accounts before, {after:,} after; "
        f"{before - len(found.leaving):,} stay, {len(found.entering):,} enter, "
        f"{len(found.leaving):,} leave"
    )
    yield from _moved_lines("Enter", "why not on it before", found.entering)
    yield from _moved_lines("Leave", "why not on it any more", found.leaving)


def _moved_lines(title: str, why: str, rows: Rows) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield _line([title, "tier", "account", "domain", "before", "after", why], _MOVED)
    for row in rows[:MOST_SHOWN]:
        cells = [
            f"{row['rank']}",
            row["tier"],
            printable(row["name"]),
            printable(row["domain"] or "no domain"),
            _number(row["alignment_before"]),
            _number(row["alignment_after"]),
            f"{row['outcome'].replace('_', ' ')}: {printable(row['outcome_reason'])}",
        ]
        yield _line(cells, _MOVED)
    if len(rows) > MOST_SHOWN:
        yield f"  and {len(rows) - MOST_SHOWN:,} more; --format json has them all"


def _crosstab_lines(found: Comparison) -> Iterator[str]:
    yield from _heading("Tiers and outcomes: before in the rows, after in the columns")
    numbers: list[tuple[Justify, int]] = [("right", 13)] * len(found.places)
    columns: list[tuple[Justify, int]] = [("left", 15), *numbers, ("right", 10)]
    yield _line(["", *found.places, "all before"], columns)
    for before in found.places:
        counts = [found.crosstab.get((before, after), 0) for after in found.places]
        yield _line([before, *map(_count, counts), _count(sum(counts))], columns)
    totals = [
        sum(found.crosstab.get((before, after), 0) for before in found.places)
        for after in found.places
    ]
    yield _line(["all after", *map(_count, totals), _count(sum(totals))], columns)


def _leg_lines(found: Comparison) -> Iterator[str]:
    yield from _heading("Legs, of accounts that are not suppressed")
    heads = ["leg", "median before", "after", "at the minimum before", "after", "rise", "fall"]
    yield _line(heads, _LEGS)
    for leg in found.legs:
        cells = [
            leg["leg"],
            _number(leg["median_before"]),
            _number(leg["median_after"]),
            _count(leg["enough_before"]),
            _count(leg["enough_after"]),
            _count(leg["rising"]),
            _count(leg["falling"]),
        ]
        yield _line(cells, _LEGS)


def _backtest_lines(found: Comparison) -> Iterator[str]:
    before, after = found.backtests
    yield from _heading("Backtest: does the ranking tell won from lost deals?")
    if not before or found.difference is None:
        yield "  no closed deal of an account to test on"
        return
    first = before[0]
    yield f"  {first['trained_deals']:,} deals teach, {first['deals']:,} newer ones test, of which"
    yield f"  {first['won']:,} were won; parted {first['split']}."
    yield _line(["ranking", "AUC", "95 % interval", "top 10 % won", "lift", "verdict"], _BACKTEST)
    for title, rows in (("before", before), ("after", after)):
        for row in rows:
            if row["ranking"] in (DOCUMENT, SUGGESTED):
                yield _ranking_line(f"{row['ranking']}, {title}", row)
    for row in before:
        if row["ranking"] not in (DOCUMENT, SUGGESTED):
            yield _ranking_line(row["ranking"], row)
    yield f"  {_difference(found.difference)}"
    yield "  Points that were learned of these very deals, as those of `prospects calibrate`, look"
    yield "  better here than they will be; `suggested` was learned of the older deals alone."


def _ranking_line(name: str, row: Mapping[str, Any]) -> str:
    cells = [
        name,
        _number(row["auc"], 3),
        f"{_number(row['auc_low'], 3)} to {_number(row['auc_high'], 3)}",
        f"{_number(row.get('precision_top_10_pct'))} %",
        _number(row.get("lift_top_10_pct"), 2),
        row["verdict"],
    ]
    return _line(cells, _BACKTEST)


def _difference(found: Mapping[str, Any]) -> str:
    if found["verdict"] == NOT_ENOUGH:
        return "There are not enough deals to say which document ranks them better."
    interval = f"{found['auc_low']:+.3f} to {found['auc_high']:+.3f}"
    by = f"AUC {found['auc']:+.3f}, 95 % interval {interval}"
    return f"How the other document ranks these deals: {found['verdict']} ({by})."


def _line(cells: Sequence[str], columns: Sequence[tuple[Justify, int]]) -> str:
    """Cells under each other; what the last one says is never cut."""
    *first, last = zip(cells, columns, strict=True)
    fitted = [fit(cell, width, justify) for cell, (justify, width) in first]
    text, (justify, width) = last
    fitted.append(text.rjust(width) if justify == "right" else text)
    return "  " + "  ".join(fitted)


_MOVED: tuple[tuple[Justify, int], ...] = (
    ("right", 5), ("left", 4), ("left", 28), ("left", 24), ("right", 6), ("right", 6), ("left", 1),
)  # fmt: skip
_LEGS: tuple[tuple[Justify, int], ...] = (
    ("left", 12), ("right", 13), ("right", 6), ("right", 21), ("right", 7), ("right", 6),
    ("right", 6),
)  # fmt: skip
_BACKTEST: tuple[tuple[Justify, int], ...] = (
    ("left", 17), ("right", 5), ("right", 14), ("right", 12), ("right", 5), ("left", 1),
)  # fmt: skip


def _number(value: Decimal | float | None, digits: int = 1) -> str:
    return "-" if value is None or value != value else f"{value:.{digits}f}"


def _count(value: int) -> str:
    return f"{value:,}"


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
