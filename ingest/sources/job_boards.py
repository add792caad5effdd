"""Job boards: what companies hire for, from the public boards of Greenhouse, Lever and Ashby.

What: every listed posting of the boards that sources.yml or a CSV names; the CSV has the columns
ats, token, domain, company_name and, if need be, source_company_id. Terms of use: public answers
meant for the boards themselves; be sparing. Rate: no published limit for reading, 5 a second here.
Tables: signals (job_posting). Secrets: none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import quote

import polars as pl
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from ingest import files
from ingest.convert import convert
from ingest.errors import SourceError, SourceRejected, SourceUnavailable
from ingest.files import VENDOR, FileOptions
from ingest.headers import check_columns
from ingest.json_values import at, items_of, text_of
from ingest.options import FromEnvironment
from ingest.records import frames
from ingest.registry import Request
from ingest.unread import unread

RATE_PER_SECOND = 5.0
MOST_FAILURES = 0.5
TAGS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


class Board(BaseModel):
    """One board and the company it belongs to."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    ats: Annotated[Literal["greenhouse", "lever", "ashby"], BeforeValidator(_lower)]
    token: str = Field(min_length=1)
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

    boards: FromEnvironment | tuple[Board, ...]
    greenhouse_url: FromEnvironment = "https://boards-api.greenhouse.io"
    lever_url: FromEnvironment = "https://api.lever.co"
    ashby_url: FromEnvironment = "https://api.ashbyhq.com"


class Posting(NamedTuple):
    """What the three vendors have in common; published is text or milliseconds."""

    id: Any
    title: Any
    place: str
    text: str
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
            unread({"published": pl.col("published").is_not_null() & published.is_null()}),
            kind=pl.lit("job_posting"),
            occurred_at=published,
            known_at=published,
        )
        yield "signals", signals.drop("published")


def _records(source: str, options: Options, request: Request) -> Iterator[dict[str, Any]]:
    boards, rejects = _boards(source, options, request)
    yield from rejects
    failures: list[SourceError] = []
    for board in boards:
        place = f"{board.ats}/{board.token}"
        try:
            postings = _postings(source, options, request, board)
        except SourceError as error:
            failures.append(error)
            yield {"_file": place, "_reject": str(error)}
        else:
            yield from ({**_record(board, posting), "_file": place} for posting in postings)
    if len(failures) > MOST_FAILURES * len(boards):
        raise SourceUnavailable(
            source, f"{len(failures)} of {len(boards)} boards failed; the last: {failures[-1]}"
        )


def _boards(
    source: str, options: Options, request: Request
) -> tuple[list[Board], list[dict[str, Any]]]:
    """The boards, each once, and the rows of their file that name none.

    SourceRejected where no row of the file names a board: its signals would land empty.
    """
    if not isinstance(options.boards, str):
        return list(dict.fromkeys(options.boards)), []
    place = "url" if "://" in options.boards else "path"
    file = FileOptions.model_validate({place: options.boards, "format": "csv"})
    boards, rejects = [], []
    for path in files.located(source, file, request):
        for frame in files.read(source, path, file):
            check_columns(source, path.name, ("ats", "token"), frame, "name the file's columns so")
            for row in frame.rename(lambda name: name.removeprefix(VENDOR)).iter_rows(named=True):
                try:
                    boards.append(Board.model_validate(row))
                except ValidationError as error:
                    rejects.append(_reject(row, error))
    if rejects and not boards:
        raise SourceRejected(source, f"no row names a board; the last: {rejects[-1]['_reject']}")
    return list(dict.fromkeys(boards)), rejects


def _reject(row: Mapping[str, Any], error: ValidationError) -> dict[str, Any]:
    first = error.errors()[0]
    reason = row["_reject"] or ": ".join([*map(str, first["loc"]), first["msg"]])
    return {"_file": row["_file"], "_line": row["_line"], "_reject": reason}


def _postings(
    source: str, options: Options, request: Request, board: Board
) -> list[Posting | None]:
    """The postings that the board shows; null for what is none."""
    address, read = BOARDS[board.ats](options, quote(board.token, safe=""))
    answer = request.session.get_json(address)
    has_jobs = isinstance(answer, dict) and "jobs" in answer
    jobs = answer["jobs"] or [] if has_jobs else answer
    if not isinstance(jobs, list):
        raise SourceRejected(source, f"{address}: expected a list of postings")
    return [read(job) if isinstance(job, dict) else None for job in jobs if not _is_hidden(job)]


def _is_hidden(job: Any) -> bool:
    """Ashby's unlisted ones, and Greenhouse's prospect posts: a form for whoever, no opening."""
    return isinstance(job, dict) and (
        job.get("isListed") is False or job.get("internal_job_id", 0) is None
    )


def _record(board: Board, posting: Posting | None) -> dict[str, Any]:
    """A row. The place stands before the text, where the page shows it too."""
    key = text_of(posting.id) if posting else None
    if posting is None or key is None:
        return {"_reject": "expected a posting with an id"}
    text = f"{posting.place}. {posting.text}" if posting.place and posting.text else posting.text
    return {
        "source_signal_id": f"{board.ats}/{board.token}/{key}",
        "source_company_id": board.source_company_id,
        "domain": board.domain,
        "company_name": board.company_name,
        "title": text_of(posting.title),
        "text": text,
        "published": text_of(posting.published),
        "url": text_of(posting.url),
    }


def _places(*values: Any) -> str:
    """Each place once, in one text."""
    return "; ".join(dict.fromkeys(filter(None, map(text_of, values))))


def _greenhouse(options: Options, token: str) -> tuple[str, Reader]:
    """Its texts are HTML that is escaped once more; of an edit it tells the time, so no use."""
    address = f"{options.greenhouse_url.rstrip('/')}/v1/boards/{token}/jobs?content=true"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("title"),
        place=_places(at(job, "location.name")),
        text=_plain(unescape(text_of(job.get("content")) or "")),
        published=job.get("first_published"),
        url=job.get("absolute_url"),
    )


def _lever(options: Options, token: str) -> tuple[str, Reader]:
    address = f"{options.lever_url.rstrip('/')}/v0/postings/{token}?mode=json"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("text"),
        place=_places(
            at(job, "categories.location"),
            *items_of(at(job, "categories.allLocations")),
        ),
        text=" ".join(
            [
                _said(job, "description", "descriptionPlain"),
                *map(_listed, items_of(job.get("lists"))),
            ]
        ).strip(),
        published=job.get("createdAt"),
        url=job.get("hostedUrl"),
    )


def _listed(part: Any) -> str:
    return f"{at(part, 'text') or ''}: {_plain(text_of(at(part, 'content')) or '')}"


def _ashby(options: Options, token: str) -> tuple[str, Reader]:
    address = f"{options.ashby_url.rstrip('/')}/posting-api/job-board/{token}"
    return address, lambda job: Posting(
        id=job.get("id"),
        title=job.get("title"),
        place=_places(
            job.get("location"),
            *(at(place, "location") for place in items_of(job.get("secondaryLocations"))),
        ),
        text=_said(job, "descriptionHtml", "descriptionPlain"),
        published=job.get("publishedAt"),
        url=job.get("jobUrl"),
    )


def _said(job: Mapping[str, Any], *names: str) -> str:
    """What the first of these fields that isn't empty says, without mark-up."""
    return _plain(next(filter(None, (text_of(job.get(name)) for name in names)), ""))


def _plain(html: str) -> str:
    """Text without mark-up; the landing folds what white space is left."""
    return unescape(TAGS.sub(" ", html)).strip()


BOARDS: dict[str, Callable[[Options, str], tuple[str, Reader]]] = {
    "greenhouse": _greenhouse,
    "lever": _lever,
    "ashby": _ashby,
}
