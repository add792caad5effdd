"""Records of a JSON source as frames: for every connector that gets objects, not files.

What belongs here: cutting a stream of records into frames. What doesn't: what a record means.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import polars as pl

FRAME_RECORDS = 10_000


def frames(
    records: Iterable[Mapping[str, Any]], schema: Mapping[str, Any], size: int = FRAME_RECORDS
) -> Iterator[pl.DataFrame]:
    """Frames of at most `size` records; other keys than the schema's are left out."""
    remaining = iter(records)
    while chunk := list(islice(remaining, size)):
        yield pl.DataFrame(
            [{name: record.get(name) for name in schema} for record in chunk], schema
        )
