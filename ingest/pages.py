"""Paging by cursor, for every source that pages.

What belongs here: knowing when to stop. What doesn't: what a page or a cursor looks like.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from ingest.errors import SourceRejected

MAX_PAGES = 100_000

Page = TypeVar("Page")


def pages(
    source: str,
    fetch: Callable[[str | None], tuple[Page, str | None]],
    *,
    max_pages: int = MAX_PAGES,
) -> Iterator[Page]:
    """Every page in order: `fetch(cursor)` gives a page and the next cursor, null at the end.

    SourceRejected when a cursor comes again, since the source would go round for ever, and when
    there are more than `max_pages`.
    """
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(max_pages):
        page, cursor = fetch(cursor)
        yield page
        if cursor is None:
            return
        if cursor in seen:
            raise SourceRejected(source, f"page cursor {cursor!r} came twice: it goes in circles")
        seen.add(cursor)
    raise SourceRejected(source, f"more than {max_pages:,} pages; narrow the source's options")
