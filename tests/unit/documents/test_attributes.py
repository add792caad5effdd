"""The table of attributes and the page written from it."""

from pathlib import Path

import pytest

from ingest.documents.attributes import ATTRIBUTES, attributes_page
from ingest.documents.conditions import OPERATORS

PAGE = Path(__file__).parents[3] / "docs" / "attributes.md"


def test_the_page_is_what_the_table_says() -> None:
    """`python -m ingest.documents.attributes > docs/attributes.md` mends it."""
    assert PAGE.read_text(encoding="utf-8") == attributes_page()


def test_no_attribute_is_listed_twice() -> None:
    """A second row would hide the first."""
    assert attributes_page().count("\n| `") == len(ATTRIBUTES)


@pytest.mark.parametrize("attribute", ATTRIBUTES.values(), ids=lambda a: a.name)
def test_each_attribute_can_be_judged_and_is_described(attribute) -> None:
    """At least one operator fits, and the description is a sentence."""
    assert any(attribute.type in operator.fits for operator in OPERATORS.values())
    assert attribute.description.endswith(".")
    assert attribute.source


def test_all_five_families_have_attributes() -> None:
    """The families beyond the demographic are not empty."""
    assert {attribute.family for attribute in ATTRIBUTES.values()} == {
        "demographic",
        "structural",
        "behavioural",
        "environmental",
        "situational",
    }
