"""Queries of a Salesforce org as jobs of its Bulk API 2.0: made, waited for, read part by part.

What belongs here: the protocol, and fields that an org lacks or hides. What doesn't: which objects
are asked for and what their fields mean (`sources/salesforce.py`).

A query names its fields, and one that the org doesn't show refuses all of it: what is optional is
then left out and the query put again.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from ingest import files
from ingest.errors import RequestRefused, SourceRejected, SourceUnavailable
from ingest.files import FileOptions
from ingest.http import SourceSession
from ingest.normalise import clean
from ingest.pages import pages

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
NO_SUCH_FIELD = re.compile(r"No such column '(?:\w+\.)*(\w+)'")
NO_SUCH_OBJECT = re.compile(r"sObject type '\w+' is not supported|INVALID_TYPE")
LIMIT = "REQUEST_LIMIT_EXCEEDED"
WORKING = {"UploadComplete", "InProgress", "Open", "Queued"}
LONGEST_REASON = 300

log = logging.getLogger(__name__)


class Org(NamedTuple):
    """Where jobs are made (`…/jobs/query`), and how much of a result comes at once.

    wait_seconds: how long a job may take. scratch: a folder for results, each removed once read.
    """

    session: SourceSession
    address: str
    page_records: int
    wait_seconds: float
    scratch: Path


class Query(NamedTuple):
    """What is asked of an object: fields that are needed, and fields that the org may lack.

    Deleted and merged records come too where `with_deleted`.
    """

    name: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    where: str | None
    with_deleted: bool

    def soql(self, fields: list[str]) -> str:
        """The query for these of its fields."""
        selected = f"SELECT {', '.join(fields)} FROM {self.name}"
        return f"{selected} WHERE {self.where}" if self.where else selected


def records(org: Org, query: Query) -> Iterator[pl.DataFrame]:
    """The result as frames of files (`files.py`), without the fields that the org doesn't show.

    SourceUnavailable where a later run can help: a job that was aborted, isn't done in time or gave
    fewer records than it counted, or an org without requests left. RequestRefused with what the
    org said, and SourceRejected for a needed field that it doesn't show.
    """
    with _limits_told(org.session.source):
        job = _job(org, query)
        rows = 0
        for path in _results(org, query, f"{org.address}/{job['id']}/results"):
            for frame in _read(org.session.source, path):
                rows += frame.height
                yield frame
            path.unlink()
    said = job.get("numberRecordsProcessed")
    if isinstance(said, int) and rows < said:
        raise SourceUnavailable(
            org.session.source,
            f"{query.name}: Salesforce counted {said:,} records and gave {rows:,}; run again",
        )


def is_unknown_object(refusal: RequestRefused) -> bool:
    """Whether the org has no such object, or doesn't show it."""
    return bool(NO_SUCH_OBJECT.search(refusal.answer))


def _job(org: Org, query: Query) -> dict[str, Any]:
    fields = list(dict.fromkeys([*query.needed, *query.optional]))
    source = org.session.source
    while True:
        try:
            return _completed(org, query, fields)
        except RequestRefused as refusal:
            unseen = _unseen(refusal, fields)
            if unseen is None:
                raise _explained(source, query, refusal) from None
            if unseen in query.needed:
                raise SourceRejected(
                    source,
                    f"{query.name}: the org lacks or hides the field {unseen}, which is needed; "
                    "let the user of the API see it, or change the option that names it",
                ) from None
            log.info("source %s: %s has no %s here", source, query.name, unseen)
            fields.remove(unseen)


def _completed(org: Org, query: Query, fields: list[str]) -> dict[str, Any]:
    left, pause = org.wait_seconds, FIRST_PAUSE
    operation = "queryAll" if query.with_deleted else "query"
    asked = {"operation": operation, "query": query.soql(fields)}
    job = org.session.post_json(org.address, asked)
    while not _is_complete(org.session.source, query, job):
        if left <= 0:
            raise SourceUnavailable(
                org.session.source,
                f"{query.name}: the query job {job['id']} is not done after "
                f"{org.wait_seconds:.0f} s; run again later, or raise `wait_seconds`",
            )
        org.session.wait(org.address, min(pause, left))
        left, pause = left - pause, min(2 * pause, LONGEST_PAUSE)
        job = org.session.get_json(f"{org.address}/{job['id']}")
    return dict(job)


def _is_complete(source: str, query: Query, job: Any) -> bool:
    state = job.get("state") if isinstance(job, dict) else None
    if state == "Failed":
        raise RequestRefused(source, "the query job failed", str(job.get("errorMessage") or ""))
    if state == "Aborted":
        raise SourceUnavailable(source, f"{query.name}: the query job was aborted; run again")
    if state not in {*WORKING, "JobComplete"} or not re.fullmatch(r"\w+", str(job.get("id"))):
        raise SourceRejected(source, f"{query.name}: expected a query job with `id` and `state`")
    return bool(state == "JobComplete")


def _results(org: Org, query: Query, address: str) -> Iterator[Path]:
    """The CSV files of a result, of at most `page_records` records each."""
    numbers = count()

    def page(locator: str | None) -> tuple[Path, str | None]:
        path = org.scratch / f"{query.name}-{next(numbers):06}.csv"
        asked = {"maxRecords": org.page_records, "locator": locator}
        following = org.session.download_part(address, path, asked).get("Sforce-Locator")
        return path, None if following in (None, "", "null") else following

    return pages(org.session.source, page)


def _read(source: str, path: Path) -> Iterator[pl.DataFrame]:
    """An empty body is a result without records; the job's count tells of a lost one."""
    if path.stat().st_size:
        yield from files.read(source, path, FileOptions(path=path.name, format="csv"))


def _unseen(refusal: RequestRefused, fields: list[str]) -> str | None:
    """The field of the query that the org says it doesn't have."""
    named = NO_SUCH_FIELD.search(refusal.answer)
    spelled = {field.lower(): field for field in fields}
    return spelled.get(named[1].lower()) if named else None


def _explained(source: str, query: Query, refusal: RequestRefused) -> RequestRefused:
    """The refusal with what Salesforce said, in one short line."""
    said = clean(pl.Series([_reason(refusal.answer)], dtype=pl.String)).item() or "no reason"
    message = f"{query.name}: {refusal.message}; {said[:LONGEST_REASON]}"
    return RequestRefused(source, message, refusal.answer)


def _reason(answer: str) -> str:
    """`[{"errorCode": …, "message": …}]` as text; anything else as it is."""
    try:
        first = json.loads(answer)[0]
        return f"{first['errorCode']}: {first['message']}"
    except (ValueError, LookupError, TypeError):
        return answer


@contextmanager
def _limits_told(source: str) -> Iterator[None]:
    """An org that has used up its requests answers as if the credentials were wrong."""
    try:
        yield
    except RequestRefused as refusal:
        if LIMIT in refusal.answer:
            raise SourceUnavailable(
                source, "the org has used up its API requests of 24 hours; run again later"
            ) from None
        raise
