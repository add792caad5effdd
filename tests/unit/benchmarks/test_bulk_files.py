"""The synthesised files of bulk sources: what is measured is really read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from tests.benchmarks.bulk_files import BULK_FILES
from tests.support.landing import settings_in


@pytest.mark.parametrize("name", BULK_FILES)
def test_every_file_is_read_as_its_vendors_would_be(tmp_path: Path, name: str) -> None:
    """Each table gets rows, and none is set aside or lost."""
    settings = settings_in(tmp_path)
    (tmp_path / "drops").mkdir()
    written = BULK_FILES[name].write(tmp_path / "drops", 60)
    with settings.sources.open("w") as file:
        YAML().dump({"sources": {name: BULK_FILES[name].entry}}, file)

    (source,) = load_sources(settings.sources).sources
    batches = fetch_source(settings, source, date(2026, 11, 23)).batches

    assert written >= 60
    assert all(batch.rows > 0 for batch in batches)
    assert {(batch.rejects, batch.unconverted) for batch in batches} == {(0, 0)}
