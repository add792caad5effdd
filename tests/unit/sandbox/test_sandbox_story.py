"""The market and the two documents at the root tell one story."""

from datetime import date
from io import BytesIO
from urllib.parse import urlsplit

import polars as pl
import pytest
from ruamel.yaml import YAML

from ingest.sandbox.answers import answer, answers_for
from ingest.sandbox.events import TOPICS
from ingest.sandbox.truth import CRM, DIRECTORY, INTENT
from ingest.settings import PROJECT

SIZE, SEED, WEEK = 2_000, 7, date(2026, 11, 23)
SOURCES = YAML(typ="safe").load(PROJECT / "sources.yml")
CUSTOMER = YAML(typ="safe").load(PROJECT / "perfect_customer.yml")


def file_tables():
    """The tables that the files connector maps, with the source's name."""
    return [
        pytest.param(table, id=f"{name}-{kind}")
        for name, source in SOURCES["sources"].items()
        if source["connector"] == "files"
        for kind, table in source["tables"].items()
    ]


def evidence(kind, part):
    """What all issues of the document look for in one kind of signal."""
    found = [entry for issue in CUSTOMER["issues"] for entry in issue["evidence"]]
    return [word for entry in found if entry["kind"] == kind for word in entry.get(part, [])]


@pytest.mark.parametrize("table", file_tables())
def test_every_column_that_sources_yml_maps_is_in_the_file(table):
    """A map that names a column the sandbox does not have would refuse the default run."""
    parts = urlsplit(table["url"])
    given = answer(SIZE, SEED, WEEK, f"{parts.scheme}://{parts.netloc}{parts.path}")
    header = pl.read_csv(BytesIO(given.body), infer_schema=False).columns
    rules = [*table["columns"].values(), *table.get("attributes", {}).values()]
    named = {rule if isinstance(rule, str) else rule.get("from") for rule in rules} - {None}

    assert given.status == 200
    assert named <= set(header)


def test_the_truth_names_the_sources_as_sources_yml_does():
    """Scores against the truth join by these names."""
    assert {CRM, DIRECTORY, INTENT} <= set(SOURCES["sources"])


def test_every_topic_of_the_document_is_researched():
    """No issue waits for a topic that nobody can research."""
    assert set(evidence("topic_surge", "topics")) <= set(TOPICS)


@pytest.mark.parametrize("word", evidence("job_posting", "words"))
def test_every_posting_word_of_the_document_is_posted(word):
    """Each stands in the title or text of an open position."""
    postings = answers_for(SIZE, SEED, WEEK).snapshot.postings
    texts = pl.concat([postings["title"], postings["text"]]).str.to_lowercase()

    assert texts.str.contains(word, literal=True).any()


@pytest.mark.parametrize("role", CUSTOMER["people"]["roles"], ids=lambda role: role["id"])
def test_every_role_of_the_document_is_held_by_somebody(role):
    """At least one of its titles stands in a contact's."""
    titles = answers_for(SIZE, SEED, WEEK).snapshot.people["title"].str.to_lowercase()

    assert any(titles.str.contains(title, literal=True).any() for title in role["titles"])
