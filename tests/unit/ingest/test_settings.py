"""Settings come from the environment alone, with defaults that need none."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ProspectError
from ingest.settings import PROJECT, Settings, latest_monday


def test_without_an_environment_the_documents_are_those_of_the_project() -> None:
    """Nothing needs to be set on a fresh machine."""
    settings = Settings.from_environment({})

    assert settings.home == Path.cwd() / "data"
    assert settings.sources == PROJECT / "sources.yml"
    assert settings.perfect_customer == PROJECT / "perfect_customer.yml"
    assert settings.first_week == date(2026, 1, 5)


def test_every_setting_can_be_given(tmp_path: Path) -> None:
    """Home, both documents and the first week follow their variables."""
    settings = Settings.from_environment(
        {
            "PROSPECT_HOME": str(tmp_path),
            "PROSPECT_SOURCES": str(tmp_path / "a.yml"),
            "PERFECT_CUSTOMER": str(tmp_path / "b.yml"),
            "PROSPECT_FIRST_WEEK": "2026-06-01",
            "PROSPECT_MEMORY_LIMIT": "4GB",
        }
    )

    first_week = date(2026, 6, 1)
    assert settings == Settings(
        tmp_path, tmp_path / "a.yml", tmp_path / "b.yml", first_week, memory_limit="4GB"
    )
    assert settings.landing == tmp_path / "landing"


@pytest.mark.parametrize("found", ["soon", "2026-01-06"])
def test_a_first_week_that_is_no_monday_is_one_clear_line(found: str) -> None:
    """The message names the variable and what was found."""
    with pytest.raises(
        ProspectError, match=rf"PROSPECT_FIRST_WEEK: expected a Monday .* '{found}'"
    ):
        Settings.from_environment({"PROSPECT_FIRST_WEEK": found})


def test_a_memory_limit_that_is_no_size_is_one_clear_line() -> None:
    """The message names the variable and what was found."""
    with pytest.raises(ProspectError, match=r"PROSPECT_MEMORY_LIMIT: .* such as 4GB, found 'much'"):
        Settings.from_environment({"PROSPECT_MEMORY_LIMIT": "much"})


@given(st.dates(min_value=date(1900, 1, 1)))
def test_the_latest_monday_is_a_monday_of_the_last_seven_days(today: date) -> None:
    """Whatever the day, New Year and leap days included."""
    monday = latest_monday(today)

    assert monday.weekday() == 0
    assert timedelta(0) <= today - monday < timedelta(7)
