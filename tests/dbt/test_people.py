"""One person, one row: which records are one person, what is kept, and who is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dbt_project import opened_dbt
from tests.support.people import DAY, People, Row, asked, record


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """The models on an empty warehouse; a test gives the records."""
    home = tmp_path_factory.mktemp("home")
    with opened_dbt(home) as dbt:
        yield People(dbt, home / "given").build()


def merged(found: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The records of each person."""
    return sorted(person["contact_ids"] for person in found)


ADA = "Ada Quellorn"

ONE = {
    "the same address in two sources": [
        record("1", email="ada@acme.example", full_name=ADA),
        record("2", source="b", company="acme", email="ada@acme.example"),
    ],
    "the same address, with a nickname": [
        record("1", email="bob@acme.example", full_name="Bob Vasteq"),
        record("2", email="bob@acme.example", full_name="Robert Vasteq"),
    ],
    "the same address at two accounts": [
        record("1", email="ada@acme.example", full_name=ADA),
        record("2", company="bolt", email="ada@acme.example", full_name=ADA),
    ],
    "one profile, spelled in many ways": [
        record("1", profile_url="https://www.linkedin.com/in/ada-q-17"),
        record("2", profile_url="http://de.linkedin.com/in/Ada-Q-17/?trk=x"),
        record("3", profile_url="linkedin.com/in/ada-q-17/de"),
        record("4", profile_url="https://LinkedIn.com/in/ada-q-17#about"),
    ],
    "any profile with a slash more": [
        record("1", profile_url="https://people.example/in/ada-q"),
        record("2", profile_url="http://www.people.example/in/ada-q/"),
    ],
    "a name at an account, in another order": [
        record("1", full_name="Ada Quellorn", email="ada@acme.example"),
        record("2", full_name="Quellorn, Ada"),
        record("3", full_name="Dr. ADA QUELLORN, PhD"),
        record("4", full_name="Ada B. Quellorn"),
    ],
    "a name with and without its marks": [
        record("1", full_name="Jörg Müller-Gößwein"),
        record("2", full_name="Joerg Mueller Goesswein"),
        record("3", full_name="Jorg Muller-Gosswein"),
    ],
    "a work address and a private one": [
        record("1", full_name=ADA, email="ada@acme.example"),
        record("2", full_name=ADA, email="ada.q@mail.example"),
    ],
}
TWO = {
    "two addresses on one domain": [
        record("1", full_name=ADA, email="ada@acme.example"),
        record("2", full_name=ADA, email="ada.quellorn2@acme.example"),
    ],
    "two profiles": [
        record("1", full_name=ADA, profile_url="https://people.example/in/ada-1"),
        record("2", full_name=ADA, profile_url="https://people.example/in/ada-2"),
    ],
    "two middle initials": [
        record("1", full_name="Ada B. Quellorn"),
        record("2", full_name="Ada C. Quellorn"),
    ],
    "an initial in place of the first name": [
        record("1", full_name="A. Quellorn"),
        record("2", full_name="A. Quellorn"),
    ],
    "first names only": [record("1", full_name="Ada"), record("2", full_name="Ada")],
    "names turned round without a comma": [
        record("1", full_name="Thomas James"),
        record("2", full_name="James Thomas"),
    ],
    "father and son": [
        record("1", full_name="Hal Stovane"),
        record("2", full_name="Hal Stovane Jr."),
    ],
    "the same name at two accounts": [
        record("1", full_name=ADA),
        record("2", company="bolt", full_name=ADA),
    ],
    "a mailbox that a team shares": [
        record("1", full_name=ADA, email="office@acme.example"),
        record("2", full_name="Bruno Vasteq", email="office@acme.example"),
    ],
    "a page of the company as profile": [
        record("1", profile_url="https://www.linkedin.com/company/acme"),
        record("2", profile_url="https://www.linkedin.com/company/acme"),
    ],
    "profiles without a name in them": [
        record("1", profile_url="https://www.linkedin.com/in/"),
        record("2", profile_url="https://www.linkedin.com/in/"),
    ],
    "nothing at all": [record("1"), record("2")],
}


@pytest.mark.parametrize("records", ONE.values(), ids=ONE)
def test_these_are_one_person(people: People, records: list[Row]) -> None:
    """They share an address or a profile, or their name where nothing speaks against it."""
    (person,) = people.contacts(records)

    assert len(person["contact_ids"]) == len(records)


@pytest.mark.parametrize("records", TWO.values(), ids=TWO)
def test_these_stay_two_people(people: People, records: list[Row]) -> None:
    """Two people in one row are worse than one in two."""
    assert merged(people.contacts(records)) == [["crm:1"], ["crm:2"]]


def test_of_three_with_one_name_nobody_is_merged_where_two_differ(people: People) -> None:
    """The one without an address may be either of the others."""
    found = people.contacts(
        [
            record("1", full_name=ADA, email="ada@acme.example"),
            record("2", full_name=ADA, email="ada.q@acme.example"),
            record("3", full_name=ADA),
        ]
    )

    assert len(found) == 3


def test_a_person_is_found_through_a_row_of_records(people: People) -> None:
    """Each of sixteen shares something with the next alone, whatever the order of their ids."""
    chain_of = [
        record(
            f"{7 * number % 16:02}",
            company="acme",
            email=f"ada{number // 2}@host{number // 2}.example",
            profile_url=f"https://people.example/in/ada-{(number + 1) // 2}",
        )
        for number in range(16)
    ]

    (person,) = people.contacts(chain_of)

    assert len(person["contact_ids"]) == 16


def test_values_come_from_the_most_trusted_source_that_has_one(people: People) -> None:
    """Of one source from the newest; title, department and seniority stay together."""
    first = record("1", source="a", email="ada@acme.example", company_domain="acme.example")
    newer = {"observed_at": DAY + timedelta(days=1), "company_domain": "acme.example"}
    found = people.contacts(
        [
            first | {"full_name": ADA, "phone": None, "title": None, "seniority": "Director"},
            record("2", source="b", email="ada@acme.example", phone="1", title="CFO", **newer),
            record("3", source="b", email="ada@acme.example", company_domain="acme.example")
            | {"phone": "2", "title": "Controller", "department": "Finance"},
        ]
    )

    (person,) = found
    assert {name: person[name] for name in ("contact_id", "source", "source_contact_id")} == {
        "contact_id": "a:1",
        "source": "a",
        "source_contact_id": "1",
    }
    position = (person["title"], person["department"], person["seniority"])
    assert position == ("CFO", None, None)
    assert (person["full_name"], person["phone"]) == (ADA, "1")
    assert person["contact_ids"] == ["a:1", "b:2", "b:3"]
    assert person["sources"] == ["a", "b"]


def test_what_is_said_of_another_account_is_left_there(people: People) -> None:
    """Who moved has the new firm's title and phone, and one row."""
    profile = {"profile_url": "https://people.example/in/ada-q"}
    found = people.contacts(
        [
            record(
                "1", company="bolt", title="CFO", observed_at=DAY + timedelta(days=9), **profile
            ),
            record("2", company="acme", title="Controller", phone="1", **profile),
            record("3", company=None, email="ada@mail.example", **profile),
        ]
    )

    (person,) = found
    assert (person["account_id"], person["title"], person["phone"]) == ("acc_bolt", "CFO", None)
    assert person["email"] == "ada@mail.example"
    assert person["contact_ids"] == ["crm:1", "crm:2", "crm:3"]


def test_free_mail_follows_an_explicit_link_only(people: People) -> None:
    """An address at a host that belongs to no account attaches nobody."""
    found = people.contacts(
        [
            record("1", email="ada@gmail.com", full_name=ADA),
            record("2", company=None, email="bruno@gmail.com"),
            record("3", company=None, email="celia@bolt.example"),
        ]
    )

    attached = {person["contact_id"]: person["account_id"] for person in found}
    assert attached == {"crm:1": "acc_acme", "crm:3": "acc_bolt"}


# Whoever asked to be left alone

EMAIL, PROFILE = "ada@acme.example", "https://www.linkedin.com/in/ada-q"
KNOWN = [
    record("1", full_name=ADA, email=EMAIL, profile_url=PROFILE),
    record("2", source="b", company="acme", profile_url=PROFILE + "/", phone="1"),
    record("3", source="b", company_domain="bolt.example", email="ada@mail.example", full_name=ADA)
    | {"profile_url": "https://uk.linkedin.com/in/ada-q"},
]
OTHER = record("9", full_name="Bruno Vasteq", email="bruno@acme.example")
WISHES: dict[str, dict[str, Any]] = {
    "a record with only an address": {
        "more": [record("5", company=None, email=EMAIL, is_opted_out=True)]
    },
    "a record at another account": {
        "more": [record("5", company="cube", email="ada@mail.example", is_do_not_call=True)]
    },
    "a record with only a profile": {
        "more": [record("5", company=None, profile_url="linkedin.com/in/ada-q", is_opted_out=True)]
    },
    "a record with only a name at the account": {
        "more": [record("5", full_name="Quellorn, Ada", is_opted_out=True)]
    },
    "an address on a list": {"asked": [asked("email", EMAIL)]},
    "a hashed address on a list": {
        "asked": [asked("email_sha256", sha256(b"ada@mail.example").hexdigest())]
    },
    "a record that is no longer there": {
        "latest": [record("8", company=None, email="ada@mail.example", is_opted_out=True)]
    },
    "a name at the account, of a record that is no longer there": {
        "latest": [record("8", full_name=ADA, is_opted_out=True)]
    },
    "the same record, later": {
        "latest": [record("1", email="new@acme.example", is_opted_out=True)]
    },
}


@pytest.mark.parametrize("page", ["n/a", "https://www.linkedin.com/Company/acme"])
def test_a_page_that_is_no_persons_silences_nobody_else(people: People, page: str) -> None:
    """Of many who have it only the one who asked is left alone."""
    asker = record("1", full_name=ADA, profile_url=page, is_opted_out=True)

    found = people.contacts([asker, record("9", full_name="Bruno Vasteq", profile_url=page)])

    assert merged(found) == [["crm:9"]]


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_a_wish_on_any_record_leaves_the_person_alone(
    people: People, wish: dict[str, list[Row]]
) -> None:
    """Of every source, at every account, by whatever the wish is known; nobody else goes."""
    silent = people.contacts(
        [*KNOWN, OTHER, *wish.get("more", [])],
        latest=wish.get("latest", ()),
        asked=wish.get("asked", ()),
    )

    assert merged(people.contacts([*KNOWN, OTHER])) == [["b:2", "b:3", "crm:1"], ["crm:9"]]
    assert merged(silent) == [["crm:9"]]


def test_in_doubt_all_are_left_alone_who_may_have_asked(people: People) -> None:
    """Two of one name: a wish by the name alone is of either, a wish of one is not the other's."""
    first = record("1", full_name=ADA, email="ada@acme.example")
    second = record("2", full_name=ADA, email="ada.q@acme.example")
    nameless = record("3", full_name=ADA, is_opted_out=True)

    assert merged(people.contacts([first, second, nameless])) == []
    assert merged(people.contacts([first, second | {"is_opted_out": True}])) == [["crm:1"]]


def test_who_asked_from_a_shared_mailbox_silences_it(people: People) -> None:
    """Whoever writes there would reach them."""
    found = people.contacts(
        [
            record("1", full_name=ADA, email="office@acme.example"),
            record("2", full_name="Bruno Vasteq", email="office@acme.example", is_opted_out=True),
        ]
    )

    assert found == []


# Whatever the records

NAMES = (ADA, "Quellorn, Ada", "Bruno Vasteq", "B. Vasteq", None)


@st.composite
def contact_records(draw: st.DrawFn) -> list[Row]:
    """Records of few people, which share addresses, profiles, names and accounts as it happens."""
    few = st.integers(0, 4)
    return [
        record(
            f"{number}",
            source=draw(st.sampled_from(["a", "b", "crm"])),
            company=draw(st.sampled_from(["acme", "bolt", None])),
            company_domain=draw(st.sampled_from(["acme.example", None])),
            full_name=draw(st.sampled_from(NAMES)),
            email=draw(st.none() | few.map(lambda n: f"person{n}@host{n % 2}.example")),
            profile_url=draw(st.none() | few.map(lambda n: f"https://people.example/in/p-{n}")),
            phone=draw(st.sampled_from(["1", None])),
            title=draw(st.sampled_from(["CFO", "Controller", None])),
            observed_at=DAY + timedelta(days=draw(few)),
        )
        for number in range(draw(st.integers(2, 12)))
    ]


def silenced(records: list[Row], number: int) -> list[Row]:
    """The records, one of which asks to be left alone."""
    return [row | {"is_opted_out": place == number} for place, row in enumerate(records)]


def ids(found: Sequence[dict[str, Any]]) -> set[str]:
    """All records that anybody is made of."""
    return set(chain.from_iterable(person["contact_ids"] for person in found))


@settings(max_examples=12)
@given(records=contact_records(), data=st.data())
def test_the_order_of_records_changes_nothing(
    people: People, records: list[Row], data: st.DataObject
) -> None:
    """The same people with the same values."""
    shuffled = data.draw(st.permutations(records))

    assert people.contacts(shuffled) == people.contacts(records)


@settings(max_examples=12)
@given(records=contact_records(), data=st.data())
def test_splitting_records_into_batches_changes_nothing(
    people: People, records: list[Row], data: st.DataObject
) -> None:
    """Whichever file a record lies in."""
    parts: list[list[Row]] = [[], [], []]
    for row in records:
        parts[data.draw(st.integers(0, 2))].append(row)

    assert people.contacts(*parts) == people.contacts(records)


@settings(max_examples=25)
@given(records=contact_records(), data=st.data())
def test_an_opt_out_anywhere_removes_the_person_everywhere(
    people: People, records: list[Row], data: st.DataObject
) -> None:
    """No record of theirs is left, nor their address or profile; and nobody appears by it."""
    number = data.draw(st.integers(0, len(records) - 1))
    theirs = records[number]
    before = people.contacts(records)

    after = people.contacts(silenced(records, number))

    contact_id = f"{theirs['source']}:{theirs['source_contact_id']}"
    person = {contact_id}.union(
        *(person["contact_ids"] for person in before if contact_id in person["contact_ids"])
    )
    assert not person & ids(after)
    for column in ("email", "profile_url"):
        assert theirs[column] is None or theirs[column] not in {row[column] for row in after}
    assert ids(after) <= ids(before)


@settings(max_examples=12)
@given(records=contact_records())
def test_every_record_is_of_one_person_or_of_none(people: People, records: list[Row]) -> None:
    """Nobody is there twice, and who has an account and asked for nothing is there."""
    found = people.contacts(records)

    claimed = list(chain.from_iterable(person["contact_ids"] for person in found))
    assert len(claimed) == len(set(claimed))
    attached = {
        f"{row['source']}:{row['source_contact_id']}"
        for row in records
        if row["company_domain"] or (row["source"] == "crm" and row["source_company_id"])
    }
    assert attached <= set(claimed)
