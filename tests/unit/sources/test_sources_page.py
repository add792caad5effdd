"""The pages on sources: what can be copied from them runs, and they tell of every option."""

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

PAGES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in [PROJECT / "docs" / "sources.md", *(PROJECT / "docs" / "sources").glob("*.md")]
}
FILES = {
    page: re.findall(r"^```(?:csv|tsv|xml|json) (\S+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for page, text in PAGES.items()
}
DOCUMENTS = [
    pytest.param(page, text, id=f"{page}-{number}")
    for page, whole in sorted(PAGES.items())
    for number, text in enumerate(
        re.findall(r"^```yaml\n(.*?)^```", whole, re.DOTALL | re.MULTILINE)
    )
]
FROM_FILES = [document for document in DOCUMENTS if "drops/" in str(document.values[1])]


@pytest.mark.parametrize(("page", "document"), DOCUMENTS)
def test_every_document_of_the_pages_is_valid(tmp_path: Path, page: str, document: str) -> None:
    """A user who copies it gets no mistakes."""
    path = write(tmp_path, "sources.yml", document)

    assert len(load_sources(path).sources) == 1, page


@pytest.mark.parametrize(("page", "document"), FROM_FILES)
def test_every_example_with_a_file_lands_all_of_its_rows(
    tmp_path: Path, page: str, document: str
) -> None:
    """The files stand on the page too."""
    for name, text in FILES[page]:
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

    told = "\n".join(PAGES.values())
    untold = [name for name in names if f"`{name}" not in told and f"{name}:" not in told]
    assert untold == []
