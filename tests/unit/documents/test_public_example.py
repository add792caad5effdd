"""The documents of examples/public are what a user can start from; nothing is fetched for it."""

from dataclasses import replace

import polars as pl
import pytest

from ingest.documents.perfect_customer import PerfectCustomer
from ingest.documents.sources import Source, resolve_secrets
from ingest.documents.together import load_documents
from ingest.eight_k import ITEMS
from ingest.errors import MissingSecret
from ingest.settings import PROJECT, Settings

EXAMPLE = PROJECT / "examples" / "public"


@pytest.fixture(scope="module")
def documents() -> tuple[PerfectCustomer, dict[str, Source]]:
    """The perfect customer, and the sources by name."""
    settings = replace(
        Settings.from_environment({}),
        sources=EXAMPLE / "sources.yml",
        perfect_customer=EXAMPLE / "perfect_customer.yml",
    )
    customer, sources = load_documents(settings)
    return customer, {source.name: source for source in sources.sources}


@pytest.mark.parametrize("name", ["edgar", "raises"])
def test_who_asks_is_told_by_the_environment(
    documents: tuple[PerfectCustomer, dict[str, Source]], name: str
) -> None:
    """The SEC is never told a name that isn't the user's."""
    source = documents[1][name]
    agent = "Acme Sample sales@acme-sample.com"

    resolved = resolve_secrets(source, {"SEC_USER_AGENT": agent})

    assert resolved.options.user_agent == agent
    with pytest.raises(MissingSecret, match="SEC_USER_AGENT"):
        resolve_secrets(source, {})


@pytest.mark.parametrize("name", ["edgar", "raises", "postings"])
def test_addresses_are_those_that_the_connectors_have_anyway(
    documents: tuple[PerfectCustomer, dict[str, Source]], name: str
) -> None:
    """They are written out so that they can be changed, not because they differ."""
    options = documents[1][name].options
    fields = type(options).model_fields
    addresses = [field for field in fields if field.endswith("_url")]

    assert addresses
    assert all(getattr(options, field) == fields[field].default for field in addresses)


def test_the_companies_to_watch_are_the_same_everywhere(
    documents: tuple[PerfectCustomer, dict[str, Source]],
) -> None:
    """EDGAR is asked for those of the CSV, and each board belongs to one of them."""
    companies = pl.read_csv(EXAMPLE / "companies.csv", infer_schema=False)
    boards = pl.read_csv(EXAMPLE / "boards.csv", infer_schema=False)

    asked = documents[1]["edgar"].options.ciks
    assert sorted(asked) == sorted(companies["cik"].str.zfill(10))
    assert len(set(asked)) == len(asked)
    assert set(boards["domain"]) <= set(companies["domain"])


def test_every_topic_of_a_filing_is_one_that_is_landed(
    documents: tuple[PerfectCustomer, dict[str, Source]],
) -> None:
    """A misspelt topic would never be found, and nobody would miss it."""
    evidence = [part for issue in documents[0].issues for part in issue.evidence]
    topics = {topic for part in evidence if part.kind == "filing" for topic in part.topics}

    assert topics
    assert topics <= {topic for topic, _ in ITEMS.values()}
