"""Paging ends: at the end, at a cursor that comes again, at the cap."""

import pytest

from ingest.errors import SourceRejected
from ingest.pages import pages


def test_every_page_comes_once_and_in_order() -> None:
    """The first page has no cursor, the last one no next."""
    book = {None: ("a", "1"), "1": ("b", "2"), "2": ("c", None)}

    assert list(pages("crm", lambda cursor: book[cursor])) == ["a", "b", "c"]


def test_a_cursor_that_comes_again_is_refused() -> None:
    """A source that goes round in circles would never end."""
    book = {None: ("a", "1"), "1": ("b", "2"), "2": ("c", "1")}

    with pytest.raises(SourceRejected, match=r"source crm: page cursor '1' came twice"):
        list(pages("crm", lambda cursor: book[cursor]))


def test_pages_are_capped() -> None:
    """So does one whose cursors are always new."""
    with pytest.raises(SourceRejected, match=r"more than 3 pages"):
        list(pages("crm", lambda cursor: ("a", (cursor or "") + "x"), max_pages=3))
