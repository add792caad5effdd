"""From evidence to clusters: which records are one company, the strongest evidence first.

What belongs here: joining clusters step by step, and the guards that hold a join back. What
doesn't: which evidence there is. Exact keys come from the dbt models `int_links_by_<kind>`, weighed
pairs from `matching.py`, what people decided from `decisions.py`.

A join that a guard forbids is held and told in `identity.held_links`: over-merging is worse than
missing, since no later step can part two firms again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import ProspectError

if TYPE_CHECKING:
    import duckdb

# The kinds of exact evidence, the strongest first. Only identifiers outweigh what speaks against.
IDENTIFIERS = ("lei", "cik", "registration", "crm")
KEY_KINDS = (*IDENTIFIERS, "domain", "domain_and_name", "details")
# More records than this are no company, but share a value that stands in for a missing one.
MOST_RECORDS = 100
# Clusters that are both this large were told apart by much; one record between them joins them not.
LARGE = 10
# A label travels one key further each round; a chain longer than this is no company.
MOST_ROUNDS = 50
# Two candidates whose weights (bits) are closer than this can't be told apart by them.
TOO_CLOSE = 1.0


@dataclass(frozen=True)
class Clusters:
    """What clustering came to."""

    records: int
    clusters: int
    largest: int
    held: int


def number_records(connection: "duckdb.DuckDBPyConnection") -> None:
    """Start over: every record is a number, and alone in its cluster.

    Temporary tables nodes (node, record_id), labels (node, label), identifiers (node, kind, value),
    own_domains (node, own_domain) of domains that are in no conflict, joined (node, reason,
    weight) and held. Numbers follow the order of record ids, so that clusters don't depend on the
    order in which records came.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE nodes AS
        SELECT CAST(row_number() OVER (ORDER BY record_id) AS INTEGER) AS node, record_id
        FROM intermediate.int_company_records
        """
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE labels AS SELECT node, node AS label FROM nodes"
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE identifiers AS
        WITH known AS (
            SELECT record_id, 'lei' AS kind, lei AS value
            FROM intermediate.int_company_records
            UNION ALL
            SELECT record_id, 'cik', cik
            FROM intermediate.int_company_records
            UNION ALL
            SELECT record_id, 'registration at ' || split_part(registration_key, ':', 1),
                registration_key
            FROM intermediate.int_company_records
            UNION ALL
            SELECT record_id, 'country of registration', country
            FROM intermediate.int_company_records
            WHERE registration_key IS NOT NULL
        )
        SELECT nodes.node, known.kind, known.value
        FROM known INNER JOIN nodes USING (record_id)
        WHERE known.value IS NOT NULL
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE own_domains AS
        SELECT nodes.node, records.identity_domain AS own_domain
        FROM intermediate.int_company_records AS records
        INNER JOIN nodes USING (record_id)
        LEFT JOIN intermediate.int_domains_shared AS domains USING (identity_domain)
        WHERE records.identity_domain IS NOT NULL AND domains.is_in_conflict IS NOT true
        """
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE joined (node INTEGER, reason VARCHAR, weight DOUBLE)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE held "
        "(left_node INTEGER, right_node INTEGER, kind VARCHAR, reason VARCHAR)"
    )


def join_by_keys(connection: "duckdb.DuckDBPyConnection") -> None:
    """Join the records that hold equal keys, kind by kind."""
    for kind in KEY_KINDS:
        _take_keys(connection, kind)
        _spread_labels(connection)
        while _leave_out_decided(connection):
            _spread_labels(connection)
        _hold_components(connection, kind)
        _join_components(connection, kind)


def join_by_weights(connection: "duckdb.DuckDBPyConnection", least_weight: float) -> None:
    """Join clusters by the temporary table `weighed` (left_label, right_label, weight, in bits).

    In each round every pair joins that is the best of both its ends, unless a guard forbids it or
    one end has another candidate as good that the first one can't be the same as.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE edges AS
        SELECT left_label AS low, right_label AS high, weight
        FROM weighed
        WHERE weight >= ?
        """,
        [least_weight],
    )
    while _has_rows(connection, "edges"):
        _choose_best_pairs(connection)
        _hold_pairs(connection)
        _join_pairs(connection)


def join_by_decision(connection: "duckdb.DuckDBPyConnection") -> None:
    """Join what people said is the same, whatever speaks against it.

    Raises ProspectError when that joins two records of which they said that they differ.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE key_labels AS
        SELECT pairs.key, labels.label
        FROM (
            SELECT row_number() OVER () AS key, unnest([left_node, right_node]) AS node
            FROM decided
            WHERE decision = 'same'
        ) AS pairs
        INNER JOIN labels USING (node)
        """
    )
    _spread_labels(connection)
    _join_components(connection, "reviewed")
    contradiction = connection.execute(
        """
        SELECT left_nodes.record_id, right_nodes.record_id
        FROM decided
        INNER JOIN labels AS l ON decided.left_node = l.node
        INNER JOIN labels AS r ON decided.right_node = r.node AND l.label = r.label
        INNER JOIN nodes AS left_nodes ON decided.left_node = left_nodes.node
        INNER JOIN nodes AS right_nodes ON decided.right_node = right_nodes.node
        WHERE decision = 'different'
        ORDER BY ALL
        """
    ).fetchone()
    if contradiction:
        left, right = contradiction
        raise ProspectError(
            f"match decisions: {left} and {right} are decided to be different, but other decisions "
            "join both to one company; take one of them back"
        )


def count_clusters(connection: "duckdb.DuckDBPyConnection") -> int:
    """How many clusters there are by now."""
    row = connection.execute("SELECT count(DISTINCT label) FROM labels").fetchone()
    assert row is not None
    return int(row[0])


def write_held_links(connection: "duckdb.DuckDBPyConnection") -> None:
    """Write identity.held_links: one row per held join that would still join two clusters."""
    connection.execute(
        """
        CREATE OR REPLACE TABLE identity.held_links AS
        SELECT DISTINCT
            left_nodes.record_id AS left_record_id,
            right_nodes.record_id AS right_record_id,
            held.kind AS link_kind,
            held.reason AS held_because
        FROM held
        INNER JOIN labels AS l ON held.left_node = l.node
        INNER JOIN labels AS r ON held.right_node = r.node AND l.label <> r.label
        INNER JOIN nodes AS left_nodes ON held.left_node = left_nodes.node
        INNER JOIN nodes AS right_nodes ON held.right_node = right_nodes.node
        """
    )


def summary(connection: "duckdb.DuckDBPyConnection") -> Clusters:
    """Numbers of what stands in labels and held."""
    row = connection.execute(
        """
        SELECT coalesce(sum(size), 0)::BIGINT, count(*), coalesce(max(size), 0),
            (SELECT count(*) FROM identity.held_links)
        FROM (SELECT count(*) AS size FROM labels GROUP BY label)
        """
    ).fetchone()
    assert row is not None
    return Clusters(*row)


def _take_keys(connection: "duckdb.DuckDBPyConnection", kind: str) -> None:
    """key_labels: the clusters that hold each key of a kind, where several do."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE key_labels AS
        SELECT key, label
        FROM (
            SELECT DISTINCT links.link_key AS key, labels.label
            FROM intermediate.int_company_links AS links
            INNER JOIN nodes ON links.record_id = nodes.record_id
            INNER JOIN labels ON nodes.node = labels.node
            WHERE links.link_kind = ?
        )
        QUALIFY count(*) OVER (PARTITION BY key) > 1
        """,
        [kind],
    )


def _spread_labels(connection: "duckdb.DuckDBPyConnection") -> None:
    """components (label, component): the smallest label that a chain of keys leads to.

    Raises RuntimeError when that takes more than MOST_ROUNDS.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE components AS
        SELECT DISTINCT label, label AS component FROM key_labels
        """
    )
    for _ in range(MOST_ROUNDS):
        if not _spread_once(connection):
            return
    raise RuntimeError(f"identity: clusters still grow after {MOST_ROUNDS} rounds")


def _spread_once(connection: "duckdb.DuckDBPyConnection") -> bool:
    """One round; True when any label moved."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE next_components AS
        WITH lowest AS (
            SELECT key_labels.key, min(components.component) AS component
            FROM key_labels INNER JOIN components USING (label)
            GROUP BY key_labels.key
        )
        SELECT key_labels.label, min(lowest.component) AS component
        FROM key_labels INNER JOIN lowest USING (key)
        GROUP BY key_labels.label
        """
    )
    moved = connection.execute(
        """
        SELECT count(*) FROM components INNER JOIN next_components USING (label)
        WHERE next_components.component < components.component
        """
    ).fetchone()
    connection.execute("CREATE OR REPLACE TEMP TABLE components AS FROM next_components")
    return bool(moved and moved[0])


def _leave_out_decided(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Take the second record of a pair decided to differ from what would join it to the first."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE left_out AS
        SELECT DISTINCT right_components.label
        FROM decided
        INNER JOIN labels AS l ON decided.left_node = l.node
        INNER JOIN labels AS r ON decided.right_node = r.node
        INNER JOIN components AS left_components ON l.label = left_components.label
        INNER JOIN components AS right_components
            ON r.label = right_components.label
            AND left_components.component = right_components.component
        WHERE decided.decision = 'different'
        """
    )
    connection.execute("DELETE FROM key_labels WHERE label IN (SELECT label FROM left_out)")
    return _has_rows(connection, "left_out")


def _hold_components(connection: "duckdb.DuckDBPyConnection", kind: str) -> None:
    """Take out of components, and note as held, those that a guard forbids."""
    is_identifier = kind in IDENTIFIERS
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE refused AS
        WITH members AS (
            SELECT components.component, labels.label, labels.node
            FROM components INNER JOIN labels USING (label)
        ),
        contradictions AS (
            SELECT members.component, 'different ' || identifiers.kind AS reason
            FROM members INNER JOIN identifiers USING (node)
            WHERE NOT ($is_identifier AND identifiers.kind = 'country of registration')
            GROUP BY members.component, identifiers.kind
            HAVING count(DISTINCT identifiers.value) > 1
        ),
        sizes AS (
            SELECT component, label, count(*) AS records FROM members GROUP BY component, label
        ),
        holders AS (
            SELECT sizes.component, key_labels.key, sum(sizes.records) AS records
            FROM key_labels INNER JOIN sizes USING (label)
            GROUP BY sizes.component, key_labels.key
        ),
        bridged AS (
            SELECT component FROM sizes
            GROUP BY component
            HAVING max(records) >= $large AND sum(records) - max(records) >= $large
            UNION
            SELECT component FROM holders
            GROUP BY component
            HAVING count(*) FILTER (WHERE records >= $large) > 1
        ),
        outsized AS (
            SELECT component, 'more than ' || $most_records || ' records' AS reason
            FROM sizes
            GROUP BY component
            HAVING sum(records) > $most_records
            UNION ALL
            SELECT component, 'joins large groups' FROM bridged WHERE NOT $is_identifier
        )
        SELECT component, min(reason) AS reason
        FROM (FROM contradictions UNION ALL FROM outsized)
        GROUP BY component
        """,
        {"is_identifier": is_identifier, "most_records": MOST_RECORDS, "large": LARGE},
    )
    connection.execute(
        """
        INSERT INTO held
        SELECT components.component, components.label, ?, refused.reason
        FROM components INNER JOIN refused USING (component)
        WHERE components.label <> components.component
        """,
        [kind],
    )
    connection.execute("DELETE FROM components WHERE component IN (SELECT component FROM refused)")


def _join_components(connection: "duckdb.DuckDBPyConnection", reason: str) -> None:
    """Let the clusters of a component be one; a record's reason is the first that joined it."""
    connection.execute(
        """
        INSERT INTO joined
        SELECT labels.node, ?, NULL
        FROM labels INNER JOIN components USING (label)
        WHERE components.component IN (
                SELECT component FROM components GROUP BY component HAVING count(*) > 1
            )
            AND labels.node NOT IN (SELECT node FROM joined)
        """,
        [reason],
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT labels.node, coalesce(components.component, labels.label) AS label
        FROM labels LEFT JOIN components USING (label)
        """
    )


def _choose_best_pairs(connection: "duckdb.DuckDBPyConnection") -> None:
    """best (low, high, weight): the pairs that are the best of both ends; small labels first."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE best AS
        WITH ends AS (
            SELECT low AS this, high AS other, weight FROM edges
            UNION ALL
            SELECT high, low, weight FROM edges
        ),
        firsts AS (
            SELECT this, other, weight
            FROM ends
            QUALIFY row_number() OVER (
                PARTITION BY this ORDER BY weight DESC, least(this, other), greatest(this, other)
            ) = 1
        )
        SELECT firsts.this AS low, firsts.other AS high, firsts.weight
        FROM firsts
        INNER JOIN firsts AS back ON firsts.this = back.other AND firsts.other = back.this
        WHERE firsts.this < firsts.other
        """
    )


def _hold_pairs(connection: "duckdb.DuckDBPyConnection") -> None:
    """Take out of best and of edges, and note as held, the pairs that a guard forbids."""
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT low AS a, high AS b FROM best")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE refused AS {_OPPOSED}", _LIMITS)
    _ask_for_rivals(connection)
    connection.execute(
        f"""
        INSERT INTO refused
        WITH undecided AS (
            SELECT rivals.this, rivals.other, rivals.rival
            FROM rivals
            INNER JOIN ({_OPPOSED}) AS opposed
                ON opposed.a = least(rivals.other, rivals.rival)
                AND opposed.b = greatest(rivals.other, rivals.rival)
        ),
        -- Neither of the two: else the second would stand alone in the next round.
        pairs AS (
            SELECT least(this, other) AS a, greatest(this, other) AS b FROM undecided
            UNION
            SELECT least(this, rival), greatest(this, rival) FROM undecided
        )
        SELECT a, b, 'another candidate is as good' FROM pairs
        WHERE (a, b) NOT IN (SELECT (a, b) FROM refused)
        """,
        _LIMITS,
    )
    connection.execute("INSERT INTO held SELECT a, b, 'match', reason FROM refused")
    for pairs in ("best", "edges"):
        connection.execute(f"DELETE FROM {pairs} WHERE (low, high) IN (SELECT (a, b) FROM refused)")


def _ask_for_rivals(connection: "duckdb.DuckDBPyConnection") -> None:
    """rivals: what one end of a best pair could as well be; asked: whether both could be one."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE rivals AS
        WITH ends AS (
            SELECT low AS this, high AS other, weight FROM edges
            UNION ALL
            SELECT high, low, weight FROM edges
        ),
        chosen AS (
            SELECT weight, low AS this, high AS other FROM best
            UNION ALL
            SELECT weight, high, low FROM best
        )
        SELECT chosen.this, chosen.other, ends.other AS rival
        FROM chosen
        INNER JOIN ends ON chosen.this = ends.this AND chosen.other <> ends.other
        WHERE ends.weight > chosen.weight - ?
        """,
        [TOO_CLOSE],
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE asked AS
        SELECT DISTINCT least(other, rival) AS a, greatest(other, rival) AS b FROM rivals
        """
    )


def _join_pairs(connection: "duckdb.DuckDBPyConnection") -> None:
    """Let the two clusters of each best pair be one, under the smaller label."""
    connection.execute(
        """
        INSERT INTO joined
        SELECT labels.node, 'match', ends.weight
        FROM labels
        INNER JOIN (SELECT unnest([low, high]) AS label, weight FROM best) AS ends USING (label)
        WHERE labels.node NOT IN (SELECT node FROM joined)
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT labels.node, coalesce(best.low, labels.label) AS label
        FROM labels LEFT JOIN best ON labels.label = best.high
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE edges AS
        WITH moved AS (
            SELECT edges.weight,
                coalesce(l.low, edges.low) AS this, coalesce(r.low, edges.high) AS other
            FROM edges
            LEFT JOIN best AS l ON edges.low = l.high
            LEFT JOIN best AS r ON edges.high = r.high
        )
        SELECT least(this, other) AS low, greatest(this, other) AS high, max(weight) AS weight
        FROM moved
        WHERE this <> other
        GROUP BY ALL
        """
    )


def _has_rows(connection: "duckdb.DuckDBPyConnection", table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


# Why the two clusters of a pair in the temporary table asked (a, b) can't be one.
_OPPOSED = """
    WITH members AS (
        SELECT label, node FROM labels
        WHERE label IN (SELECT a FROM asked) OR label IN (SELECT b FROM asked)
    ),
    known AS (
        SELECT DISTINCT members.label, identifiers.kind, identifiers.value
        FROM members INNER JOIN identifiers USING (node)
    ),
    sizes AS (
        SELECT label, count(*) AS records FROM members GROUP BY label
    ),
    reasons AS (
        SELECT asked.a, asked.b, 'different ' || known_a.kind AS reason
        FROM asked
        INNER JOIN known AS known_a ON asked.a = known_a.label
        INNER JOIN known AS known_b ON asked.b = known_b.label AND known_a.kind = known_b.kind
        WHERE known_a.value <> known_b.value
        UNION ALL
        SELECT asked.a, asked.b, 'decided to be different'
        FROM decided
        INNER JOIN members AS l ON decided.left_node = l.node
        INNER JOIN members AS r ON decided.right_node = r.node
        INNER JOIN asked
            ON asked.a = least(l.label, r.label) AND asked.b = greatest(l.label, r.label)
        WHERE decided.decision = 'different'
        UNION ALL
        SELECT asked.a, asked.b,
            CASE
                WHEN sizes_a.records + sizes_b.records > $most_records
                    THEN 'more than ' || $most_records || ' records'
                ELSE 'joins large groups'
            END
        FROM asked
        INNER JOIN sizes AS sizes_a ON asked.a = sizes_a.label
        INNER JOIN sizes AS sizes_b ON asked.b = sizes_b.label
        WHERE sizes_a.records + sizes_b.records > $most_records
            OR (sizes_a.records >= $large AND sizes_b.records >= $large)
    )
    SELECT a, b, min(reason) AS reason FROM reasons GROUP BY a, b
"""
_LIMITS = {"most_records": MOST_RECORDS, "large": LARGE}
