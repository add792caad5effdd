"""A list of which each family has one place, and an account about which two sources disagree."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support import market as files
from tests.support.market import make_market
from tests.support.runs import Publication, prospects

ROLLED_UP = "most_per_parent: 1\n  roll_up: ultimate_parent"


@pytest.fixture(scope="module")
def rolled_up(tmp_path_factory: pytest.TempPathFactory, running_week: date) -> Publication:
    """The list of a market with three sisters and a register that knows another headcount."""
    market = make_market(tmp_path_factory.mktemp("families") / "market", running_week)
    document = market.settings.perfect_customer
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("most_per_parent: 2", ROLLED_UP), encoding="utf-8")
    files.add_registry(market)
    row = files.company("headcount", "Headcount Werke GmbH")
    market.append("registry", row | {"Headcount": 5000})
    ending = prospects(market.settings, "run")
    assert ending.code == 0, ending.err
    return Publication(market.settings, running_week)


def test_the_best_aligned_stands_for_its_family(rolled_up: Publication) -> None:
    """It says for how many others; an account without a family stands for nobody else."""
    listed = rolled_up.ask("select domain, rolled_up_accounts from target_accounts")
    others = {row["domain"]: row["rolled_up_accounts"] for row in listed}

    assert others[files.domain("sister-1")] == 2
    assert sum(others.values()) == 2
    assert len(others) > 1


def test_the_others_say_under_whom_they_stand(rolled_up: Publication) -> None:
    """The reason names the one that is on the list."""
    reasons = rolled_up.values("""
        select distinct outcome_reason from account_scores join accounts using (account_id)
        where domain in ('sister-2-fictive.com', 'sister-3-fictive.com')
    """)

    assert reasons == [
        "stands under First Sister (sister-1-fictive.com), the best aligned of its family"
    ]


def test_a_contradiction_is_counted_and_shown(rolled_up: Publication) -> None:
    """The first source's headcount stands, with its day; the register's is told beside it."""
    (account,) = rolled_up.ask("""
        select employees, employees_source, employees_date, contradictions
        from accounts where domain = 'headcount-fictive.com'
    """)
    said = rolled_up.ask(
        "select attribute, value, other_value, other_value_source from account_contradictions"
    )
    told = prospects(rolled_up.settings, "explain", "headcount-fictive.com").out

    assert (account["employees"], account["employees_source"]) == (500, "directory")
    assert account["employees_date"] is not None
    assert account["contradictions"] == 1
    assert [tuple(row.values()) for row in said] == [("employees", "500", "5000", "registry")]
    assert "employees: 500 [directory, " in told and "not 5000 [registry, " in told
