"""The page of the gate and the suites it is written from."""

from pathlib import Path

from expectations.page import gate_page

PAGE = Path(__file__).parents[3] / "docs" / "gate.md"


def test_the_page_is_what_the_suites_say() -> None:
    """`python -m expectations.page > docs/gate.md` mends it."""
    assert PAGE.read_text(encoding="utf-8") == gate_page()
