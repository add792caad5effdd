"""The page on how to write the document shows only what the document may say."""

import re
from io import StringIO
from typing import Any

import pytest
from ruamel.yaml import YAML

from ingest.documents.conditions import OPERATORS
from ingest.documents.lines import read_text
from ingest.documents.perfect_customer import perfect_customer_of
from ingest.documents.rules import MATCHED_BY
from ingest.settings import PROJECT

PAGE = (PROJECT / "docs" / "perfect_customer.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)[1:]


def placed(block: Any, content: dict[str, Any]) -> dict[str, Any]:
    """The example document with one block of the page in the place that its names tell."""
    if isinstance(block, dict):
        return content | block
    names = block[0].keys()
    if "points" in names and "family" in names:
        content["organisations"]["criteria"] = block
    elif "attribute" in names:
        content["organisations"]["disqualifiers"] = block
    elif "motivation" in names:
        content["people"]["roles"] = block
    else:
        content["issues"] = block
    return content


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_each_block_of_the_page_is_valid_in_its_place(block: str) -> None:
    """A reader who copies it gets no mistake."""
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load((PROJECT / "perfect_customer.yml").read_text(encoding="utf-8"))
    content["agreed"]["date"] = str(content["agreed"]["date"])
    stream = StringIO()
    yaml.dump(placed(yaml.load(block), content), stream)

    assert perfect_customer_of(read_text(stream.getvalue(), "page")).rows()


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator_has_a_row_of_the_page(operator: str) -> None:
    """None is left to be found in the code."""
    assert f"| `{operator}` | `{operator}: " in PAGE


@pytest.mark.parametrize("kind", MATCHED_BY)
def test_each_kind_of_signal_is_on_the_page(kind: str) -> None:
    """None is left to be found in the code."""
    assert f"`{kind}`" in PAGE
