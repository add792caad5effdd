"""Fetching one source: its connector's frames, landed.

What belongs here: putting session, connector and landing together, and the one reading of the
clock (`fetched_at`). What doesn't: whether a source is to be asked now (`orchestration/` decides).
"""

import logging
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from requests.adapters import BaseAdapter

from ingest.batches import Batch, batches_of
from ingest.documents.sources import SandboxSize, Source, load_sources, resolve_secrets, secrets_of
from ingest.errors import SourceError, SourceRejected
from ingest.http import Limits, SourceSession, Traffic
from ingest.landing import Spool, is_whole
from ingest.registry import LastBatch, Request, connector
from ingest.secrecy import HIDDEN, spellings, without
from ingest.settings import Settings
from ingest.tables import TABLES

SANDBOX = "sandbox://"
TOLD = ("_file", "_reject")
"""What a connector tells of a row that is set aside, in words that may name an address."""
COMMITS = 3
"""Tables that are written side by side: a good part of writing one is work of a single thread."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What a fetch landed, a batch per table in the tables' order, and what asking for it took."""

    batches: tuple[Batch, ...]
    traffic: Traffic


def fetch_source(
    settings: Settings, source: Source, week: date, *, limits: Limits | None = None
) -> Fetched:
    """Fetch a source for a week and land each of its tables; `limits` other than the usual ones.

    Nothing lands before the source has given everything, and a table without any row lands empty,
    so that its loss is seen, unless it is the list of whom to leave alone and required. Raises
    MissingSecret before any request, SourceUnavailable or SourceRejected after it.
    """
    resolved = resolve_secrets(source)
    try:
        return _fetched(settings, source, resolved, week, limits)
    except SourceError as error:
        # Addresses may hold a secret, and messages of what went wrong name addresses.
        raise error.without(secrets_of(source)) from None


def _fetched(
    settings: Settings, source: Source, resolved: Source, week: date, limits: Limits | None
) -> Fetched:
    module = connector(source.connector)
    sandbox = _sandbox(settings, source, week)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="fetch-", dir=settings.scratch) as scratch,
        SourceSession(
            source.name,
            rate=module.RATE_PER_SECOND,
            sandbox=sandbox,
            limits=limits,
            keep_page=partial(_keep_page, settings, source),
        ) as session,
        ExitStack() as stack,
    ):
        request = Request(
            week,
            session,
            settings.sources.parent,
            Path(scratch),
            partial(_last_batch, settings, source.name, week, sandbox is not None),
        )
        spools = {
            table: stack.enter_context(Spool(settings, source.name, week, TABLES[table]))
            for table in module.tables(resolved.options)
        }
        secrets = spellings(secrets_of(source))
        for table, frame in module.fetch(source.name, resolved.options, request):
            spools[table].add(_without_secrets(frame, secrets))
        log.info("source %s: %s", source.name, session.traffic)
        _check_list(source, spools.get("suppressions"))
        fetched_at = datetime.now(UTC).replace(microsecond=0)
        pool = ThreadPoolExecutor(COMMITS)
        try:
            commits = [
                pool.submit(spool.commit, fetched_at=fetched_at, made_up=sandbox is not None)
                for spool in spools.values()
            ]
            wait(commits, return_when=FIRST_EXCEPTION)
        except BaseException:
            for spool in spools.values():
                spool.give_up()
            raise
        finally:
            # Where one failed, what has not begun by then is left alone.
            pool.shutdown(cancel_futures=True)
        return Fetched(tuple(commit.result() for commit in commits), session.traffic)


def _keep_page(settings: Settings, source: Source, page: str) -> Path:
    """Put a web page aside as text, so that no browser runs it; its path within the home."""
    settings.quarantine.mkdir(parents=True, exist_ok=True)
    path = settings.quarantine / f"{source.name}.txt"
    path.write_text(without(page, secrets_of(source)), encoding="utf-8")
    return path.relative_to(settings.home)


def _without_secrets(frame: pl.DataFrame, secrets: list[str]) -> pl.DataFrame:
    """The frame with dots in place of each secret in what is told of its rows, if set aside."""
    told = [name for name in TOLD if frame.schema.get(name) == pl.String]
    if not (secrets and told):
        return frame
    return frame.with_columns(pl.col(told).str.replace_many(secrets, [HIDDEN], leftmost=True))


def _last_batch(
    settings: Settings, source: str, week: date, made_up: bool, table: str
) -> LastBatch | None:
    """The newest batch up to the week; made-up rows never stand in for real ones."""
    known = [
        batch
        for batch in batches_of(settings, table, source)
        if batch.week <= week and batch.made_up == made_up
    ]
    if not known or not is_whole(settings, known[-1]):
        return None
    return LastBatch(known[-1].week, pl.scan_parquet(known[-1].data(settings)))


def _check_list(source: Source, suppressions: Spool | None) -> None:
    """SourceRejected where a required source names nobody to leave alone.

    The newest list counts for every week, so an empty one must not land: the week it is for would
    be refused by the gate, but a back-filled one would go out without it.
    """
    if source.required and suppressions is not None and not suppressions.has_rows():
        raise SourceRejected(
            source.name,
            "it is required, and no row of its suppressions can be read; expected at least one; "
            "restore the list, or take `required` out if nobody is to be left alone",
        )


def _sandbox(settings: Settings, source: Source, week: date) -> BaseAdapter | None:
    """The adapter of the made-up market where a source is part of it; its truth is written too."""
    if SANDBOX not in str(source.written):
        return None
    size = _sandbox_size(settings, source)
    from ingest.sandbox.transport import SandboxAdapter
    from ingest.sandbox.truth import write_truth

    write_truth(settings, size.companies, size.seed, week)
    return SandboxAdapter(size.companies, size.seed, week)


def _sandbox_size(settings: Settings, source: Source) -> SandboxSize:
    size = _written_size(settings.sources, settings.sources.stat().st_mtime_ns)
    if size is None:
        raise SourceRejected(
            source.name,
            f"it names {SANDBOX} addresses, but {settings.sources.name} has no "
            "`sandbox: {companies: 5000, seed: 7}`; add it",
        )
    return size


@lru_cache(maxsize=1)
def _written_size(sources: Path, _changed: int) -> SandboxSize | None:
    """The size in a document, read once for all the sources that are part of the sandbox."""
    return load_sources(sources).sandbox
