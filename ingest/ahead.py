"""Items that are made one ahead of whoever takes them."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def ahead(items: Generator[T, Any, Any]) -> Generator[T]:
    """The same items, none of which is None; the next is made while the caller works with this one.

    What making one raises is raised where it would have been taken.
    """
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, items, None)
        try:
            while (item := coming.result()) is not None:
                coming = beside.submit(next, items, None)
                yield item
        finally:
            # It would hold on to an error, and that to whatever stood around when it was raised.
            del coming
            # By whoever makes them, since nobody may close what is being made.
            beside.submit(items.close).result()
