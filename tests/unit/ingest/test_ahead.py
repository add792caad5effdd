"""Items made ahead are the same items: none early, none lost, and what goes wrong is told."""

from collections.abc import Generator
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ahead import ahead


@given(st.lists(st.integers()))
def test_the_items_are_the_same_in_the_same_order(items: list[int]) -> None:
    """However many there are, none is left out, doubled or moved."""
    assert list(ahead(item for item in items)) == items


def test_the_next_item_is_made_before_it_is_asked_for() -> None:
    """While the caller holds the first one, the second comes to be."""

    is_made = Event()

    def two() -> Generator[str]:
        yield "first"
        is_made.set()
        yield "second"

    items = ahead(two())
    assert next(items) == "first"
    assert is_made.wait(timeout=30)
    assert next(items) == "second"


def test_what_goes_wrong_comes_after_the_items_before_it() -> None:
    """An error waits until the item that it stands for is asked for."""

    def broken() -> Generator[int]:
        yield 1
        raise OSError("no room")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match="no room"):
        next(items)


def test_who_stops_taking_has_the_rest_closed() -> None:
    """What made the items is ended with them, so that files it holds are let go; an item that is
    being made just then is made first."""
    is_asked, may_go_on, closed = Event(), Event(), []

    def slow() -> Generator[int]:
        try:
            yield 0
            is_asked.set()
            may_go_on.wait(timeout=30)
            yield 1
        finally:
            closed.append(True)

    made = slow()
    items = ahead(made)
    next(items)
    assert is_asked.wait(timeout=30)
    closing = Thread(target=items.close)
    closing.start()
    may_go_on.set()
    closing.join(timeout=30)
    assert closed == [True]
