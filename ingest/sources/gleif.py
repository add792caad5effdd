"""GLEIF: legal entities by their LEI, with their other names, register numbers and parents.

What: the records of the API that the filters name, or the golden copy, downloaded or as files.
Terms of use: free, CC0, no registration. Rate: 60 requests a minute. Secrets: none.
Tables: companies, company_relationships (parent, ultimate_parent, head_office).

A lapsed registration says that nobody renewed it, not that the company is gone. A record that is a
duplicate or was annulled stands for no company of its own, and is left out.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ingest import files
from ingest.files import FileOptions
from ingest.gleif import golden_copy
from ingest.gleif.api import Api, read
from ingest.gleif.entities import LEI, Filters
from ingest.options import FromEnvironment
from ingest.registry import Request

RATE_PER_SECOND = 1.0

log = logging.getLogger(__name__)

Lei = Annotated[str, StringConstraints(pattern=LEI)]


class Options(BaseModel):
    """Which records, and where they come from; without files and golden copy, from the API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: FromEnvironment = "https://api.gleif.org"
    golden_copy: bool = Field(default=False, description="true for all records, as files")
    golden_copy_url: FromEnvironment = "https://goldencopy.gleif.org"
    entities: FileOptions | None = Field(None, description="a golden copy's level 1 file")
    relationships: FileOptions | None = Field(None, description="its level 2 file")
    exceptions: FileOptions | None = Field(None, description="its file of reporting exceptions")
    leis: tuple[Lei, ...] = Field((), description="land these only")
    countries: tuple[str, ...] = Field((), description="of the legal address, ISO alpha-2")
    categories: tuple[str, ...] = Field((), description="such as GENERAL, BRANCH, FUND")
    registration_statuses: tuple[str, ...] = Field((), description="such as ISSUED, LAPSED")
    parents: bool = Field(default=True, description="ask the API for each record's parents")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.golden_copy and self.entities:
            raise ValueError("expected either `golden_copy` or `entities`")
        if (self.relationships or self.exceptions) and not self.entities:
            raise ValueError("`relationships` and `exceptions` go with `entities`")
        return self

    def filters(self) -> Filters:
        """What of the records is wanted."""
        return Filters(self.leis, self.countries, self.categories, self.registration_statuses)

    def files(self) -> dict[str, FileOptions | None]:
        """The files of a golden copy, by level."""
        return {
            "entities": self.entities,
            "relationships": self.relationships,
            "exceptions": self.exceptions,
        }


def tables(options: Options) -> tuple[str, ...]:
    """Always both."""
    return ("companies", "company_relationships")


def answers_for_past(options: Options) -> bool:
    """Where all files are dated drops; API and golden copy tell how things are now."""
    given = [file for file in options.files().values() if file]
    return bool(given) and all(map(files.answers_for_past, given))


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies, those that are only the parents of others among them, and who belongs to whom."""
    counts: Counter[str] = Counter()
    filters = options.filters()
    if options.golden_copy:
        levels = golden_copy.newest(source, request, options.golden_copy_url)
        yield from golden_copy.read(source, levels, filters, counts)
    elif options.entities:
        levels = golden_copy.levels(source, request, options.files())
        yield from golden_copy.read(source, levels, filters, counts)
    else:
        api = Api(source, request.session, options.base_url, options.parents)
        yield from read(api, filters, counts)
    log.info("source %s: %s", source, dict(counts))
