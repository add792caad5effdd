"""Whether a peer's list is the pipeline's, with every difference in words.

    python -m tests.benchmarks.peers.equal LIST.csv HOME

Prints how the CSV differs from the list that HOME published last, and fails if it does.
"""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

TOLERANCE = Decimal("0.0001")
EXACT = ("rank", "tier")
SCORES = (
    "organisation_fit_score",
    "people_coverage_score",
    "issue_urgency_score",
    "alignment_score",
)

Row = dict[str, Any]


def differences(csv: Path, home: Path) -> list[str]:
    """How a peer's list differs from the published one, a line each; none if they are equal."""
    published = home / "published" / "latest" / "marts.duckdb"
    with duckdb.connect(f"{published}", read_only=True) as connection:
        ours = _rows(connection, "target_accounts")
        theirs = _rows(
            connection, f"read_csv('{_escaped(csv)}', header = true, all_varchar = true)"
        )
    return [*_counts(theirs, ours), *_account_by_account(theirs, ours)]


def _rows(connection: duckdb.DuckDBPyConnection, relation: str) -> list[Row]:
    """A list in the order of its ranks; duckdb.Error for a rank or score that is no number."""
    scores = ", ".join(f"CAST({score} AS DECIMAL(18, 9)) AS {score}" for score in SCORES)
    found = connection.execute(
        f"SELECT domain, CAST(rank AS BIGINT) AS rank, tier, {scores} FROM {relation} ORDER BY rank"
    )
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _counts(theirs: list[Row], ours: list[Row]) -> list[str]:
    """Lengths, so that an account which stands on a list twice is found too."""
    if len(theirs) == len(ours):
        return []
    return [f"the peer lists {len(theirs)} accounts, expected {len(ours)}"]


def _account_by_account(theirs: list[Row], ours: list[Row]) -> list[str]:
    their_rows = {row["domain"]: row for row in theirs}
    our_rows = {row["domain"]: row for row in ours}
    extra = [row for row in theirs if row["domain"] not in our_rows]
    lines = [f"{row['domain']}: at rank {row['rank']}, expected not to be listed" for row in extra]
    for domain, our in our_rows.items():
        if domain in their_rows:
            lines += _between(their_rows[domain], our)
        else:
            lines.append(f"{domain}: not listed, expected at rank {our['rank']}")
    return lines


def _between(their: Row, our: Row) -> list[str]:
    wrong = [name for name in EXACT if their[name] != our[name]]
    wrong += [name for name in SCORES if not _is_near(their[name], our[name])]
    return [f"{our['domain']}: {name} is {their[name]}, expected {our[name]}" for name in wrong]


def _is_near(their: Decimal | None, our: Decimal | None) -> bool:
    if their is None or our is None:
        return their is our
    return abs(their - our) <= TOLERANCE


def _escaped(path: Path) -> str:
    return f"{path}".replace("'", "''")


if __name__ == "__main__":
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print(*found, f"{len(found)} differences", sep="\n")
    sys.exit(bool(found))
