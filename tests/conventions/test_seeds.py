"""What the seeds of names hold: data that people add to by hand."""

import csv

import pycountry
import pytest

from ingest.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"


@pytest.fixture(scope="module")
def forms() -> list[dict[str, str]]:
    """The rows of legal forms."""
    with (SEEDS / "legal_forms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_legal_forms_are_those_of_many_countries(forms: list[dict[str, str]]) -> None:
    """Real countries, and at least the 40 that were promised."""
    countries = {row["country"] for row in forms}

    assert len(countries) >= 40
    assert not {code for code in countries if not pycountry.countries.get(alpha_2=code)} - {"XK"}


def test_legal_forms_stand_in_order(forms: list[dict[str, str]]) -> None:
    """By country and form, so that a new one has one place and a difference shows as one line."""
    rows = [(row["country"], row["form"]) for row in forms]

    assert rows == sorted(set(rows))
