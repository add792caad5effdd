"""docs/sources.md and its pages: what can be copied runs, and every option there is is told."""

import re
from datetime import date
from pathlib import Path

import pytest

from ingest.convert import CONVERSIONS
from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from ingest.files import FileOptions
from ingest.mapping import Rule
from ingest.registry import CONNECTORS, connector
from ingest.settings import PROJECT
from tests.support.landing import settings_in
from tests.support.sources import write

DOCS = PROJECT / "docs"
PAGES = [DOCS / "sources.md", *sorted((DOCS / "sources").glob("*.md"))]
PAGE = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
FILES = re.findall(r"^```(?:csv|tsv) (\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
DOCUMENTS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
FROM_FILES = [text for text in DOCUMENTS if "drops/" in text]


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_every_document_of_the_pages_is_valid(tmp_path: Path, document: str) -> None:
    """A user who copies it gets no mistakes."""
    path = write(tmp_path, "sources.yml", document)

    assert len(load_sources(path).sources) == 1


@pytest.mark.parametrize("document", FROM_FILES, ids=range(len(FROM_FILES)))
def test_every_example_with_a_file_lands_all_of_its_rows(tmp_path: Path, document: str) -> None:
    """The files stand on the pages too."""
    for name, text in FILES:
        write(tmp_path, name, text.rstrip("\n"))
    settings = settings_in(tmp_path)
    write(tmp_path, settings.sources.name, document)

    (source,) = load_sources(settings.sources).sources
    batches = fetch_source(settings, source, date(2026, 11, 2)).batches

    assert all(batch.rows > 0 and batch.rejects == 0 for batch in batches)


def test_every_conversion_and_option_is_told() -> None:
    """A new one must be written down."""
    names = {*CONVERSIONS, *FileOptions.model_fields, *CONNECTORS}
    names |= {field.alias or name for name, field in Rule.model_fields.items()}
    for name in CONNECTORS:
        names |= set(connector(name).Options.model_fields)

    untold = [name for name in names if f"`{name}" not in PAGE and f"{name}:" not in PAGE]
    assert untold == []
