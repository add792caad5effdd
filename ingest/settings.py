"""Where things lie: the settings that come from the environment, and the folders they imply.

What belongs here: paths and the first list week. What doesn't: anything about one source
(`sources.yml`) or about the ranking (`perfect_customer.yml`). Nothing here reads a clock.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ingest.errors import ProspectError

PROJECT = Path(__file__).resolve().parent.parent
FIRST_WEEK = "2026-01-05"


@dataclass(frozen=True)
class Settings:
    """The caller's settings; `home` holds all run-time data and can be moved as a whole.

    `memory_limit` is what a database may hold in memory; null leaves it to DuckDB, which takes
    most of the machine's.
    """

    home: Path
    sources: Path
    perfect_customer: Path
    first_week: date
    memory_limit: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read PROSPECT_HOME, _SOURCES, _FIRST_WEEK and _MEMORY_LIMIT, and PERFECT_CUSTOMER."""
        given = os.environ if environment is None else environment
        return cls(
            home=Path(given.get("PROSPECT_HOME") or "data").resolve(),
            sources=_document(given.get("PROSPECT_SOURCES"), "sources.yml"),
            perfect_customer=_document(given.get("PERFECT_CUSTOMER"), "perfect_customer.yml"),
            first_week=_first_week(given.get("PROSPECT_FIRST_WEEK") or FIRST_WEEK),
            memory_limit=_memory_limit(given.get("PROSPECT_MEMORY_LIMIT") or None),
        )

    @property
    def landing(self) -> Path:
        """Immutable batches: landing/<table>/<source>/<batch_id>/."""
        return self.home / "landing"

    @property
    def rejects(self) -> Path:
        """Rows set aside with their reason: rejects/<table>/<source>/<batch_id>.parquet."""
        return self.home / "rejects"

    @property
    def quarantine(self) -> Path:
        """Web pages that came in place of data, as text: the last one of each source."""
        return self.rejects / "pages"

    @property
    def warehouse(self) -> Path:
        """One DuckDB file per list week."""
        return self.home / "warehouse"

    @property
    def history(self) -> Path:
        """Published lists and weekly account facts, as Parquet."""
        return self.home / "history"

    @property
    def published(self) -> Path:
        """What readers see: versions and the links to them."""
        return self.home / "published"

    @property
    def refused(self) -> Path:
        """What the gate refused, and why."""
        return self.home / "refused"

    @property
    def dagster(self) -> Path:
        """Dagster's own home."""
        return self.home / "dagster"

    @property
    def sandbox(self) -> Path:
        """The hidden truth of the made-up market; no model reads it."""
        return self.home / "sandbox"

    @property
    def scratch(self) -> Path:
        """What a run downloads on its way, and nobody else reads; emptied by the next run."""
        return self.home / ".scratch"

    @property
    def lock(self) -> Path:
        """The file that a run holds locked."""
        return self.home / "run.lock"


def latest_monday(today: date) -> date:
    """The Monday of the week that `today` lies in: the list week by default."""
    return today - timedelta(days=today.weekday())


def _document(given: str | None, name: str) -> Path:
    return Path(given).resolve() if given else PROJECT / name


def _first_week(text: str) -> date:
    try:
        week = date.fromisoformat(text)
    except ValueError:
        week = None
    if week is None or week != latest_monday(week):
        raise ProspectError(
            f"PROSPECT_FIRST_WEEK: expected a Monday such as {FIRST_WEEK}, found {text!r}"
        )
    return week


def _memory_limit(text: str | None) -> str | None:
    if text and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", text):
        raise ProspectError(f"PROSPECT_MEMORY_LIMIT: expected a size such as 4GB, found {text!r}")
    return text
