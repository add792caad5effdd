"""Both documents at once: what each says alone, and where one speaks of the other.

Belongs here: rules that need both. What one document must be by itself is in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from ingest.documents.findings import Location, hint
from ingest.documents.lines import Document, open_document
from ingest.documents.perfect_customer import PerfectCustomer, perfect_customer_of
from ingest.documents.sources import Sources, load_sources
from ingest.errors import DocumentError, Mistake
from ingest.settings import Settings

# The prefix of keys as mastered over all sources; no source can have this name.
MASTERED = "attributes"

Given = TypeVar("Given", Path, Document)
Read = TypeVar("Read")


def load_documents(settings: Settings) -> tuple[PerfectCustomer, Sources]:
    """Both documents. Raises DocumentError with all mistakes of both."""
    mistakes: list[Mistake] = []
    document = _kept(mistakes, open_document, settings.perfect_customer)
    customer = _kept(mistakes, perfect_customer_of, document) if document else None
    sources = _kept(mistakes, load_sources, settings.sources)
    if document and customer and sources:
        mistakes += _unknown_sources(document, customer, sources, settings.sources)
    if mistakes or customer is None or sources is None:
        raise DocumentError(mistakes)
    return customer, sources


def _kept(mistakes: list[Mistake], read: Callable[[Given], Read], given: Given) -> Read | None:
    try:
        return read(given)
    except DocumentError as error:
        mistakes += error.mistakes
        return None


def _unknown_sources(
    document: Document, customer: PerfectCustomer, sources: Sources, path: Path
) -> Iterator[Mistake]:
    """Criteria on the key of a source that doesn't exist would be unknown for ever."""
    names = [source.name for source in sources.sources]
    for location, attribute in _attributes(customer):
        prefix, dot, _ = attribute.partition(".")
        if dot and prefix not in (MASTERED, *names):
            message = (
                f'"{attribute}" names the source "{prefix}", which {path.name} does not have'
                f"{hint(prefix, names)}; expected {MASTERED}.<key> or one of {', '.join(names)}"
            )
            yield Mistake(document.path, document.line(location), message)


def _attributes(customer: PerfectCustomer) -> Iterator[tuple[Location, str]]:
    organisations = customer.organisations
    for kind, items in (
        ("criteria", organisations.criteria),
        ("disqualifiers", organisations.disqualifiers),
    ):
        for position, item in enumerate(items):
            yield ("organisations", kind, position, "attribute"), item.attribute
