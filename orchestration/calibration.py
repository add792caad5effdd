"""`prospects calibrate`: what deals suggest for the document, as a document beside it.

What belongs here: which week's deals are asked, and writing the suggestion with its report. What
doesn't: the figures (`orchestration/evidence`). The document itself is never touched.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ingest.documents.lines import read_text
from ingest.documents.perfect_customer import load_perfect_customer, perfect_customer_of
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.evidence.attributes import attribute_values, offered_attributes
from orchestration.evidence.criterion_evidence import criterion_figures, tested
from orchestration.evidence.figures import own_rankings, suspected_leaks
from orchestration.evidence.outcomes import Deals, Row, deals_of, document_rows, read_outcomes
from orchestration.evidence.proposals import (
    Proposal,
    number_text,
    proposed,
    with_proposals,
)
from orchestration.evidence.ranking_backtest import ranking_figures
from orchestration.evidence.scores import alignment
from orchestration.evidence.suggestion import suggested_points
from orchestration.evidence.verdicts import LIFT
from orchestration.inputs import Inputs, newest_built, read_inputs
from orchestration.warehouse import database_config, warehouse_file

if TYPE_CHECKING:
    import duckdb
    from ruamel.yaml.comments import CommentedMap

MOST_SHOWN = 6
"""Values of a proposed criterion that the report shows; the document has them all."""

PROPOSED = "suggested with proposals"


@dataclass(frozen=True)
class Calibration:
    """What deals suggest: for each row of the document its figures and points, new criteria, what
    was left out as a suspected leak, and the backtest of all of it."""

    week: date
    rows: Sequence[Row]
    criteria: Sequence[Mapping[str, Any]]
    points: Sequence[float | None]
    proposals: Sequence[Proposal]
    leaks: Mapping[str, str]
    backtest: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Written:
    """The files of a calibration."""

    document: Path
    report: Path
    calibration: Calibration


def calibrate(settings: Settings, week: date | None = None, *, propose: bool = False) -> Written:
    """Write `<document>.suggested.yml` and its report `.suggested.md` beside the document.

    By the newest week that was built, or the given one. Raises ProspectError where none was, or
    where it was built of another document than the one in force.
    """
    from orchestration.publishing.files import write_text

    inputs = read_inputs(settings, week or newest_built(settings))
    document = settings.perfect_customer
    if load_perfect_customer(document).digest() != inputs.document["sha256"]:
        raise ProspectError(
            f"{document.name} was changed after week {inputs.list_week} was built; "
            "`prospects run` judges the deals by it as it is now"
        )
    with _opened(settings, inputs.list_week) as warehouse:
        found = _calibrated(warehouse, inputs, propose=propose)
    suggested = document.with_name(f"{document.stem}.suggested.yml")
    report = suggested.with_suffix(".md")
    write_text(suggested, suggested_document(document.read_text("utf-8-sig"), found))
    write_text(report, format_calibration(found))
    return Written(suggested, report, found)


def suggested_document(text: str, found: Calibration) -> str:
    """The document's text with other points and further criteria, valid, its comments kept.

    It counts one version up and is agreed by nobody yet.
    """
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    document["version"] = document["version"] + 1
    document.pop("agreed", None)
    for row, points in zip(found.rows, found.points, strict=True):
        if points is not None and row.kind in ("criterion", "role"):
            item = _item(document, row)
            if float(item["points"]) != points:
                item["points"] = _plain(points)
    for proposal in found.proposals:
        document["organisations"]["criteria"].append(_criterion(proposal))
    written = io.StringIO()
    yaml.dump(document, written)
    # Whatever this writes can be read as it stands.
    perfect_customer_of(read_text(written.getvalue(), "the suggested document"))
    return written.getvalue()


def _calibrated(
    warehouse: duckdb.DuckDBPyConnection, inputs: Inputs, *, propose: bool
) -> Calibration:
    outcomes = read_outcomes(warehouse)
    deals = deals_of(outcomes)
    if not deals.frame.height:
        raise ProspectError(
            f"week {inputs.list_week} has no closed deal of an account to learn from; "
            "land deals with an outcome and the company they are about"
        )
    rows = document_rows(inputs.criteria)
    named = {row.attribute for row in rows if row.attribute}
    offered = [*offered_attributes(warehouse)] if propose else []
    leaks = suspected_leaks(warehouse, deals, named.union(offered))
    criteria = criterion_figures(
        deals.frame, outcomes.filter(pl.col("kind") == "verdict"), rows, leaks
    )
    verdicts = [figure["verdict"] for figure in criteria]
    rankings = own_rankings(deals, rows, verdicts, leaks, inputs.ranking)
    points = suggested_points(deals, rows, verdicts)
    proposals: list[Proposal] = []
    if propose:
        values = attribute_values(warehouse, deals, [name for name in offered if name not in leaks])
        older = [found["verdict"] for found in tested(deals.older().frame, rows, leaks)]
        rankings[PROPOSED] = _proposed_ranking(
            deals, rows, proposed(deals, values, rows, older, deals.is_train), inputs.ranking
        )
    capacity = sum(tier["capacity"] for tier in inputs.ranking["tiers"])
    backtest = ranking_figures(deals, rankings, capacity)
    # Where the older deals' proposals fail on the newer ones, none are made of all of them.
    if propose and backtest[-1]["verdict"] == LIFT:
        everything = deals.is_train | ~deals.is_train
        points, proposals = proposed(deals, values, rows, verdicts, everything)
    return Calibration(inputs.list_week, rows, criteria, points, proposals, leaks, backtest)


def _proposed_ranking(
    deals: Deals,
    rows: Sequence[Row],
    learned: tuple[list[float | None], list[Proposal]],
    ranking: Mapping[str, Any],
) -> Any:
    points, proposals = learned
    return alignment(
        with_proposals(deals, proposals),
        [*rows, *(each.row for each in proposals)],
        [*points, *(each.row.points for each in proposals)],
        ranking,
    )


def format_calibration(found: Calibration) -> str:
    """What would change and why, as Markdown."""
    lines = [
        f"# What deals suggest, week {found.week}",
        "",
        _basis(found),
        "",
        "## The ranking, tested on the newer deals",
        "",
        "| ranking | AUC | 95 % interval | won in the top 10 % | times that of all | verdict |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_ranking_line(row) for row in found.backtest),
        "",
        "## The document's own rows",
        "",
        "| row | points | suggested | met: won | not met: won | unknown | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            _criterion_line(figure, points)
            for figure, points in zip(found.criteria, found.points, strict=True)
        ),
    ]
    if found.proposals:
        lines += ["", "## New criteria", "", "| criterion | condition | points |"]
        lines += ["| --- | --- | --- |", *map(_proposal_line, found.proposals)]
    if found.leaks:
        lines += ["", "## Left out as suspected leaks", ""]
        lines += [f"- `{name}`: {reason}" for name, reason in found.leaks.items()]
    return "\n".join([*lines, ""])


def _basis(found: Calibration) -> str:
    first = found.backtest[0]
    today = first["judged_by_todays_facts_pct"]
    text = (
        f"{first['trained_deals'] + first['deals']:,} closed deals, parted "
        f"{first['split']}: {first['trained_deals']:,} teach, {first['deals']:,} test."
    )
    if today:
        text += (
            f" {today:.0f} % of them are judged in something by today's facts, since history "
            "does not reach back to their opening: such figures can be too good."
        )
    return text


def _ranking_line(row: Mapping[str, Any]) -> str:
    cells = [
        row["ranking"],
        _number(row["auc"], 3),
        f"{_number(row['auc_low'], 3)} to {_number(row['auc_high'], 3)}",
        f"{_number(row.get('precision_top_10_pct'), 1)} %",
        _number(row.get("lift_top_10_pct"), 2),
        row["verdict"],
    ]
    return f"| {' | '.join(cells)} |"


def _criterion_line(figure: Mapping[str, Any], points: float | None) -> str:
    cells = [
        f"`{figure['criterion_id']}`",
        _points(figure["points"]),
        _points(points),
        _answer(figure, "met"),
        _answer(figure, "not_met"),
        f"{figure['deals_unknown']}",
        figure["verdict"],
    ]
    return f"| {' | '.join(cells)} |"


def _answer(figure: Mapping[str, Any], answer: str) -> str:
    deals = figure[f"deals_{answer}"]
    if not deals:
        return "none"
    share, low, high = (figure[f"won_{answer}{end}_pct"] for end in ("", "_low", "_high"))
    return f"{share:.0f} % of {deals:,} ({low:.0f} to {high:.0f})"


def _proposal_line(proposal: Proposal) -> str:
    row = proposal.row
    condition = f"`{row.attribute}` {proposal.operator} {_operand(proposal)}".replace("|", "\\|")
    return f"| `{row.id}` | {condition} | {_points(row.points)} |"


def _operand(proposal: Proposal) -> str:
    operand = proposal.operand
    if isinstance(operand, list):
        shown = [number_text(v) if isinstance(v, float) else v for v in operand[:MOST_SHOWN]]
        further = len(operand) - len(shown)
        return ", ".join([*shown, *([f"and {further} more"] if further else [])])
    if isinstance(operand, dict):
        return f"{operand['days']}"
    return number_text(operand) if isinstance(operand, float) else f"{operand}"


def _criterion(proposal: Proposal) -> dict[str, Any]:
    row = proposal.row
    operand = proposal.operand
    if isinstance(operand, list):
        operand = [_plain(each) if isinstance(each, float) else each for each in operand]
    elif isinstance(operand, float):
        operand = _plain(operand)
    return {
        "id": row.id,
        "family": row.family,
        "attribute": row.attribute,
        proposal.operator: operand,
        "points": _plain(row.points or 0.0),
        "why": f"Suggested by {int(proposal.met.sum()):,} closed deals that met it; say why, or "
        "leave it out.",
    }


def _item(document: CommentedMap, row: Row) -> CommentedMap:
    items = (
        document["people"]["roles"] if row.kind == "role" else document["organisations"]["criteria"]
    )
    item: CommentedMap = next(each for each in items if each["id"] == row.id)
    return item


def _opened(settings: Settings, week: date) -> duckdb.DuckDBPyConnection:
    import duckdb

    try:
        connection = duckdb.connect(
            str(warehouse_file(settings, week)),
            read_only=True,
            config=dict(database_config(settings)),
        )
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("select 1 from intermediate.int_outcomes_judged limit 0")
    except duckdb.Error as error:
        raise ProspectError(
            f"the deals of week {week} can't be read ({str(error).splitlines()[0]}); "
            "when no run is at work, `prospects run` builds them"
        ) from None
    return connection


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _points(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None or value != value else f"{value:.{digits}f}"
