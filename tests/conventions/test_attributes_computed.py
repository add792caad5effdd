"""What a criterion may name is what the dbt project computes, neither more nor less."""

import re
from collections.abc import Mapping
from typing import Any

from ingest.documents.attributes import ATTRIBUTES, FILINGS
from ingest.eight_k import ITEMS

Models = dict[str, dict[str, Any]]
TYPES = {
    "number": {"bigint", "double"},
    "text": {"string"},
    "words": {"string"},
    "boolean": {"boolean"},
    "date": {"date"},
}
# Too long for a mart; a criterion looks at it in int_accounts_described.
NOT_PUBLISHED = {"posting_words"}
# Keys, addresses, bounds and bookkeeping: nothing by which organisations are chosen.
NOT_CHOSEN_BY = {
    "account_id",
    "attributes",
    "attribute_sources",
    "cik",
    "company_records",
    "contradictions",
    "domain",
    "employees_high",
    "employees_low",
    "is_known_later",
    "lei",
    "list_week",
    "newest_signal_date",
    "parent_account_id",
    "phone",
    "publish_id",
    "ultimate_parent_account_id",
    "website",
}


def test_each_attribute_is_a_column_and_each_column_an_attribute(models: Models) -> None:
    """A criterion that validates also compiles, and no fact is computed for nobody."""
    named = set(models["accounts"]["columns"])
    mastered = {name.removesuffix("_source") for name in named if name.endswith("_source")}
    origins = {f"{name}_{origin}" for name in mastered for origin in ("source", "date")}
    columns = named - origins - NOT_CHOSEN_BY

    assert named >= origins
    assert columns == set(ATTRIBUTES) - NOT_PUBLISHED
    assert set(models["accounts"]["columns"]) >= NOT_CHOSEN_BY


def test_what_is_not_published_is_computed(manifest: Mapping[str, Any]) -> None:
    """The macro that gives the attributes from signals gives the remaining ones."""
    code = manifest["macros"]["macro.prospects.signalled_attributes"]["macro_sql"]

    assert all(f".{name}" in code for name in NOT_PUBLISHED)


def test_an_attribute_has_the_type_of_its_column(models: Models) -> None:
    """The operators that validation allows are those that the column can bear."""
    columns = models["accounts"]["columns"]

    assert not [
        name
        for name, attribute in ATTRIBUTES.items()
        if name not in NOT_PUBLISHED and columns[name]["data_type"] not in TYPES[attribute.type]
    ]


def test_topics_of_filings_are_told_as_they_are_counted(manifest: Mapping[str, Any]) -> None:
    """What the page says of a filing's topics is what the macro counts, and the SEC's list has."""
    told = [a.description for a in ATTRIBUTES.values() if a.source == FILINGS]
    macro = manifest["macros"]["macro.prospects.is_filing_of"]["macro_sql"]

    topics = {topic for text in told for topic in re.findall("`([^`]+)`", text)}
    lists = re.findall(r": \[([^]]+)\]", macro)
    assert topics == {topic for text in lists for topic in re.findall("'([^']+)'", text)}
    assert topics <= {topic for topic, _ in ITEMS.values()}
