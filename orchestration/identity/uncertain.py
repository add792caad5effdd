"""What people should look at: pairs in the grey zone, and joins that a guard held."""

from typing import TYPE_CHECKING

from orchestration.identity.matching import MatchSettings, level_weights

if TYPE_CHECKING:
    import duckdb


def write_uncertain_matches(
    connection: "duckdb.DuckDBPyConnection", settings: MatchSettings
) -> int:
    """Write identity.uncertain_matches; returns its rows.

    One row per pair of records that are not one account but may be: left_record_id,
    right_record_id, match_weight (bits; null for what a key would join), match_probability,
    evidence and counter_evidence (texts, the weightiest first) and held_because.
    """
    _name_reasons(connection, settings)
    connection.execute(
        """
        CREATE OR REPLACE TABLE identity.uncertain_matches AS
        WITH weighed_pairs AS (
            SELECT l.record_id AS left_record_id, r.record_id AS right_record_id,
                weighed.weight, weighed.probability, reasons.evidence, reasons.counter_evidence
            FROM weighed
            LEFT JOIN reasons USING (left_label, right_label)
            INNER JOIN labels AS now_l ON weighed.left_label = now_l.node
            INNER JOIN labels AS now_r
                ON weighed.right_label = now_r.node AND now_l.label <> now_r.label
            INNER JOIN nodes AS l ON weighed.left_label = l.node
            INNER JOIN nodes AS r ON weighed.right_label = r.node
        ),
        held AS (
            SELECT least(left_record_id, right_record_id) AS left_record_id,
                greatest(left_record_id, right_record_id) AS right_record_id,
                min('same ' || link_kind) FILTER (WHERE link_kind <> 'match') AS shared_key,
                min(held_because) AS held_because
            FROM identity.held_links
            GROUP BY ALL
        ),
        differ AS (
            SELECT least(l.record_id, r.record_id) AS left_record_id,
                greatest(l.record_id, r.record_id) AS right_record_id
            FROM decided
            INNER JOIN nodes AS l ON decided.left_node = l.node
            INNER JOIN nodes AS r ON decided.right_node = r.node
            WHERE decided.decision = 'different'
        )
        SELECT
            left_record_id, right_record_id, weighed_pairs.weight AS match_weight,
            weighed_pairs.probability AS match_probability,
            coalesce(weighed_pairs.evidence, held.shared_key) AS evidence,
            weighed_pairs.counter_evidence,
            held.held_because
        FROM weighed_pairs
        FULL JOIN held USING (left_record_id, right_record_id)
        ANTI JOIN differ USING (left_record_id, right_record_id)
        """
    )
    row = connection.execute("SELECT count(*) FROM identity.uncertain_matches").fetchone()
    assert row is not None
    return int(row[0])


def _name_reasons(connection: "duckdb.DuckDBPyConnection", settings: MatchSettings) -> None:
    """reasons (left_label, right_label, evidence, counter_evidence): weights back to words.

    Splink keeps what each comparison added, not at which level; a level is known by its weight.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE levels (comparison VARCHAR, level VARCHAR, weight DOUBLE)"
    )
    connection.executemany("INSERT INTO levels VALUES (?, ?, ?)", level_weights(settings))
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE reasons AS
        WITH parts AS (
            UNPIVOT weighed ON COLUMNS('mw_.*') INTO NAME comparison VALUE weight_added
        )
        SELECT left_label, right_label,
            string_agg(level, '; ' ORDER BY weight_added DESC, level)
                FILTER (WHERE weight_added > 0) AS evidence,
            string_agg(level, '; ' ORDER BY weight_added, level)
                FILTER (WHERE weight_added < 0) AS counter_evidence
        FROM parts
        INNER JOIN levels
            ON parts.comparison = 'mw_' || levels.comparison
            AND abs(parts.weight_added - levels.weight) < 1e-6
        GROUP BY left_label, right_label
        """
    )
