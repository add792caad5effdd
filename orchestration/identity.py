"""From links between company records to clusters: which records are one company.

What belongs here: grouping linked records. What doesn't: which evidence links two records; each
kind is a dbt model `int_links_by_<kind>` of the same columns, `int_company_links` their union.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

CLUSTER_COLUMNS = {
    "record_id": "VARCHAR",
    "cluster_id": "VARCHAR",
    "link_reason": "VARCHAR",
    "match_weight": "DOUBLE",
}
# A cluster's labels travel one link further each round; a chain longer than this is no company.
MOST_ROUNDS = 50


@dataclass(frozen=True)
class Clusters:
    """What clustering came to."""

    records: int
    clusters: int
    largest: int
    rounds: int


def cluster_companies(connection: "duckdb.DuckDBPyConnection") -> Clusters:
    """Write identity.company_clusters, one row per record, and say what it came to.

    Connected components over `intermediate.int_company_links`: every record starts as its own
    label and takes the smallest label among the records that share a key with it, until nothing
    moves. Raises RuntimeError when that takes more than MOST_ROUNDS.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS identity")
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE shared_keys AS
        SELECT record_id, link_kind, link_key
        FROM intermediate.int_company_links
        QUALIFY count(*) OVER (PARTITION BY link_kind, link_key) > 1
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT DISTINCT record_id, record_id AS label FROM shared_keys
        """
    )
    rounds = 0
    while _spread_labels(connection):
        rounds += 1
        if rounds > MOST_ROUNDS:
            raise RuntimeError(f"identity: clusters still grow after {MOST_ROUNDS} rounds")
    _write_clusters(connection)
    return _summary(connection, rounds)


def _spread_labels(connection: "duckdb.DuckDBPyConnection") -> bool:
    """One round; True when any label became smaller."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE next_labels AS
        WITH key_labels AS (
            SELECT keys.link_kind, keys.link_key, min(labels.label) AS label
            FROM shared_keys AS keys
            INNER JOIN labels ON keys.record_id = labels.record_id
            GROUP BY keys.link_kind, keys.link_key
        )
        SELECT keys.record_id, min(key_labels.label) AS label
        FROM shared_keys AS keys
        INNER JOIN key_labels USING (link_kind, link_key)
        GROUP BY keys.record_id
        """
    )
    moved = connection.execute(
        """
        SELECT count(*)
        FROM labels INNER JOIN next_labels USING (record_id)
        WHERE next_labels.label < labels.label
        """
    ).fetchone()
    connection.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT * FROM next_labels")
    return bool(moved and moved[0])


def _write_clusters(connection: "duckdb.DuckDBPyConnection") -> None:
    """A record's reason is the strongest kind of key it shares; one without any stands alone."""
    connection.execute(
        """
        CREATE OR REPLACE TABLE identity.company_clusters AS
        WITH reasons AS (
            SELECT
                record_id,
                arg_min(
                    link_kind,
                    list_position(['lei', 'cik', 'registration', 'domain'], link_kind)
                ) AS link_reason
            FROM shared_keys
            GROUP BY record_id
        )
        SELECT
            records.record_id,
            coalesce(labels.label, records.record_id) AS cluster_id,
            coalesce(reasons.link_reason, 'own_record') AS link_reason,
            CAST(NULL AS DOUBLE) AS match_weight
        FROM intermediate.int_company_records AS records
        LEFT JOIN labels ON records.record_id = labels.record_id
        LEFT JOIN reasons ON records.record_id = reasons.record_id
        """
    )


def _summary(connection: "duckdb.DuckDBPyConnection", rounds: int) -> Clusters:
    row = connection.execute(
        """
        SELECT coalesce(sum(size), 0)::BIGINT, count(*), coalesce(max(size), 0)
        FROM (SELECT count(*) AS size FROM identity.company_clusters GROUP BY cluster_id)
        """
    ).fetchone()
    assert row is not None
    return Clusters(records=row[0], clusters=row[1], largest=row[2], rounds=rounds)
