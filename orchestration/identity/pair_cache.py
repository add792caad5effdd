"""Weights of an earlier run: a pair of which nothing changed is not compared again.

A pair is known again by the fingerprints of its two profiles, whatever records they stand for and
whichever numbers those have this week. The weights hold for the parameters that they were made with
alone. Losing the file costs time, nothing else.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.settings import Settings
from orchestration.warehouse import quoted

if TYPE_CHECKING:
    import duckdb


def cache_file(settings: Settings) -> Path:
    """Where the weights lie from one run to the next."""
    return settings.home / "identity" / "weighed_pairs.parquet"


def recall_pairs(
    connection: "duckdb.DuckDBPyConnection", file: Path, made_with: str, parts: Sequence[str]
) -> None:
    """Write the temporary tables recalled and fresh_pairs, which part blocked_pairs in two.

    recalled (join_key_l, join_key_r, weight, probability and the columns named in `parts`) has null
    weights for pairs that weighed too little to be kept in full. fresh_pairs is as blocked_pairs.
    """
    if not _is_made_with(connection, file, made_with) or not _recall(connection, file, parts):
        nothing = ", ".join(f"NULL::DOUBLE AS {part}" for part in ("weight", "probability", *parts))
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE recalled AS
            SELECT join_key_l, join_key_r, {nothing} FROM blocked_pairs WHERE false
            """
        )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE fresh_pairs AS
        FROM blocked_pairs ANTI JOIN recalled USING (join_key_l, join_key_r)
        """
    )


def keep_pairs(connection: "duckdb.DuckDBPyConnection", file: Path, made_with: str) -> None:
    """Keep what this run's candidates weigh (the temporary table `weighed`) for the next one."""
    partial = file.with_name(f".{file.name}.partial")
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"""
        COPY (
            SELECT DISTINCT one, other, weighed.* EXCLUDE (left_label, right_label)
            FROM ({_FINGERPRINTED}) AS pairs
            LEFT JOIN weighed
                ON pairs.join_key_l = weighed.left_label AND pairs.join_key_r = weighed.right_label
            ORDER BY one, other
        )
        TO {quoted(str(partial))}
        (FORMAT parquet, KV_METADATA {{made_with: {quoted(made_with)}}})
        """
    )
    partial.replace(file)


def _recall(connection: "duckdb.DuckDBPyConnection", file: Path, parts: Sequence[str]) -> bool:
    """Write recalled from the file; False where it is damaged."""
    import duckdb

    try:
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE recalled AS
            SELECT join_key_l, join_key_r, {", ".join(("weight", "probability", *parts))}
            FROM ({_FINGERPRINTED})
            INNER JOIN read_parquet({quoted(str(file))}) AS kept USING (one, other)
            """
        )
    except duckdb.Error:
        return False
    return True


def _is_made_with(connection: "duckdb.DuckDBPyConnection", file: Path, made_with: str) -> bool:
    """Whether the file can be read and holds weights of these parameters."""
    import duckdb

    try:
        row = connection.execute(
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'made_with'",
            [str(file)],
        ).fetchone()
    except duckdb.Error:
        return False
    return row is not None and row[0] == made_with


# Which one is left counts: a condition may speak of one of the two alone.
_FINGERPRINTED = """
    SELECT pairs.join_key_l, pairs.join_key_r, l.fingerprint AS one, r.fingerprint AS other
    FROM blocked_pairs AS pairs
    INNER JOIN profiles AS l ON pairs.join_key_l = l.label
    INNER JOIN profiles AS r ON pairs.join_key_r = r.label
"""
