"""Candidate pairs: which clusters are worth comparing, found by keys that they share.

What belongs here: the keys, and how many pairs they may make. What doesn't: how alike the two of a
pair are (`matching.py`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import ProspectError

if TYPE_CHECKING:
    import duckdb

# A key that more clusters hold tells none of them from the others.
MOST_HOLDERS = 30
# Pairs per record on average; more would take longer than the week's run may.
MOST_PAIRS_PER_RECORD = 20
LEAST_CAP = 1_000_000


@dataclass(frozen=True)
class Candidates:
    """What blocking came to: pairs to compare, and keys left out since too many hold them."""

    pairs: int
    crowded_keys: int


def find_candidates(connection: "duckdb.DuckDBPyConnection") -> Candidates:
    """Write the temporary tables block_keys and blocked_pairs, the candidates as Splink takes them.

    Two that share nothing but a place are candidates when their names are all but the same.
    Raises ProspectError, before any pair is made, when the keys would make more than the cap.
    """
    collect_keys(connection)
    estimated, records, crowded = _estimate(connection)
    cap = max(LEAST_CAP, MOST_PAIRS_PER_RECORD * records)
    if estimated > cap:
        raise ProspectError(
            f"identity: {records:,} company records would make {estimated:,} pairs to compare, "
            f"more than {cap:,}; look for a name, phone or address that stands in for missing ones"
        )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE blocked_pairs AS
        WITH sharing AS (
            SELECT l.label AS join_key_l, r.label AS join_key_r,
                bool_and(l.kind IN ('address', 'name start and city')) AS is_place_alone
            FROM block_keys AS l
            INNER JOIN block_keys AS r ON l.kind = r.kind AND l.key = r.key AND l.label < r.label
            WHERE l.holders <= ?
            GROUP BY l.label, r.label
        ),
        names AS (
            SELECT labels.label, min(records.name_key) AS name
            FROM intermediate.int_company_records AS records
            INNER JOIN nodes USING (record_id)
            INNER JOIN labels USING (node)
            GROUP BY labels.label
        )
        SELECT join_key_l, join_key_r, '0' AS match_key
        FROM sharing
        INNER JOIN names AS l ON sharing.join_key_l = l.label
        INNER JOIN names AS r ON sharing.join_key_r = r.label
        -- Neighbours by other names are two firms, and there are many of them: what is one slip
        -- apart is two edits apart at most, which is told four times sooner.
        WHERE NOT sharing.is_place_alone OR l.name IS NULL OR r.name IS NULL OR (
            abs(length(l.name) - length(r.name)) <= 1
            AND levenshtein(l.name, r.name) <= 2
            AND damerau_levenshtein(l.name, r.name) <= 1
        )
        """,
        [MOST_HOLDERS],
    )
    row = connection.execute("SELECT count(*) FROM blocked_pairs").fetchone()
    assert row is not None
    return Candidates(pairs=row[0], crowded_keys=crowded)


def collect_keys(connection: "duckdb.DuckDBPyConnection") -> None:
    """block_keys (label, kind, key, is_own, is_whole, holders): keys that several clusters hold.

    Keys are hashed, since only whether they are equal matters here. `is_own` is false for a name
    that the cluster's records have as an alias only, `is_whole` for what is a part of its names.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE block_keys AS
        WITH names AS (
            SELECT
                labels.label, is_own, name_sorted, cores, fronts, one_word_core,
                -- Short names lose too much with their blanks.
                CASE WHEN length(name_squashed) < 5 THEN name_key ELSE name_squashed END AS name
            FROM intermediate.int_company_names AS names
            INNER JOIN nodes USING (record_id)
            INNER JOIN labels USING (node)
        ),
        records AS (
            SELECT
                labels.label, phone_key, country, postal_key, city_key, street_number,
                left(replace(name_key, ' ', ''), 5) AS name_start
            FROM intermediate.int_company_records AS records
            INNER JOIN nodes USING (record_id)
            INNER JOIN labels USING (node)
        ),
        parts AS (
            SELECT label, is_own, 'core' AS kind, unnest(cores) AS part FROM names
            UNION ALL
            SELECT label, is_own, 'front', unnest(fronts) FROM names
            UNION ALL
            SELECT label, is_own, 'one-word core', one_word_core FROM names
        ),
        -- A part of a name counts only where somebody goes by it in full.
        parts_in_use AS (
            SELECT label, kind, hash(part) AS key, is_own
            FROM parts
            WHERE part IN (SELECT name_sorted FROM names)
        ),
        keys AS (
            SELECT label, 'name' AS kind, hash(name) AS key, is_own, true AS is_whole FROM names
            UNION ALL
            SELECT label, 'word set', hash(name_sorted), is_own, true FROM names
            UNION ALL
            SELECT label, kind, key, is_own, false FROM parts_in_use
            UNION ALL
            SELECT names.label, wholes.kind, hash(names.name_sorted), names.is_own, true
            FROM names
            INNER JOIN (SELECT DISTINCT kind, key FROM parts_in_use) AS wholes
                ON hash(names.name_sorted) = wholes.key
            UNION ALL
            SELECT label, 'phone', hash(phone_key), true, true FROM records
            WHERE phone_key IS NOT NULL
            UNION ALL
            SELECT label, 'address', hash(country, postal_key, street_number), true, true
            FROM records
            WHERE postal_key IS NOT NULL AND street_number IS NOT NULL
            UNION ALL
            SELECT label, 'name start and city', hash(country, city_key, name_start), true, true
            FROM records
            WHERE city_key IS NOT NULL AND name_start IS NOT NULL
        )
        SELECT label, kind, key, bool_or(is_own) AS is_own, bool_or(is_whole) AS is_whole,
            count(*) OVER (PARTITION BY kind, key) AS holders
        FROM keys
        GROUP BY label, kind, key
        QUALIFY holders > 1
        """
    )


def _estimate(connection: "duckdb.DuckDBPyConnection") -> tuple[int, int, int]:
    """The most pairs that the keys can make, the records, and the keys held by too many."""
    row = connection.execute(
        """
        SELECT
            CAST(coalesce(sum((holders - 1) / 2.0) FILTER (WHERE holders <= $most), 0) AS BIGINT),
            (SELECT count(*) FROM nodes),
            count(DISTINCT (kind, key)) FILTER (WHERE holders > $most)
        FROM block_keys
        """,
        {"most": MOST_HOLDERS},
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
