"""From clusters to account ids that stay the same from week to week.

What belongs here: the growth guard, which id a cluster inherits, which ids are merged or split.
What doesn't: what a cluster is (`clusters.py`). The crosswalk is what the list before published:
`raw.last_account_records` (record_id, account_id) and `raw.last_account_id_changes`.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# A company whose records more than double in a week, by more than this, has got somebody else's.
MOST_NEW_RECORDS = 20


@dataclass(frozen=True)
class AccountIds:
    """How this week's accounts follow from the last list's."""

    kept: int
    new: int
    merged: int
    split: int


def hold_sudden_growth(connection: "duckdb.DuckDBPyConnection") -> None:
    """Keep the newcomers of a cluster that grew too fast in a cluster of their own, for review.

    Clusters that a decision speaks of are left as people want them.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE newcomers AS
        WITH members AS (
            SELECT labels.label, labels.node, before.account_id
            FROM labels
            INNER JOIN nodes USING (node)
            LEFT JOIN raw.last_account_records AS before USING (record_id)
            WHERE labels.label NOT IN (
                SELECT labels.label
                FROM decided INNER JOIN labels ON labels.node IN (left_node, right_node)
            )
        ),
        heirs AS (
            SELECT label, max(records) AS records,
                arg_max(account_id, (records, account_id)) AS account_id
            FROM (
                SELECT label, account_id, count(*) AS records
                FROM members
                WHERE account_id IS NOT NULL
                GROUP BY label, account_id
            )
            GROUP BY label
        )
        SELECT members.node, members.label,
            min(members.node) OVER (PARTITION BY members.label) AS new_label,
            heirs.records AS records_before,
            count(*) OVER (PARTITION BY members.label) AS newcomers
        FROM members
        INNER JOIN heirs ON members.label = heirs.label
        WHERE members.account_id IS DISTINCT FROM heirs.account_id
        QUALIFY newcomers > ? AND newcomers > records_before
        """,
        [MOST_NEW_RECORDS],
    )
    connection.execute(
        """
        INSERT INTO held
        SELECT DISTINCT
            kept.node, newcomers.new_label, 'growth',
            'grew from ' || records_before || ' records by ' || newcomers.newcomers || ' in a week'
        FROM newcomers
        INNER JOIN (
            SELECT label, min(node) AS node FROM labels
            WHERE node NOT IN (SELECT node FROM newcomers)
            GROUP BY label
        ) AS kept USING (label)
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT labels.node,
            CASE
                WHEN newcomers.node IS NOT NULL THEN newcomers.new_label
                ELSE min(labels.node) OVER (PARTITION BY labels.label, newcomers.node IS NULL)
            END AS label
        FROM labels LEFT JOIN newcomers USING (node)
        """
    )


def name_accounts(connection: "duckdb.DuckDBPyConnection", list_week: date) -> AccountIds:
    """Write identity.company_clusters and identity.account_id_changes.

    company_clusters has one row per record: record_id, account_id, link_reason (the strongest
    evidence that joined it to its account) and match_weight (bits, where that was a match).
    account_id_changes has one row per account id that is no more (merged) or had records leave it
    (split), ever: account_id, became_account_id, kind, changed_week.

    An id goes to the cluster that has most of its records; a cluster keeps the one of its ids that
    had most of its records. A new id follows from the smallest record id alone.
    """
    _inherit(connection)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE named AS
        WITH smallest AS (
            SELECT labels.label, min(nodes.record_id) AS record_id
            FROM labels INNER JOIN nodes USING (node)
            GROUP BY labels.label
        ),
        minted AS (
            SELECT label, record_id, 'acc_' || left(md5(record_id), 16) AS account_id FROM smallest
        ),
        taken AS (
            SELECT account_id FROM heirs
            UNION
            SELECT account_id FROM raw.last_account_id_changes WHERE kind = 'merged'
            UNION
            SELECT account_id FROM claims
        )
        SELECT minted.label,
            CASE
                WHEN heirs.account_id IS NOT NULL THEN heirs.account_id
                WHEN minted.account_id NOT IN (SELECT account_id FROM taken) THEN minted.account_id
                ELSE 'acc_' || left(md5(minted.record_id || '@' || $list_week), 16)
            END AS account_id
        FROM minted LEFT JOIN heirs USING (label)
        """,
        {"list_week": f"{list_week}"},
    )
    _write_clusters(connection)
    _write_changes(connection, list_week)
    return _account_ids(connection, list_week)


def _inherit(connection: "duckdb.DuckDBPyConnection") -> None:
    """claims (label, account_id, records), and heirs (label, account_id): who keeps which id."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE claims AS
        SELECT labels.label, before.account_id, count(*) AS records, min(labels.node) AS first_node
        FROM raw.last_account_records AS before
        INNER JOIN nodes USING (record_id)
        INNER JOIN labels USING (node)
        GROUP BY labels.label, before.account_id
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE heirs AS
        WITH granted AS (
            SELECT label, account_id, records
            FROM claims
            QUALIFY row_number() OVER (
                PARTITION BY account_id ORDER BY records DESC, first_node
            ) = 1
        )
        SELECT label, account_id
        FROM granted
        QUALIFY row_number() OVER (PARTITION BY label ORDER BY records DESC, account_id) = 1
        """
    )


def _write_clusters(connection: "duckdb.DuckDBPyConnection") -> None:
    connection.execute(
        """
        CREATE OR REPLACE TABLE identity.company_clusters AS
        WITH sizes AS (
            SELECT label, count(*) AS records FROM labels GROUP BY label
        )
        SELECT
            nodes.record_id,
            named.account_id,
            coalesce(CASE WHEN sizes.records > 1 THEN joined.reason END, 'own_record')
                AS link_reason,
            CASE WHEN sizes.records > 1 THEN joined.weight END AS match_weight
        FROM nodes
        INNER JOIN labels USING (node)
        INNER JOIN named USING (label)
        INNER JOIN sizes USING (label)
        LEFT JOIN joined USING (node)
        """
    )


def _write_changes(connection: "duckdb.DuckDBPyConnection", list_week: date) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TABLE identity.account_id_changes AS
        WITH now AS (
            SELECT claims.account_id, named.account_id AS became, claims.records,
                named.account_id IN (SELECT account_id FROM heirs) AS is_heir
            FROM claims INNER JOIN named USING (label)
            WHERE claims.account_id <> named.account_id
        ),
        merged AS (
            SELECT account_id, arg_max(became, (records, became)) AS became_account_id
            FROM now
            WHERE account_id NOT IN (SELECT account_id FROM named)
            GROUP BY account_id
        ),
        split AS (
            SELECT account_id, became AS became_account_id
            FROM now
            WHERE account_id IN (SELECT account_id FROM named)
        )
        SELECT before.account_id,
            coalesce(
                CASE WHEN before.kind = 'merged' THEN merged.became_account_id END,
                before.became_account_id
            ) AS became_account_id,
            before.kind, before.changed_week
        FROM raw.last_account_id_changes AS before
        LEFT JOIN merged ON before.became_account_id = merged.account_id
        UNION ALL
        SELECT account_id, became_account_id, 'merged', CAST($list_week AS DATE)
        FROM merged
        UNION ALL
        SELECT account_id, became_account_id, 'split', CAST($list_week AS DATE)
        FROM split
        ORDER BY changed_week, account_id, became_account_id
        """,
        {"list_week": f"{list_week}"},
    )


def _account_ids(connection: "duckdb.DuckDBPyConnection", list_week: date) -> AccountIds:
    row = connection.execute(
        """
        SELECT
            (SELECT count(*) FROM heirs),
            (SELECT count(*) FROM named) - (SELECT count(*) FROM heirs),
            count(*) FILTER (WHERE kind = 'merged'),
            count(*) FILTER (WHERE kind = 'split')
        FROM identity.account_id_changes
        WHERE changed_week = ?
        """,
        [list_week],
    ).fetchone()
    assert row is not None
    return AccountIds(*row)
