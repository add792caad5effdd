"""What the identity step was not sure of, for a terminal and as a file to decide in.

Everything is read from the published `marts.duckdb`. What follows from a decision is in
`identity/`.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal

from ingest.settings import Settings
from orchestration.explanations import ask
from orchestration.identity.decisions import COLUMNS
from orchestration.publishing.marts import opened
from orchestration.reading import as_csv, published
from orchestration.terminal import printable

_UNCERTAIN = """
    select
        left_record_id, right_record_id, round(match_weight, 1) as match_weight,
        round(match_probability, 3) as match_probability,
        left_name, left_domain, left_country, right_name, right_domain, right_country,
        evidence, counter_evidence, held_because, left_account_id, right_account_id
    from uncertain_matches
    order by match_weight desc nulls first, left_record_id, right_record_id
"""


def read_uncertain(
    settings: Settings, week: date | None = None, top: int | None = None
) -> list[dict[str, Any]]:
    """The pairs that may be one company, one dict per pair, held ones first, then by weight.

    Raises ProspectError when nothing is published.
    """
    with opened(published(settings, week) / "marts.duckdb") as marts:
        return ask(marts, _UNCERTAIN)[:top]


def format_uncertain(rows: Sequence[dict[str, Any]], form: Literal["table", "csv", "json"]) -> str:
    """The pairs as text, as JSON, or as the CSV in which people decide."""
    if form == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    if form == "csv":
        undecided = dict.fromkeys(COLUMNS[2:])
        return as_csv([{**dict.fromkeys(COLUMNS), **row, **undecided} for row in rows])
    return "".join(f"{line}\n" for row in rows for line in _lines(row))


def _lines(row: dict[str, Any]) -> Iterator[str]:
    weight = "a key in common"
    if row["match_weight"] is not None:
        weight = f"{row['match_weight']:+.1f} bits ({row['match_probability']:.0%})"
    yield f"{printable(row['left_record_id'])} and {printable(row['right_record_id'])}: {weight}"
    for side in ("left", "right"):
        facts = (row[f"{side}_domain"] or "no domain", row[f"{side}_country"] or "no country")
        yield f"    {printable(row[f'{side}_name'])}, {', '.join(map(printable, facts))}"
    for word, reasons in (("for", "evidence"), ("against", "counter_evidence")):
        if row[reasons]:
            yield f"    {word}: {row[reasons]}"
    if row["held_because"]:
        yield f"    held: {row['held_because']}"
