"""What sales answers to a list takes effect on the next one, and is told with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from tests.pipeline.conftest import ONE_WEEK
from tests.support import market as files
from tests.support.market import Market, answer, domain, make_market
from tests.support.runs import Publication, prospects

A_DAY = timedelta(days=1)
RIVAL, ENTITY = "uses a competitor, asks us to wait", "wrong entity, talk to the parent"
LISTS = ("target_accounts.csv", "target_contacts.csv", "import/accounts.csv", "import/contacts.csv")


@dataclass(frozen=True)
class Answered:
    """Three lists of one market; sales answered to the first, on the day after it."""

    before: Publication
    after: Publication
    later: Publication

    @property
    def given(self) -> date:
        """The day of the answers."""
        return self.before.week + A_DAY

    @property
    def until(self) -> date:
        """The last day of the answer that ends: the one after the second list."""
        return self.after.week + A_DAY


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, running_week: date) -> Answered:
    """The first list is made when sales had answered already, from what was known before."""
    first, second = running_week - 2 * ONE_WEEK, running_week - ONE_WEEK
    market = make_market(tmp_path_factory.mktemp("verdicts") / "market", first)
    market.land(first)
    files.add_sales(
        market,
        answer("headcount", first + A_DAY, "no", RIVAL, until=second + A_DAY),
        answer("sister-1", first + A_DAY, "yes"),
        answer("sister-2", first + A_DAY, "no", "hasty"),
        answer("nobody", first + A_DAY, "no", "never heard of"),
    )
    market.land(second, "sales")
    before = _published(market, first)
    by_id = {"by": before.values(_ID.format(domain("objector")))[0]}
    market.append(
        "verdicts",
        answer("objector", first + A_DAY, "no", ENTITY, **by_id),
        answer("sister-2", first + 2 * A_DAY, "yes"),
    )
    market.land(second, "sales")
    return Answered(before, _published(market, second), _published(market, running_week))


def test_an_answer_given_later_leaves_an_earlier_week_as_it_was(answered: Answered) -> None:
    """Who was qualified out after the list is on it, also when it is made afterwards."""
    assert {"headcount", "objector", "sister-1", "sister-2"} <= _listed(answered.before)
    assert answered.before.values(_SAID) == []


def test_what_sales_qualified_out_is_in_no_list_file(answered: Answered) -> None:
    """Neither as an account nor with its people; by domain and by account id alike."""
    cells = {
        cell
        for name in LISTS
        for row in answered.after.csv(name).iter_rows()
        for cell in row
        if cell is not None
    }
    for key in ("headcount", "objector"):
        assert not [cell for cell in cells if domain(key) in cell]
    assert {"spare-1", "spare-2"} <= _listed(answered.after)


def test_the_outcome_says_when_and_why(answered: Answered) -> None:
    """As the account's one outcome and its reason."""
    outcomes = answered.after.ask(f"""
        select domain, outcome, outcome_reason from account_scores
        join accounts using (account_id)
        where domain in ('{domain("headcount")}', '{domain("objector")}')
        order by domain
    """)
    told = f"sales qualified it out on {answered.given}"
    assert [tuple(row.values()) for row in outcomes] == [
        (domain("headcount"), "qualified_out", f"{told}: {RIVAL}"),
        (domain("objector"), "qualified_out", f"{told}: {ENTITY}"),
    ]


def test_qualified_out_says_until_when(answered: Answered) -> None:
    """In the file for people: reason, source, day, and the last day where there is one."""
    rows = answered.after.csv("qualified_out.csv")
    verdicts = rows.filter(rows["reason_id"] == "sales_verdict").sort("domain")
    columns = ["domain", "reason", "evidence", "evidence_source", "evidence_date"]
    assert verdicts.select(columns).rows() == [
        (
            domain("headcount"),
            "sales qualified it out",
            f"{RIVAL}; holds until {answered.until}",
            "sales",
            f"{answered.given}",
        ),
        (domain("objector"), "sales qualified it out", ENTITY, "sales", f"{answered.given}"),
    ]


def test_the_changes_say_who_left_and_why(answered: Answered) -> None:
    """Whoever was on the last list and is gone finds the answer of sales as the reason."""
    rows = answered.after.csv("changes.csv")
    left = dict(rows.filter(rows["change"] == "left").select("domain", "reason").iter_rows())
    told = f"qualified_out: sales qualified it out on {answered.given}"
    assert left == {
        domain("headcount"): f"{told}: {RIVAL}",
        domain("objector"): f"{told}: {ENTITY}",
    }


def test_an_explanation_tells_the_whole_answer(answered: Answered) -> None:
    """Who said so, when, why and until when."""
    ending = prospects(
        answered.after.settings, "explain", domain("headcount"), "--week", answered.after.week
    )
    assert ending.code == 0, ending.err
    assert (
        f"disqualified by sales on {answered.given}: {RIVAL}; holds until {answered.until} [sales]"
    ) in ending.out


def test_whom_sales_accepts_stays(answered: Answered) -> None:
    """Also when it was qualified out the day before."""
    assert {"sister-1", "sister-2"} <= _listed(answered.after)


def test_an_answer_that_is_over_lets_the_account_return(answered: Answered) -> None:
    """On the first list after its last day; what is for good stays out."""
    changes = answered.later.csv("changes.csv")
    returned = changes.filter(changes["change"] == "returned")["domain"].to_list()
    assert returned == [domain("headcount")]
    assert "headcount" in _listed(answered.later)
    assert answered.later.values(_SAID) == [domain("objector")]


_ID = "select account_id from accounts where domain = '{}'"
_SAID = "select domain from qualified_out where reason_id = 'sales_verdict' order by domain"


def _published(market: Market, week: date) -> Publication:
    ending = prospects(market.settings, "run", "--week", week)
    assert ending.code == 0, ending.err
    return Publication(market.settings, week)


def _listed(publication: Publication) -> set[str]:
    """The keys of the listed companies."""
    domains = publication.values("select domain from target_accounts")
    return {listed.removesuffix("-fictive.com") for listed in domains}
