"""What people decided of two records: the same company, or different ones, whatever else is known.

What belongs here: reading `identity/match_decisions.csv` in the home. What doesn't: what follows
from a decision (`clusters.py`).
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ProspectError
from ingest.settings import Settings

if TYPE_CHECKING:
    import duckdb

FILE = "match_decisions.csv"
COLUMNS = ("left_record_id", "right_record_id", "decision", "by", "decided_date", "because")
REQUIRED = COLUMNS[:3]
DECISIONS = ("same", "different")


@dataclass(frozen=True)
class MatchDecision:
    """Two record ids (`source:source_company_id`) and whether they are one company."""

    left_record_id: str
    right_record_id: str
    decision: str


def decisions_file(settings: Settings) -> Path:
    """Where people keep their decisions; it need not exist."""
    return settings.home / "identity" / FILE


def read_decisions(path: Path) -> list[MatchDecision]:
    """Every decision in order of its records; later rows win over earlier ones on the same pair.

    Rows without a decision are ones that nobody has decided yet. Raises ProspectError with every
    row that can't be read.
    """
    if not path.exists():
        return []
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    if not rows:
        return []
    missing = [column for column in REQUIRED if column not in rows[0]]
    if missing:
        raise ProspectError(
            f"{path.name}: expected the columns {', '.join(REQUIRED)}, "
            f"found no {', '.join(missing)}"
        )
    mistakes = [
        f"{path.name} line {line}: {mistake}"
        for line, row in enumerate(rows, start=2)
        if (mistake := _mistake(row))
    ]
    if mistakes:
        raise ProspectError("; ".join(mistakes))
    decided = {}
    for row in rows:
        left, right = (row[column].strip() for column in COLUMNS[:2])
        if decision := (row["decision"] or "").strip().lower():
            decided[frozenset((left, right))] = MatchDecision(left, right, decision)
    return sorted(decided.values(), key=lambda d: (d.left_record_id, d.right_record_id))


def number_decisions(
    connection: "duckdb.DuckDBPyConnection", decisions: Sequence[MatchDecision]
) -> None:
    """Temporary table decided (left_node, right_node, decision), for records that are there."""
    connection.execute("CREATE OR REPLACE TEMP TABLE said (l VARCHAR, r VARCHAR, decision VARCHAR)")
    if decisions:
        connection.executemany(
            "INSERT INTO said VALUES (?, ?, ?)",
            [(d.left_record_id, d.right_record_id, d.decision) for d in decisions],
        )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE decided AS
        SELECT l.node AS left_node, r.node AS right_node, said.decision
        FROM said
        INNER JOIN nodes AS l ON said.l = l.record_id
        INNER JOIN nodes AS r ON said.r = r.record_id
        """
    )


def _mistake(row: dict[str, str | None]) -> str | None:
    left, right, decision = ((row[column] or "").strip() for column in REQUIRED)
    if decision and decision.lower() not in DECISIONS:
        return f"decision: expected same or different, found {decision!r}"
    if not left or not right:
        return "expected two record ids such as crm:17, found an empty one"
    if left == right:
        return f"expected two records, found {left!r} twice"
    return None
