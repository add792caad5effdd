"""One source, fetched and landed in this process, with what it took.

    python -m tests.benchmarks.landing FOLDER WEEK

FOLDER holds sources.yml with the source alone. Prints a line of JSON: seconds, peak of memory in
MB, and rows landed and set aside.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from tests.benchmarks.memory import peak_mb
from tests.benchmarks.weekly import settings_of


def main(folder: Path, week: date) -> None:
    """Land the source and print what it took."""
    settings = settings_of(folder)
    (source,) = load_sources(settings.sources).sources
    began = time.perf_counter()
    batches = fetch_source(settings, source, week).batches
    seconds = round(time.perf_counter() - began, 3)
    landed = {batch.table: batch.rows for batch in batches}
    rejects = sum(batch.rejects for batch in batches)
    print(
        json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "landed": landed, "rejects": rejects})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), date.fromisoformat(sys.argv[2]))
