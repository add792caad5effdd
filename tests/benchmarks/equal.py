"""Whether the reference and the pipeline made the same marts of the same batches.

    python -m tests.benchmarks.equal REFERENCE.duckdb PIPELINE.duckdb

Prints each difference as a line and how many there are; the exit code is 0 only where there is
none. Every mart of the reference must have the columns of the pipeline's, in their order and of
their types, and every value but the publication's id, to the last digit. In which order the rows
lie doesn't matter, nor what else the pipeline publishes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

LINES_SHOWN = 50

GRAINS = {
    "target_accounts": ("rank",),
    "target_account_reasons": ("account_id", "leg", "reason_id"),
    "account_scores": ("account_id",),
    "accounts": ("account_id",),
    "contacts": ("contact_id",),
    "signals": ("signal_id",),
}
"""The columns by which a row of each mart is found on the other side."""

RUNS_OWN = "publish_id"
"""The column that no two runs have in common."""


def differences(
    reference: Path, pipeline: Path, grains: Mapping[str, Sequence[str]] = GRAINS
) -> list[str]:
    """Each column, row and value that one side lacks or has otherwise, as a line; at best none."""
    with duckdb.connect() as connection:
        for side, path in (("reference", reference), ("pipeline", pipeline)):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {side} (read_only)")
        return [
            line for mart, key in grains.items() for line in _differences(connection, mart, key)
        ]


def _differences(
    connection: duckdb.DuckDBPyConnection, mart: str, key: Sequence[str]
) -> Iterator[str]:
    """Of rows only where the columns are the same: values of other types say nothing."""
    ours, theirs = (_columns(connection, f"{side}.{mart}") for side in ("reference", "pipeline"))
    if list(ours.items()) != list(theirs.items()):
        yield from _column_lines(mart, ours, theirs)
        return
    yield from _twice(connection, mart, key)
    compared = [column for column in theirs if column not in (*key, RUNS_OWN)]
    found = connection.execute(_query(mart, key, compared))
    while rows := found.fetchmany(10_000):
        for row in rows:
            yield from _lines(mart, key, compared, row)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table in their order, each with its type."""
    return {name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()}


def _column_lines(mart: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    for name, kind in theirs.items():
        if name not in ours:
            yield f"{mart}: column {name} is in the pipeline only"
        elif ours[name] != kind:
            yield f"{mart}: column {name} is {ours[name]} in the reference, {kind} in the pipeline"
    yield from (
        f"{mart}: column {name} is in the reference only" for name in ours if name not in theirs
    )
    if ours == theirs:
        yield f"{mart}: the columns are in another order"


def _twice(connection: duckdb.DuckDBPyConnection, mart: str, key: Sequence[str]) -> Iterator[str]:
    """Rows that a join by the key can't tell apart."""
    for side in ("reference", "pipeline"):
        query = f"select {', '.join(key)} from {side}.{mart} group by all having count(*) > 1"
        for values in connection.execute(f"{query} order by all").fetchall():
            yield f"{_what(mart, values)}: more than once in the {side}"


def _query(mart: str, key: Sequence[str], columns: Sequence[str]) -> str:
    """The rows that differ: key, whether each side has it, and each column of both.

    They are found by hashes, since whole rows of both sides would outgrow the memory.
    """
    by_key = ", ".join(key)
    hashed = f"select {by_key}, hash({', '.join(columns)}) as row_hash from"
    pairs = ", ".join(f"reference.{name}, pipeline.{name}" for name in columns)
    return f"""
        with differing as materialized (
            select {by_key}
            from ({hashed} reference.{mart}) as reference
            full outer join ({hashed} pipeline.{mart}) as pipeline using ({by_key})
            where reference.row_hash is distinct from pipeline.row_hash
        )
        select
            {by_key}, reference.{key[0]} is not null, pipeline.{key[0]} is not null, {pairs}
        from differing
        left join reference.{mart} as reference using ({by_key})
        left join pipeline.{mart} as pipeline using ({by_key})
        order by {by_key}
    """


def _lines(
    mart: str, key: Sequence[str], columns: Sequence[str], row: Sequence[object]
) -> Iterator[str]:
    keys = len(key)
    what = _what(mart, row[:keys])
    in_reference, in_pipeline = row[keys : keys + 2]
    if not in_pipeline:
        yield f"{what}: in the reference only"
    elif not in_reference:
        yield f"{what}: in the pipeline only"
    else:
        values = row[keys + 2 :]
        for name, ours, theirs in zip(columns, values[::2], values[1::2], strict=True):
            if ours != theirs:
                yield f"{what}: {name} is {ours} in the reference, {theirs} in the pipeline"


def _what(mart: str, key: Sequence[object]) -> str:
    return f"{mart} {', '.join(map(str, key))}"


def main(reference: Path, pipeline: Path) -> int:
    """Print the differences; 1 where there is any."""
    lines = differences(reference, pipeline)
    for line in lines[:LINES_SHOWN]:
        print(line)
    print(f"{len(lines)} differences")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
