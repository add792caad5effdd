"""Account ids stay with the company from week to week, and what becomes of them is told."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.accounts import MOST_NEW_RECORDS
from orchestration.identity.decisions import MatchDecision
from tests.support.identity_tables import WEEK, Record, resolve

EARLIER = date(2026, 11, 16)


def of_domain(key: str, domain: str) -> Record:
    """A record with a domain."""
    return Record(key, f"name of {key.replace(':', ' ')}", domain=domain)


def test_an_id_stays_when_records_come_and_go() -> None:
    """The smallest record, after which the id was made, leaves; another, smaller still, comes."""
    first = resolve([of_domain("b:1", "x.example"), of_domain("c:1", "x.example")])

    later = resolve(
        [of_domain("a:1", "x.example"), of_domain("c:1", "x.example")], before=first.accounts
    )

    assert later.accounts["c:1"] == later.accounts["a:1"] == first.accounts["b:1"]
    assert not later.changes


def test_a_merge_keeps_the_id_that_had_more_records_and_tells_of_the_other() -> None:
    """Two accounts that turn out to be one."""
    few = [of_domain("a:1", "x.example")]
    many = [of_domain("b:1", "y.example"), of_domain("b:2", "y.example")]
    first = resolve([*few, *many])

    later = resolve([*(of_domain(r.id, "y.example") for r in few), *many], before=first.accounts)

    kept, gone = first.accounts["b:1"], first.accounts["a:1"]
    assert set(later.accounts.values()) == {kept}
    assert later.changes == [(gone, kept, "merged", WEEK)]


def test_a_split_leaves_the_id_where_most_records_are() -> None:
    """Records that were one account and turn out to be two."""
    first = resolve([of_domain(f"a:{n}", "x.example") for n in range(3)])

    parted = [of_domain("a:0", "y.example"), *(of_domain(f"a:{n}", "x.example") for n in (1, 2))]
    later = resolve(parted, before=first.accounts)

    assert later.accounts["a:1"] == later.accounts["a:2"] == first.accounts["a:1"]
    assert later.changes == [(first.accounts["a:1"], later.accounts["a:0"], "split", WEEK)]


def test_no_id_is_given_twice() -> None:
    """The record after which an id was made leaves for another account; its old id stays taken."""
    together = [of_domain(f"a:{n}", "x.example") for n in range(3)]
    first = resolve(together)
    parted = [of_domain("a:0", "y.example"), *together[1:]]

    later = resolve(parted, before=first.accounts)

    assert later.accounts["a:0"] != first.accounts["a:0"]
    assert len(set(later.accounts.values())) == 2


def test_an_earlier_merge_follows_a_later_one() -> None:
    """What became B counts for C once B does."""
    first = resolve(
        [
            of_domain("b:1", "x.example"),
            of_domain("c:1", "y.example"),
            of_domain("c:2", "y.example"),
        ]
    )
    b, c = first.accounts["b:1"], first.accounts["c:1"]

    later = resolve(
        [of_domain(key, "y.example") for key in ("b:1", "c:1", "c:2")],
        before=first.accounts,
        changes=[("acc_a", b, "merged", EARLIER)],
    )

    assert set(later.changes) == {("acc_a", c, "merged", EARLIER), (b, c, "merged", WEEK)}


def test_a_sudden_crowd_is_held_beside_the_account_it_would_join() -> None:
    """A source that names one domain for many records swallows no known company."""
    first = resolve([of_domain("a:1", "x.example")])
    crowd = [of_domain(f"b:{n}", "x.example") for n in range(MOST_NEW_RECORDS + 1)]

    later = resolve([of_domain("a:1", "x.example"), *crowd], before=first.accounts)

    assert later.accounts["a:1"] == first.accounts["a:1"]
    assert not later.together("a:1", "b:0")
    assert later.together("b:0", "b:1")
    assert later.held == [("a:1", "b:0", "growth", "grew from 1 records by 21 in a week")]


def test_a_crowd_joins_once_somebody_says_so() -> None:
    """A decision about one of them lets all of them in."""
    first = resolve([of_domain("a:1", "x.example")])
    crowd = [of_domain(f"b:{n}", "x.example") for n in range(MOST_NEW_RECORDS + 1)]

    later = resolve(
        [of_domain("a:1", "x.example"), *crowd],
        before=first.accounts,
        decisions=[MatchDecision("a:1", "b:0", "same")],
    )

    assert set(later.accounts.values()) == {first.accounts["a:1"]}


def test_one_record_in_a_hundred_leaves_the_other_ids_alone() -> None:
    """2,000 records, of which one in a hundred is new and one gone: all other ids stay."""
    records = [of_domain(f"{'ab'[n % 2]}:{n}", f"d{n // 3}.example") for n in range(2_000)]
    first = resolve(records)
    newcomers = [of_domain(f"0:{n}", f"d{n * 31}.example") for n in range(20)]

    later = resolve([*newcomers, *records[20:]], before=first.accounts)

    kept = [later.accounts[r.id] == first.accounts[r.id] for r in records[20:]]
    assert sum(kept) / len(kept) >= 0.999


WEEKS = st.lists(
    st.dictionaries(st.integers(0, 7), st.sampled_from(["x.example", "y.example", "z.example"])),
    min_size=2,
    max_size=4,
)


@settings(max_examples=12)
@given(weeks=WEEKS)
def test_an_id_means_one_company_and_none_is_lost_sight_of(weeks: list[dict[int, str]]) -> None:
    """Whatever moves: an id is one cluster's, and one whose records all went to others is told."""
    before: dict[str, str] = {}
    changes: list[tuple[str, str, str, date]] = []
    for domains in weeks:
        records = [of_domain(f"s:{n}", domain) for n, domain in domains.items()]
        found = resolve(records, before=before, changes=changes)

        domain_of = {f"s:{n}": domain for n, domain in domains.items()}
        clusters = {(found.accounts[r], domain_of[r]) for r in found.accounts}
        assert len({account for account, _ in clusters}) == len(clusters)
        merged = {account for account, _, kind, _ in found.changes if kind == "merged"}
        for record, account in before.items():
            if record in found.accounts and account not in found.accounts.values():
                assert account in merged
        assert not merged & set(found.accounts.values())
        before, changes = dict(found.accounts), list(found.changes)  # type: ignore[arg-type]
