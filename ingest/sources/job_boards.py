"""Job boards: what companies hire for, from the public boards of Greenhouse, Lever and Ashby.

What: every listed posting of the boards that sources.yml or a CSV names; the CSV has the columns
ats, token, domain, company_name and, if need be, source_company_id. Terms of use: public answers
meant for the boards themselves; be sparing. Rate: no published limit for reading, 5 a second here.
Tables: signals (job_posting). Secrets: none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import quote

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ingest import files
from ingest.convert import convert
from ingest.errors import SourceError, SourceRejected, SourceUnavailable
from ingest.files import VENDOR, FileOptions
from ingest.records import frames
from ingest.registry import Request

RATE_PER_SECOND = 5.0
MOST_FAILURES = 0.5
TAGS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Board(BaseModel):
    """One board and the company it belongs to."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    ats: Literal["greenhouse", "lever", "ashby"]
    token: str
    domain: str | None = None
    company_name: str | None = None
    source_company_id: str | None = None

    @model_validator(mode="after")
    def _names_a_company(self) -> Self:
        if not (self.domain or self.company_name or self.source_company_id):
            raise ValueError("expected a domain, a company_name or a source_company_id")
        return self


class Options(BaseModel):
    """The boards, in a list or a CSV by path or address, and where each vendor answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    boards: str | tuple[Board, ...]
    greenhouse_url: str = "https://boards-api.greenhouse.io"
    lever_url: str = "https://api.lever.co"
    ashby_url: str = "https://api.ashbyhq.com"


class Posting(NamedTuple):
    """What the three vendors have in common; published is text or milliseconds."""

    id: Any
    title: Any
    text: Any
    published: Any
    url: Any


Reader = Callable[[Mapping[str, Any]], Posting]

SCHEMA: dict[str, Any] = dict.fromkeys(
    [
        "source_signal_id",
        "source_company_id",
        "domain",
        "company_name",
        "title",
        "text",
        "published",
        "url",
        "_reject",
        "_file",
    ],
    pl.String,
) | {"_line": pl.Int64}


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("signals",)


def answers_for_past(options: Options) -> bool:
    """Boards show today's postings; the sandbox those of the week."""
    addresses = (options.boards, options.greenhouse_url, options.lever_url, options.ashby_url)
    return all(str(address).startswith("sandbox://") for address in addresses)


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """The postings of every board; a board that fails is a reject, most of them are an error."""
    for frame in frames(_records(source, options, request), SCHEMA):
        published = convert(pl.col("published"), "timestamp", request.week)
        signals = frame.with_columns(
            kind=pl.lit("job_posting"), occurred_at=published, known_at=published
        )
        yield "signals", signals.drop("published")


def _records(source: str, options: Options, request: Request) -> Iterator[dict[str, Any]]:
    boards, rejects = _boards(source, options, request)
    yield from rejects
    failures: list[SourceError] = []
    for board in boards:
        try:
            postings = _postings(source, options, request, board)
        except SourceError as error:
            failures.append(error)
            yield {"_file": f"{board.ats}/{board.token}", "_reject": str(error)}
        else:
            yield from (_record(board, posting) for posting in postings)
    if len(failures) > MOST_FAILURES * len(boards):
        raise SourceUnavailable(
            source, f"{len(failures)} of {len(boards)} boards failed; the last: {failures[-1]}"
        )


def _boards(
    source: str, options: Options, request: Request
) -> tuple[list[Board], list[dict[str, Any]]]:
    """The boards, each once, and the rows of their file that name none."""
    if not isinstance(options.boards, str):
        return list(dict.fromkeys(options.boards)), []
    place = "url" if "://" in options.boards else "path"
    file = FileOptions.model_validate({place: options.boards, "format": "csv"})
    boards, rejects = [], []
    for path in files.located(source, file, request):
        for frame in files.read(source, path, file):
            for row in frame.rename(lambda name: name.removeprefix(VENDOR)).iter_rows(named=True):
                try:
                    boards.append(Board.model_validate(row))
                except ValidationError as error:
                    rejects.append(_reject(row, error))
    return list(dict.fromkeys(boards)), rejects


def _reject(row: Mapping[str, Any], error: ValidationError) -> dict[str, Any]:
    first = error.errors()[0]
    reason = row["_reject"] or ": ".join([*map(str, first["loc"]), first["msg"]])
    return {"_file": row["_file"], "_line": row["_line"], "_reject": reason}


def _postings(source: str, options: Options, request: Request, board: Board) -> list[Posting]:
    address, read = BOARDS[board.ats](options, quote(board.token, safe=""))
    answer = request.session.get_json(address)
    jobs = answer.get("jobs") if isinstance(answer, dict) else answer
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        raise SourceRejected(source, f"{address}: expected a list of postings")
    return [read(job) for job in jobs if job.get("isListed", True)]


def _record(board: Board, posting: Posting) -> dict[str, Any]:
    return {
        "source_signal_id": f"{board.ats}/{board.token}/{posting.id}",
        "source_company_id": board.source_company_id,
        "domain": board.domain,
        "company_name": board.company_name,
        "title": posting.title,
        "text": posting.text,
        "published": None if posting.published is None else str(posting.published),
        "url": posting.url,
    }


def _greenhouse(options: Options, token: str) -> tuple[str, Reader]:
    """Its texts are HTML that is escaped once more; of an edit it tells the time, so no use."""
    address = f"{options.greenhouse_url}/v1/boards/{token}/jobs?content=true"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("title"),
        text=_plain(unescape(job.get("content") or "")),
        published=job.get("first_published"),
        url=job.get("absolute_url"),
    )


def _lever(options: Options, token: str) -> tuple[str, Reader]:
    address = f"{options.lever_url}/v0/postings/{token}?mode=json"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("text"),
        text=" ".join(
            [_plain(job.get("description") or ""), *map(_listed, job.get("lists") or [])]
        ),
        published=job.get("createdAt"),
        url=job.get("hostedUrl"),
    )


def _listed(part: Mapping[str, Any]) -> str:
    return f"{part.get('text') or ''}: {_plain(part.get('content') or '')}"


def _ashby(options: Options, token: str) -> tuple[str, Reader]:
    address = f"{options.ashby_url}/posting-api/job-board/{token}"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("title"),
        text=_plain(job.get("descriptionHtml") or ""),
        published=job.get("publishedAt"),
        url=job.get("jobUrl"),
    )


def _plain(html: str) -> str:
    """Text without mark-up; the landing folds what white space is left."""
    return unescape(TAGS.sub(" ", html))


BOARDS: dict[str, Callable[[Options, str], tuple[str, Reader]]] = {
    "greenhouse": _greenhouse,
    "lever": _lever,
    "ashby": _ashby,
}
