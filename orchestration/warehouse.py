"""The DuckDB file that one list week is built in, and its raw views over the landed batches.

What belongs here: opening the file of a week, the `raw` schema, pruning old weeks. What doesn't:
which batches a week uses (`inputs.py`) and everything that dbt builds on the views.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.settings import Settings

if TYPE_CHECKING:
    import duckdb

WEEKS_KEPT = 4
FILE_NAME = "warehouse.duckdb"
SPILL = ".spill"

BATCH_COLUMNS = {
    "source": "VARCHAR",
    "table_name": "VARCHAR",
    "batch_id": "VARCHAR",
    "stamped_week": "DATE",
    "rows": "BIGINT",
    "rejects": "BIGINT",
    "unconverted": "BIGINT",
    "content_hash": "VARCHAR",
    "is_known_later": "BOOLEAN",
    "is_made_up": "BOOLEAN",
}
_SCORES = {
    "organisation_fit_score": "DECIMAL(9,4)",
    "people_coverage_score": "DECIMAL(9,4)",
    "issue_urgency_score": "DECIMAL(9,4)",
    "alignment_score": "DECIMAL(9,4)",
}
_PUBLISHED = {
    "account_id": "VARCHAR",
    "name": "VARCHAR",
    "domain": "VARCHAR",
    "tier": "VARCHAR",
    "rank": "INTEGER",
    **_SCORES,
    "list_week": "DATE",
    "publish_id": "VARCHAR",
}
# What the company itself was; the dbt macro fact_columns() names the same.
_FACTS = {
    "name": "VARCHAR",
    "country": "VARCHAR",
    "region": "VARCHAR",
    "city": "VARCHAR",
    "industry": "VARCHAR",
    "industry_code": "VARCHAR",
    "employees": "BIGINT",
    "revenue_usd": "DOUBLE",
    "founded_year": "BIGINT",
    "ownership": "VARCHAR",
    "legal_form": "VARCHAR",
    "status": "VARCHAR",
    "attributes": "MAP(VARCHAR, VARCHAR)",
    "subsidiaries": "BIGINT",
    "subsidiaries_added_24_months": "BIGINT",
    "sites": "BIGINT",
    "depth_under_parent": "BIGINT",
    "has_parent": "BOOLEAN",
    "technologies": "VARCHAR",
    "is_listed": "BOOLEAN",
    "is_regulated": "BOOLEAN",
}
HISTORY_COLUMNS = {
    "published_lists": _PUBLISHED,
    "account_facts": {
        "account_id": "VARCHAR",
        **_FACTS,
        "reachable_contacts": "BIGINT",
        "reason_ids": "VARCHAR[]",
        "list_week": "DATE",
    },
    "last_account_facts": {
        **_PUBLISHED,
        "outcome": "VARCHAR",
        "outcome_reason": "VARCHAR",
        "reason_ids": "VARCHAR[]",
    },
    "last_account_records": {"record_id": "VARCHAR", "account_id": "VARCHAR"},
    "last_account_id_changes": {
        "account_id": "VARCHAR",
        "became_account_id": "VARCHAR",
        "kind": "VARCHAR",
        "changed_week": "DATE",
    },
}
"""Raw views over the published history."""


@dataclass(frozen=True)
class Remembered:
    """Rows that count in their newest state, of the last file that has them, and of which only
    those matter whose key some row, however old, says `ever` of."""

    key: tuple[str, ...]
    ever: str


def warehouse_file(settings: Settings, week: date) -> Path:
    """The week's file; its stem never varies: dbt-duckdb takes the database's name from it."""
    return settings.warehouse / f"{week}" / FILE_NAME


def database_config(settings: Settings) -> dict[str, str]:
    """How every connection to a warehouse is opened; profiles.yml says the same of dbt's,
    but for the format, which the first connection decides.

    Raw views name their files relative to the home, so that it can be moved. What doesn't fit into
    memory goes to the home's disk, never to the system's temporary folder. Only this version of
    DuckDB reads a warehouse, so a new one is written as the version does it best: older formats,
    which it would choose itself, take a half longer to write.
    """
    return {
        "file_search_path": str(settings.home),
        "temp_directory": str(settings.warehouse / SPILL),
        "memory_limit": settings.memory_limit or _usual_memory_limit(),
        "storage_compatibility_version": "latest",
    }


def publishing_config(settings: Settings) -> dict[str, str]:
    """How a connection is opened that publishes: an eighth of the memory is left for what the run
    holds beside it, and for its worker, which waits to check the files."""
    config = database_config(settings)
    return config | {"memory_limit": f"{_bytes(config['memory_limit']) * 7 // 8}B"}


def advised(settings: Settings, message: str) -> str:
    """What DuckDB, or dbt for it, said; where memory ran out, or the room for what it doesn't hold,
    with what to do in place of the engine's own settings."""
    said, is_out_of_memory, where = message.partition("Out of Memory Error")
    if not is_out_of_memory:
        return message
    found = re.split(r"\.?\s*(?:Possible solutions|This limit was set)", where)[0]
    return f"{said}{is_out_of_memory}{found}; {_way_out(settings, found)}"


def free_room(settings: Settings) -> str:
    """How much room there is in the home, in brackets; nothing where that can't be told."""
    try:
        free = shutil.disk_usage(settings.home).free // 1_000_000
    except OSError:
        return ""
    return f" ({free:,} MB are free in {settings.home})"


def _way_out(settings: Settings, found: str) -> str:
    if "failed to offload" in found:
        spill = settings.warehouse / SPILL
        return f"{spill}, for what memory doesn't hold, has no room left{free_room(settings)}"
    limit = database_config(settings)["memory_limit"]
    if settings.memory_limit:
        return f"set PROSPECT_MEMORY_LIMIT higher, it is {limit}"
    return f"a database may hold {limit} of this machine's memory: free some, or take a larger one"


@cache
def _usual_memory_limit() -> str:
    """What DuckDB takes by itself on this machine, or in this container."""
    import duckdb

    with duckdb.connect() as connection:
        row = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    assert row is not None
    return str(row[0])


def _bytes(size: str) -> int:
    import duckdb

    with duckdb.connect() as connection:
        row = connection.execute("SELECT parse_formatted_bytes(?)", [size]).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def connect(settings: Settings, week: date) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A read-write connection that resolves the relative paths of the raw views."""
    path = warehouse_file(settings, week)
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(settings, path) as connection:
        yield connection


@contextmanager
def opened(settings: Settings, database: Path) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A connection as `connect` makes it, to a warehouse that lies elsewhere than its week's."""
    import duckdb

    with duckdb.connect(str(database), config=dict(database_config(settings))) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def start_afresh(settings: Settings, week: date) -> None:
    """Remove what an earlier run left of the week, and weeks beyond the newest WEEKS_KEPT."""
    shutil.rmtree(settings.warehouse / f"{week}", ignore_errors=True)
    # DuckDB removes what it spilled itself, unless it is killed.
    shutil.rmtree(settings.warehouse / SPILL, ignore_errors=True)
    others = sorted(path for path in settings.warehouse.glob("????-??-??") if path.is_dir())
    for stale in others[: -(WEEKS_KEPT - 1)]:
        shutil.rmtree(stale, ignore_errors=True)


def create_raw_view(
    connection: "duckdb.DuckDBPyConnection",
    name: str,
    columns: Mapping[str, str],
    files: Iterable[Path],
    home: Path,
    *,
    remembered: "Remembered | None" = None,
) -> None:
    """`raw.<name>` over Parquet files named relative to the home; without files typed and empty.

    A column that no file has yet is null. Of what is remembered only the newest rows are there.
    Raises duckdb.Error for a file it can't read.
    """
    paths = ", ".join(quoted(str(file.relative_to(home))) for file in files)
    typed = ", ".join(
        f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in columns.items()
    )
    rows = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns.items())
    rows = f"SELECT {rows}, NULL AS file_index WHERE false"
    if paths:
        # file_index is DuckDB's own: the place of a row's file in the list.
        read = f"read_parquet([{paths}], union_by_name = true)"
        rows += f" UNION ALL BY NAME SELECT *, file_index FROM {read}"
    select = f"SELECT {typed} FROM ({rows})"
    if remembered:
        key = ", ".join(f'"{column}"' for column in remembered.key)
        # Ranked are the few that it was ever said of, not everybody of every week.
        select += (
            f" WHERE ({key}) IN (SELECT ({key}) FROM ({rows}) WHERE {remembered.ever})"
            f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY file_index DESC) = 1"
        )
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(f'CREATE OR REPLACE VIEW raw."{name}" AS {select}')


def can_read(connection: "duckdb.DuckDBPyConnection", file: Path) -> bool:
    """Whether the file is there and is Parquet, as far as its footer tells; raises what DuckDB does
    where there is no memory for looking."""
    import duckdb

    try:
        connection.execute(f"SELECT * FROM read_parquet({quoted(str(file))}) LIMIT 0")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return True


def create_batches_table(
    connection: "duckdb.DuckDBPyConnection", rows: Sequence[Mapping[str, object]]
) -> None:
    """`raw.batches`: one row per batch in use."""
    columns = ", ".join(f'"{column}" {kind}' for column, kind in BATCH_COLUMNS.items())
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(f"CREATE OR REPLACE TABLE raw.batches ({columns})")
    if rows:
        marks = ", ".join("?" for _ in BATCH_COLUMNS)
        connection.executemany(
            f"INSERT INTO raw.batches VALUES ({marks})",
            [[row[column] for column in BATCH_COLUMNS] for row in rows],
        )


def quoted(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"
