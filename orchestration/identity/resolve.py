"""The identity step as a whole: records, candidate pairs, weights, clusters, accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.identity.accounts import AccountIds, hold_sudden_growth, name_accounts
from orchestration.identity.candidates import Candidates, find_candidates
from orchestration.identity.clusters import (
    Clusters,
    count_clusters,
    join_by_decision,
    join_by_keys,
    join_by_weights,
    number_records,
    summary,
    write_held_links,
)
from orchestration.identity.decisions import MatchDecision, number_decisions
from orchestration.identity.matching import MatchModel, Weighed, weigh_candidates
from orchestration.identity.profiles import write_profiles
from orchestration.identity.uncertain import write_uncertain_matches

if TYPE_CHECKING:
    import duckdb

# Bits. Eight to one that both are one company links them; what is likelier than one to eight, and
# doesn't link, is worth a look.
LINK_AT = 3.0
UNCERTAIN_AT = -3.0


@dataclass(frozen=True)
class Resolution:
    """What the identity step came to."""

    candidates: Candidates
    weighed: Weighed
    clusters: Clusters
    reasons: Mapping[str, int]
    sizes: Mapping[str, int]
    accounts: AccountIds
    uncertain: int


def resolve_companies(
    connection: "duckdb.DuckDBPyConnection",
    model: MatchModel,
    decisions: Sequence[MatchDecision],
    list_week: date,
    cache: Path,
) -> Resolution:
    """Write the tables of the schema identity that the second half of the dbt graph reads.

    company_clusters (record_id, account_id, link_reason, match_weight), account_id_changes,
    held_links and uncertain_matches. `cache` is the file of weights that runs hand to the next one.
    Raises ProspectError when there are too many pairs to compare,
    or decisions that contradict each other.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS identity")
    number_records(connection)
    number_decisions(connection, decisions)
    join_by_keys(connection)
    candidates = find_candidates(connection)
    write_profiles(connection)
    settings = model.for_clusters(count_clusters(connection))
    weighed = weigh_candidates(connection, settings, UNCERTAIN_AT, cache)
    join_by_weights(connection, LINK_AT)
    hold_sudden_growth(connection)
    join_by_decision(connection)
    write_held_links(connection)
    accounts = name_accounts(connection, list_week)
    uncertain = write_uncertain_matches(connection, settings)
    return Resolution(
        candidates,
        weighed,
        summary(connection),
        _counts(connection, "link_reason", "identity.company_clusters"),
        _counts(
            connection,
            "CASE WHEN records < 10 THEN records::VARCHAR ELSE '10 and more' END",
            "(SELECT count(*) AS records FROM identity.company_clusters GROUP BY account_id)",
        ),
        accounts,
        uncertain,
    )


def _counts(connection: "duckdb.DuckDBPyConnection", expression: str, rows: str) -> dict[str, int]:
    """How many rows there are of each value."""
    query = f"SELECT {expression} AS value, count(*) FROM {rows} GROUP BY value ORDER BY value"
    return dict(connection.execute(query).fetchall())
