"""The two documents are read as one: all mistakes of both, and no name of a source that isn't."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.documents.together import load_documents
from ingest.errors import DocumentError
from ingest.settings import PROJECT, Settings

SETTINGS = Settings.from_environment({})


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of one of the root documents with one place changed."""
    text = (PROJECT / name).read_text()
    assert old in text
    path = folder / name
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_root_documents_agree_with_each_other() -> None:
    """What a user starts from has no mistake."""
    customer, sources = load_documents(SETTINGS)

    assert customer.rows()
    assert sources.sources


def test_a_key_of_a_source_that_does_not_exist_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    """A misspelt source would otherwise make its criterion unknown for everybody, for ever."""
    old = "attribute: attributes.legal_entities"
    path = changed(tmp_path, "perfect_customer.yml", old, "attribute: firmographic.legal_entities")

    with pytest.raises(DocumentError) as caught:
        load_documents(replace(SETTINGS, perfect_customer=path))

    (mistake,) = caught.value.mistakes
    assert path.read_text().splitlines()[mistake.line - 1].strip().endswith("legal_entities")
    assert 'the source "firmographic"' in mistake.message
    assert 'did you mean "firmographics"' in mistake.message


def test_mistakes_of_both_documents_are_reported_together(tmp_path: Path) -> None:
    """Nobody mends one document only to learn of the other."""
    customer = changed(tmp_path, "perfect_customer.yml", "version: 1", "version: none")
    sources = changed(tmp_path, "sources.yml", "connector: hubspot", "connector: hubspott")

    with pytest.raises(DocumentError) as caught:
        load_documents(replace(SETTINGS, perfect_customer=customer, sources=sources))

    assert {Path(m.path).name for m in caught.value.mistakes} == {
        "perfect_customer.yml",
        "sources.yml",
    }
