"""What a run found, as the metadata of its assets: numbers worth a plot, and a look at the list.

What belongs here: reading those from finished DuckDB files. What doesn't: what is the same for each
run (`labels.py`). Dagster draws a number over the weeks, so each keeps its name and its unit.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration.identity.matching import MatchSettings, level_weights
from orchestration.publishing.pages import plain_markdown

PREVIEWED = 20
_COLUMNS = ("rank", "name", "domain", "tier", "alignment_score", "weakest_leg", "change", "why_now")

_LIST = """
select
    count(rank) as listed,
    count(*) filter (where change in ('new', 'returned')) as new,
    count(*) filter (where change = 'left') as "left",
    round(100 * count(*) filter (where change = 'left') / nullif(count(previous_rank), 0), 2)
        as churn_pct,
    (select count(distinct contact_id) from target_contacts) as contacts
from target_account_changes
"""
_TIERS = "select 'tier/' || tier, count(*) from target_accounts group by all order by all"
_SIGNALS = """
with issues as (select * from target_account_reasons where leg = 'issue')
select
    date_diff('day', (select max(known_at)::date from signals), list_week) as newest_signal_days,
    date_diff('day', (select min(evidence_date) from issues), list_week) as oldest_signal_days
from meta
"""
# Values of sources that contradict those which stand in accounts, in all and by attribute.
_CONTRADICTIONS = """
select 'contradictions' || coalesce('/' || attribute, ''), count(*) from account_contradictions
group by grouping sets ((), (attribute)) order by all
"""
# What more than one source can know has the source that was believed in a column beside it.
_MASTERED = """
select column_name from duckdb_columns() where table_name = 'accounts'
and column_name || '_source' in (
    select column_name from duckdb_columns() where table_name = 'accounts'
)
order by column_index
"""
# A key with a dot is one source's own value of what stands under the plain key.
_FURTHER = """
select 'known_pct/attributes.' || key, round(100 * count(*) / (select count(*) from accounts), 2)
from (select unnest(map_keys(attributes)) as key from accounts)
where not contains(key, '.') group by all order by all
"""


def list_metadata(marts: duckdb.DuckDBPyConnection) -> dict[str, dg.MetadataValue]:
    """A published list in numbers, with its top as a table; `marts` is a version's marts.duckdb.

    Shares are in percent; days count back from the list week: of the newest signal to anyone, and
    of the oldest evidence that an account is listed for. What nothing is known of is left out.
    """
    numbers = {**_row(marts, _LIST), **_pairs(marts, _TIERS), **_row(marts, _SIGNALS)}
    numbers |= {**_known(marts), **_pairs(marts, _FURTHER), **_pairs(marts, _CONTRADICTIONS)}
    return {"preview": dg.MetadataValue.md(preview(marts))} | {
        name: _number(value) for name, value in numbers.items() if value is not None
    }


def preview(marts: duckdb.DuckDBPyConnection, top: int = PREVIEWED) -> str:
    """The first accounts of a list as a table of Markdown, in which no name is more than text."""
    columns = ", ".join(_COLUMNS)
    rows = marts.execute(
        f"select {columns} from target_accounts order by rank limit {top}"
    ).fetchall()
    heading = [name.replace("_", " ") for name in _COLUMNS]
    lines = [heading, ["---"] * len(heading), *(map(_plain, row) for row in rows)]
    return "\n".join(map(_line, lines))


def weights_chart(settings: MatchSettings) -> str:
    """The bits that each level of each comparison weighs, as a table of Markdown with bars."""
    lines = ["| comparison | level | bits | |", "| --- | --- | ---: | --- |"]
    for comparison, level, weight in level_weights(settings):
        bar = ("▮" if weight > 0 else "▯") * min(round(abs(weight)), 20)
        lines.append(_line([comparison, level, f"{weight:+.1f}", bar]))
    return "\n".join(lines)


def _known(marts: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
    names = [name for (name,) in marts.execute(_MASTERED).fetchall()]
    shares = ", ".join(
        f'round(100 * count("{name}") / count(*), 2) as "known_pct/{name}"' for name in names
    )
    return _row(marts, f"select {shares} from accounts having count(*) > 0")


def _row(marts: duckdb.DuckDBPyConnection, query: str) -> Mapping[str, Any]:
    """The only row of a query by its columns; nothing where there is none."""
    cursor = marts.execute(query)
    row = cursor.fetchone()
    return dict(zip([name for name, *_ in cursor.description], row, strict=True)) if row else {}


def _pairs(marts: duckdb.DuckDBPyConnection, query: str) -> Mapping[str, Any]:
    return dict(marts.execute(query).fetchall())


def _number(value: float) -> dg.MetadataValue:
    return dg.MetadataValue.int(value) if isinstance(value, int) else dg.MetadataValue.float(value)


def _plain(value: object) -> str:
    return "" if value is None else plain_markdown(f"{value}")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
