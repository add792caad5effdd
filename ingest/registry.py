"""The connectors that sources.yml can name: one line each, and what a connector module must have.

To add a source, write `ingest/sources/<name>.py` and add its line here; no SQL changes. A good
answer of it in `tests/support/connectors.py` puts it to the faults that every source must stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import polars as pl
    from pydantic import BaseModel

    from ingest.http import SourceSession

CONNECTORS = {
    "files": "ingest.sources.files",
    "hubspot": "ingest.sources.hubspot",
    "salesforce": "ingest.sources.salesforce",
    "bombora": "ingest.sources.bombora",
    "job_boards": "ingest.sources.job_boards",
    "gleif": "ingest.sources.gleif",
    "companies_house": "ingest.sources.companies_house",
    "sec_edgar": "ingest.sources.sec_edgar",
    "sec_form_d": "ingest.sources.sec_form_d",
    "web_visits": "ingest.sources.web_visits",
    "google_sheets": "ingest.sources.google_sheets",
}


@dataclass(frozen=True)
class LastBatch:
    """What landed last of a table up to the request's week; rows have the table's columns."""

    week: date
    rows: pl.LazyFrame


@dataclass(frozen=True)
class Request:
    """What a connector is given besides its options, in which secrets are already resolved.

    week: the Monday that the batches will be stamped with.
    session: the only way to the network; retries, limits and caps are its business.
    folder: where relative paths of sources.yml start.
    scratch: an empty folder for downloads, removed after the fetch.
    last_batch: the source's own last batch of a table; null where none has landed. For sources
        that can tell what changed since then (`incremental.py`).
    """

    week: date
    session: SourceSession
    folder: Path
    scratch: Path
    last_batch: Callable[[str], LastBatch | None] = lambda table: None


class Connector(Protocol):
    """The shape of a module in `ingest/sources/`.

    Its docstring says what it reads, terms of use and rate, tables and secrets.

    RATE_PER_SECOND: requests per second that the source permits.
    Options: a pydantic model (extra="forbid") of the source's entries in sources.yml.
        What may come from the environment has a type of `ingest/options.py`.
    tables(options): the input tables that `fetch` lands; one without any row lands empty.
    answers_for_past(options): whether a past week can be asked for, and gets that week's answer.
    fetch(source, options, request): (table, frame) again and again, in any order.

    A frame has canonical column names (`ingest/tables.py`); missing ones become null, and
    `source`, `batch_id` are filled in by the landing, as is `observed_at` where it is null.
    Text is cleaned and domains, countries and e-mails are normalised by the landing too.
    Further columns don't land but tell the landing about the rows:
      _reject (text): why this row must be set aside; null for a good row
      _file (text), _line (integer): where the row stood, for the rejects
      _unread (text): columns whose value could not be read and became null (`unread.py`)
      vendor.<name>: a vendor column without a place, recorded as new (values don't matter)
    """

    RATE_PER_SECOND: float
    Options: type[BaseModel]

    def tables(self, options: Any) -> tuple[str, ...]: ...

    def answers_for_past(self, options: Any) -> bool: ...

    def fetch(
        self, source: str, options: Any, request: Request
    ) -> Iterator[tuple[str, pl.DataFrame]]: ...


def connector(name: str) -> Connector:
    """Import a connector's module; a name that CONNECTORS lacks is a KeyError."""
    return cast(Connector, import_module(CONNECTORS[name]))
