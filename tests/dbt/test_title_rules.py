"""The seed of rules for titles: what a test of the models can't see of it."""

import csv
import re
from collections import Counter

import pytest

from ingest.settings import PROJECT

with (PROJECT / "dbt_project/seeds/title_rules.csv").open(encoding="utf-8", newline="") as seed:
    RULES = list(csv.DictReader(seed))
# Lower-case words and what RE2 and Java read alike; no group that captures, nothing escaped.
PORTABLE = re.compile(r"(?:[a-zß-öø-ÿ ]|\(\?:|[)|\[\]?*+^$]|\{\d,\d\})+")


@pytest.mark.parametrize("rule", RULES, ids=[rule["position"] for rule in RULES])
def test_patterns_read_alike_on_both_engines(rule: dict[str, str]) -> None:
    """A pattern of other signs might match on one of them only."""
    assert PORTABLE.fullmatch(rule["pattern"])
    assert re.compile(rule["pattern"]).groups == 0


def test_rules_lie_in_their_order() -> None:
    """Whoever reads the file reads them as they are tried."""
    positions = [int(rule["position"]) for rule in RULES]

    assert positions == sorted(set(positions))


def test_four_languages_say_both_things() -> None:
    """English, German, French and Spanish titles are read for seniority and for department."""
    said = Counter(
        (rule["language"], thing)
        for rule in RULES
        for thing in ("seniority", "department")
        if rule[thing]
    )

    assert {language for language, _ in said} == {"en", "de", "fr", "es"}
    assert len(said) == 8
    assert min(said.values()) >= 10
