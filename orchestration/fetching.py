"""Whether a source is asked for a week, and one source asked alone: `prospects fetch`.

What belongs here: what a run and a person at a terminal have in common when a source is fetched,
so that what one of them landed is what the other goes on with. What doesn't: how a source is read
and landed (`ingest/`), and what is told of it (`arrivals.py`).
"""

from dataclasses import dataclass
from datetime import date

from ingest.batches import Batch, batches
from ingest.documents.findings import nearest
from ingest.documents.sources import Source, load_sources
from ingest.errors import ProspectError
from ingest.fetch import Fetched, fetch_source
from ingest.registry import connector
from ingest.settings import Settings
from orchestration.preflight import require_writable
from orchestration.run_lock import run_lock
from orchestration.terminal import printable


@dataclass(frozen=True)
class FetchedAlone:
    """What a source landed, and per table the newest batch up to the week that stood before."""

    source: Source
    week: date
    fetched: Fetched
    before: dict[str, Batch]


def is_asked(settings: Settings, source: Source, week: date, mode: str, running_week: date) -> bool:
    """Whether a source is to be asked for a week; `mode` is auto, yes or no.

    Only the running week fetches; an earlier one does from sources that answer for the past, and
    with yes for what it has nothing for.
    """
    if mode == "no":
        return False
    if connector(source.connector).answers_for_past(source.options) or week == running_week:
        return True
    return mode == "yes" and not _landed(settings, source, week)


def fetch_alone(settings: Settings, name: str, week: date, running_week: date) -> FetchedAlone:
    """Land one source of sources.yml as a run of that week would.

    Raises ProspectError for a name that sources.yml lacks and for a week that the source can't be
    asked for, RunLocked while a run is at work, and whatever `fetch_source` raises.
    """
    source = _named(settings, name)
    with run_lock(settings, week):
        require_writable(settings)
        if not is_asked(settings, source, week, "yes", running_week):
            raise ProspectError(
                f"source {source.name}: it can't tell what it would have said in the week {week}, "
                "for which it has landed; fetch the running week, or keep what there is"
            )
        before = {batch.table: batch for batch in _landed(settings, source, week)}
        try:
            fetched = fetch_source(settings, source, week)
        except OSError as error:
            raise ProspectError(
                f"source {source.name}: landing stopped: {error}; no table is there by half, so "
                "mend the cause and fetch again"
            ) from error
    return FetchedAlone(source, week, fetched, before)


def _landed(settings: Settings, source: Source, week: date) -> list[Batch]:
    """What it landed up to a week, oldest first within a table."""
    return [b for b in batches(settings) if b.source == source.name and b.week <= week]


def _named(settings: Settings, name: str) -> Source:
    """The source of that name; a ProspectError tells the nearest one and its line."""
    sources = {source.name: source for source in load_sources(settings.sources).sources}
    if name in sources:
        return sources[name]
    near = nearest(name, sources)
    known = ", ".join(sources)
    meant = f'; did you mean "{near}", line {sources[near].line}?' if near else ";"
    raise ProspectError(
        f'{settings.sources}: there is no source "{printable(name)}"{meant} expected one of {known}'
    )
