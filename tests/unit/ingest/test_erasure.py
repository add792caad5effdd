"""Who asks to be erased leaves everything that has landed, and never lands again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.batches import batches, newest_batches
from ingest.erasure import MARK, SOURCE, Erased, digest, email_digests, read_erased
from ingest.errors import ProspectError
from ingest.landed_erasure import Removed, addresses, erase_landed, known_by, remember
from ingest.settings import Settings
from tests.support.landing import WEEK, companies, land_frames, settings_in, tree

JANE = "jane.doe@acme.example"
PROFILE = "https://people.example/jane"


def contacts(*rows: dict[str, object]) -> pl.DataFrame:
    """Made-up people; of what a row doesn't say there is nothing."""
    columns = ("source_contact_id", "full_name", "email", "phone", "profile_url")
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], strict=False)


def jane(key: str = "1", email: str | None = JANE, **further: object) -> dict[str, object]:
    """A record of the person who asks."""
    return {"source_contact_id": key, "full_name": "Jane Doe", "email": email, **further}


def john(key: str = "2") -> dict[str, object]:
    """Somebody else."""
    return {"source_contact_id": key, "full_name": "John Roe", "email": "john@acme.example"}


def land_contacts(
    home: Settings, *rows: dict[str, object], source: str = "crm", week: int = 0
) -> None:
    """Land people of one source, some weeks after the first."""
    stamped = WEEK + timedelta(weeks=week)
    land_frames(home, contacts(*rows), table="contacts", source=source, week=stamped)


def erase(home: Settings, *emails: str) -> Removed:
    """All that happens to what has landed when people ask."""
    erased = known_by(home, read_erased(home) | Erased(emails=email_digests(emails)))
    remember(home, erased)
    return erase_landed(home, erased)


def landed(home: Settings, table: str) -> dict[str, pl.DataFrame]:
    """The rows of each batch of a table, without those that an erasure lands, by folder."""
    return {
        f"{batch.source}/{batch.batch_id}": pl.read_parquet(batch.data(home))
        for batch in batches(home)
        if batch.table == table and batch.source != SOURCE
    }


def names(home: Settings) -> set[str]:
    """Who is in any landed batch."""
    return {name for rows in landed(home, "contacts").values() for name in rows["full_name"]}


def texts(home: Settings) -> str:
    """Everything that the home's files say, Parquet unpacked."""
    return "\n".join(
        f"{pl.read_parquet(path).to_dicts()}" if path.suffix == ".parquet" else path.read_text()
        for path in sorted(home.home.rglob("*"))
        if path.is_file()
    )


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"email": JANE}, id="their address"),
        pytest.param(
            {"email": "mailto:Jane.Doe@ACME.example"}, id="their address, spelt otherwise"
        ),
        pytest.param({"key": "1", "email": "old@acme.example"}, id="their record, another address"),
        pytest.param({"key": "1", "email": None}, id="their record, no address"),
        pytest.param({"email": None, "profile_url": PROFILE}, id="their profile"),
    ],
)
def test_a_person_leaves_every_batch_of_a_source(tmp_path: Path, record: dict[str, object]) -> None:
    """By whatever the person is known, in any week; others stay."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(profile_url=PROFILE), john())
    land_contacts(home, jane(**{"key": "9", **record}), john(), week=1)  # type: ignore[arg-type]

    removed = erase(home, JANE)

    assert removed == Removed(rows=2, batches=2, rejects=0)
    assert names(home) == {"John Roe"}


def test_a_person_leaves_every_source_by_address_and_profile(tmp_path: Path) -> None:
    """The same person's records elsewhere go too, also the one that has only the profile."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(profile_url=PROFILE))
    land_contacts(home, jane("a", None, profile_url=PROFILE), john("b"), source="vendor")
    land_contacts(home, jane("b", "other@acme.example"), source="events")

    erase(home, JANE)

    assert [rows["email"].to_list() for rows in landed(home, "contacts").values()] == [
        [],
        ["other@acme.example"],
        ["john@acme.example"],
    ]
    assert PROFILE not in texts(home)


def test_another_address_of_a_record_erases_nobody_else(tmp_path: Path) -> None:
    """A shared mailbox on the person's record is not the person's."""
    home = settings_in(tmp_path)
    land_contacts(home, jane())
    land_contacts(home, jane(email="info@acme.example"), week=1)
    land_contacts(home, {**john(), "email": "info@acme.example"}, source="vendor")

    erase(home, JANE)

    assert names(home) == {"John Roe"}


@pytest.mark.parametrize(
    "page", ["https://www.linkedin.com/company/acme", "n/a", "https://fb.example/profile.php?id=1"]
)
def test_a_page_that_is_no_persons_erases_nobody_else(tmp_path: Path, page: str) -> None:
    """Many have the page of their firm, or a word for none, where a profile belongs."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(profile_url=page), {**john(), "profile_url": page})

    erase(home, JANE)
    land_contacts(home, {**john("3"), "profile_url": page}, week=1)

    assert [len(rows) for rows in landed(home, "contacts").values()] == [1, 1]
    assert names(home) == {"John Roe"}


def test_numbers_given_anew_erase_nobody_else(tmp_path: Path) -> None:
    """A row more on top, and each record's number is the next one's; then and later."""
    people = [(name, f"{name.split()[0].lower()}@acme.example") for name in ("Bob Roe", "Cy Poe")]
    rows = [("Jane Doe", JANE), *people]
    home = settings_in(tmp_path)
    for week, top in enumerate(([], [("Zoe Doe", "zoe@acme.example")], [("Al Doe", None)])):
        if week == 2:
            erase(home, JANE)
        numbered = enumerate([*top, *rows])
        land_contacts(
            home,
            *({"source_contact_id": f"{n}", "full_name": f, "email": e} for n, (f, e) in numbered),
            week=week,
        )

    assert [set(rows["full_name"]) for rows in landed(home, "contacts").values()] == [
        {"Bob Roe", "Cy Poe"},
        {"Zoe Doe", "Bob Roe", "Cy Poe"},
        {"Al Doe", "Bob Roe", "Cy Poe"},
    ]


THEIRS = {
    "the same name": {"full_name": "Jane Doe"},
    "the name in another order, with a title": {"full_name": "DOE, Dr. Jane"},
    "a second family name": {"full_name": "Jane Roe-Doe"},
    "no name and another address": {"full_name": None},
    "nothing at all": {"full_name": None, "email": None},
}
STRANGERS = {
    "another first name": {"full_name": "Jim Doe"},
    "another family name": {"full_name": "Jane Poe"},
    "another name and no address": {"full_name": "Zoe New", "email": None},
    "no name and another profile": {"full_name": None, "profile_url": "people.example/zoe"},
}


@pytest.mark.parametrize(
    ("row", "is_theirs"),
    [
        *(pytest.param(row, True, id=f"theirs: {why}") for why, row in THEIRS.items()),
        *(pytest.param(row, False, id=f"a stranger's: {why}") for why, row in STRANGERS.items()),
    ],
)
def test_a_record_is_theirs_unless_something_tells_it_from_them(
    tmp_path: Path, row: dict[str, object], is_theirs: bool
) -> None:
    """In what has landed and in what lands later under the same id; in doubt it goes."""
    home = settings_in(tmp_path)
    other = {"source_contact_id": "1", "email": "other@acme.example", **row}
    land_contacts(home, jane(profile_url=PROFILE))
    land_contacts(home, other, week=1)

    erase(home, JANE)
    land_contacts(home, {**other, "phone": "+49 1"}, week=2)

    kept = 0 if is_theirs else 1
    assert [len(rows) for rows in landed(home, "contacts").values()] == [0, kept, kept]


def test_a_profile_spelt_otherwise_is_the_same_person(tmp_path: Path) -> None:
    """In another source, without an address, landed before or after."""
    home = settings_in(tmp_path)
    spelt = ["http://linkedin.com/in/Jane-D?trk=x", "https://de-de.linkedin.com/in/jane%2Dd"]
    land_contacts(home, jane(profile_url="https://www.linkedin.com/in/jane-d/"))
    rows = [
        jane(key, None, full_name=None, profile_url=url)
        for key, url in zip("ab", spelt, strict=True)
    ]
    land_contacts(home, *rows, source="vendor")

    erase(home, JANE)
    land_contacts(home, *rows, john(), source="vendor", week=1)

    assert names(home) == {"John Roe"}


def test_a_query_may_tell_one_person_from_another(tmp_path: Path) -> None:
    """Of pages but LinkedIn's, whose members stand in the path."""
    home = settings_in(tmp_path)
    page = "https://scholar.example/citations?user="
    vera = "https://www.linkedin.com/in/vera?trk=x"
    land_contacts(home, jane(profile_url=f"{page}A"), john() | {"profile_url": f"{page}B"})
    land_contacts(home, jane("7", email=None, profile_url=f"{page}a"), source="list")
    land_contacts(home, jane("9", profile_url=vera), source="third")
    land_contacts(home, jane("8", email=None, profile_url=vera[:-5]), source="fourth")

    erase(home, JANE)

    assert names(home) == {"John Roe"}


@pytest.mark.parametrize("landed_as", ["jane@müller.example", "jane@xn--mller-kva.example"])
def test_an_address_of_other_letters_is_found_as_it_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, landed_as: str
) -> None:
    """Before hosts had one spelling it landed as it was written, and so was it erased."""
    home = settings_in(tmp_path)
    with monkeypatch.context() as older:
        older.setattr("ingest.normalise._with_readable_host", lambda email: email)
        land_contacts(home, jane(email=landed_as), john())

    erase(home, *filter(None, addresses([landed_as])))

    assert names(home) == {"John Roe"}
    land_contacts(home, jane(email=landed_as), john(), week=1)
    assert names(home) == {"John Roe"}


def test_who_was_erased_in_another_spelling_does_not_land_again(tmp_path: Path) -> None:
    """The older program knew an address of other letters by the spelling that it was told."""
    home = settings_in(tmp_path)
    remember(home, Erased(emails=frozenset({digest("jane@xn--mller-kva.example")})))

    land_contacts(home, jane(email="jane@müller.example"), john())

    assert names(home) == {"John Roe"}


def test_what_an_older_program_kept_still_counts(tmp_path: Path) -> None:
    """Of records it kept no name, of profiles the spelling, also of pages that are nobody's."""
    home = settings_in(tmp_path)
    spelt, page = "https://www.people.example/jane/", "https://people.example/company/acme"
    profiles = frozenset({digest(spelt), digest(page)})
    remember(home, Erased(records=frozenset({digest("crm:1")}), profiles=profiles))

    land_contacts(
        home,
        jane(email="new@acme.example", full_name="J. D."),
        jane("5", None, profile_url=spelt),
        {**john(), "profile_url": page},
    )

    assert names(home) == {"John Roe"}


def test_a_row_set_aside_without_a_key_is_no_obstacle(tmp_path: Path) -> None:
    """It goes by its address."""
    home = settings_in(tmp_path)
    land_contacts(home, {**jane(), "source_contact_id": None}, john())

    assert erase(home, JANE) == Removed(rows=0, batches=0, rejects=1)
    assert names(home) == {"John Roe"}


def test_a_rewritten_batch_keeps_its_place_and_tells_the_truth(tmp_path: Path) -> None:
    """What refers to it by id still does; rows and hash are the new ones."""
    home, twin = settings_in(tmp_path / "home"), settings_in(tmp_path / "twin")
    land_contacts(home, jane(), john())
    before = batches(home)[0]

    erase(home, JANE)
    land_contacts(twin, john())

    after, other = batches(home)[0], batches(twin)[0]
    assert (after.batch_id, after.week, after.revision) == (before.batch_id, before.week, 1)
    assert (after.rows, after.content_hash) == (1, other.content_hash)
    assert sorted(path.name for path in after.folder(home).iterdir()) == [
        "data.parquet",
        "manifest.json",
    ]


def test_who_was_erased_does_not_land_again(tmp_path: Path) -> None:
    """Not with the address, nor with the record under a new one, nor among the rows set aside."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(profile_url=PROFILE), john())
    erase(home, JANE)

    land_contacts(home, jane("7"), jane(email="new@acme.example"), john(), week=1)
    land_contacts(home, jane("8", "third@acme.example", profile_url=PROFILE), week=2)
    land_contacts(home, jane("7", None), jane("7"), {**jane(), "_reject": "broken"}, week=3)

    assert names(home) == {"John Roe", "Jane Doe"}
    assert [rows["source_contact_id"].to_list() for rows in landed(home, "contacts").values()] == [
        ["2"],
        ["2"],
        [],
        ["7"],
    ]
    assert JANE not in texts(home).lower()


def test_the_same_rows_give_the_same_batch_while_the_same_are_erased(tmp_path: Path) -> None:
    """What a source gives without the erased, and with them, is one content."""
    home, other = settings_in(tmp_path / "a"), settings_in(tmp_path / "b")
    for each in (home, other):
        erase(each, JANE)

    land_contacts(home, jane(), john())
    land_contacts(other, john())

    assert [batch.batch_id for batch in batches(home)] == [b.batch_id for b in batches(other)]
    assert tree(home.landing / "contacts") == tree(other.landing / "contacts")


def test_only_digests_are_kept(tmp_path: Path) -> None:
    """The store and the suppressions that follow name nobody, and the newest holds all of them."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(), john())

    erase(home, JANE)
    erase(home, "nobody@acme.example")

    newest = next(batch for batch in newest_batches(batches(home)) if batch.source == SOURCE)
    kept = pl.read_parquet(newest.data(home))
    assert set(kept["key"]) == {digest(JANE), digest("nobody@acme.example")}
    assert set(kept["key_kind"]) == {"email_sha256"}
    assert set(kept["reason"]) == {"do_not_contact"}
    assert kept["until_date"].to_list() == [None, None]
    assert read_erased(home).records == {digest("crm:1\n"), digest("crm:1\ndoe jane")}
    assert JANE not in texts(home)


def test_a_suppression_by_address_becomes_one_by_hash(tmp_path: Path) -> None:
    """In what has landed and in what lands later; it goes on suppressing."""
    home = settings_in(tmp_path)
    keys = [("email", JANE), ("email", "john@acme.example"), ("email_sha256", digest(JANE))]
    asked = pl.DataFrame(
        {
            "key_kind": [kind for kind, _ in keys],
            "key": [key for _, key in keys],
            "reason": ["do_not_contact", "manual", "do_not_contact"],
        }
    )
    land_frames(home, asked, table="suppressions", source="opt_outs")

    erase(home, JANE)
    land_frames(home, asked, table="suppressions", source="opt_outs", week=WEEK + timedelta(7))

    expected = {
        ("email", "john@acme.example", "manual"),
        ("email_sha256", digest(JANE), "do_not_contact"),
    }
    for rows in landed(home, "suppressions").values():
        assert set(rows.select("key_kind", "key", "reason").iter_rows()) == expected
        assert len(rows) == 2


def test_an_address_in_another_text_is_blotted_out(tmp_path: Path) -> None:
    """In any column of any table, landed before or after; the rest of the row stays."""
    home = settings_in(tmp_path)
    named = companies(
        "1",
        "2",
        city=[f"ask {JANE.upper()}.", "Bonn, maria.jane.doe@acme.example"],
        aliases=[["Acme", JANE], None],
        attributes=[[{"key": "buyer", "value": f"<{JANE}>"}], None],
    )
    land_frames(home, named)

    erase(home, JANE)
    land_frames(home, named, week=WEEK + timedelta(7))

    for rows in landed(home, "companies").values():
        assert rows["city"].to_list() == [f"ask {MARK}.", "Bonn, maria.jane.doe@acme.example"]
        assert rows["aliases"].to_list() == [["Acme", MARK], None]
        assert rows["attributes"][0].to_list() == [{"key": "buyer", "value": f"<{MARK}>"}]


def test_a_row_whose_key_is_an_address_goes(tmp_path: Path) -> None:
    """A key can't be blotted out without becoming another's."""
    home = settings_in(tmp_path)
    visits = pl.DataFrame(
        {
            "source_signal_id": [f"{JANE}/2026-10-01", "john@acme.example/2026-10-01"],
            "domain": "acme.com",
            "kind": "web_visit",
        }
    )
    land_frames(home, visits, table="signals")

    erase(home, JANE)

    (rows,) = landed(home, "signals").values()
    assert rows["source_signal_id"].to_list() == ["john@acme.example/2026-10-01"]


def test_own_staff_leave_too(tmp_path: Path) -> None:
    """Their record goes and doesn't land again; their deals keep the key, which names nobody."""
    home = settings_in(tmp_path)
    owners = pl.DataFrame({"source_owner_id": ["o1", "o2"], "email": [JANE, "john@acme.example"]})
    deals = pl.DataFrame(
        {"source_deal_id": ["d1"], "domain": "acme.com", "outcome": "open", "owner_id": "o1"}
    )
    land_frames(home, owners, table="owners")
    land_frames(home, deals, table="deals")

    erase(home, JANE)
    land_frames(home, owners, week=WEEK + timedelta(7), table="owners")

    kept = [rows["source_owner_id"].to_list() for rows in landed(home, "owners").values()]
    assert kept == [["o2"], ["o2"]]
    assert [rows["owner_id"].to_list() for rows in landed(home, "deals").values()] == [["o1"]]


def test_an_owner_whose_key_is_an_address_leaves_their_deals(tmp_path: Path) -> None:
    """The deal stays, without the address."""
    home = settings_in(tmp_path)
    owner = pl.DataFrame({"source_owner_id": [JANE], "name": "Jane Doe"})
    deal = pl.DataFrame(
        {"source_deal_id": ["d1"], "domain": "acme.com", "outcome": "open", "owner_id": JANE}
    )
    land_frames(home, owner, table="owners")
    land_frames(home, deal, table="deals")

    erase(home, JANE)

    assert [len(rows) for rows in landed(home, "owners").values()] == [0]
    assert [rows["owner_id"].to_list() for rows in landed(home, "deals").values()] == [[MARK]]


def test_a_row_set_aside_tells_the_record(tmp_path: Path) -> None:
    """The address may stand only in the older of two rows of one record, which was set aside."""
    home = settings_in(tmp_path)
    newer = jane(email="new@acme.example", full_name="Jane Roe-Doe")
    land_contacts(home, jane(), newer)
    assert sorted(len(rows) for rows in landed(home, "contacts").values()) == [1]

    erase(home, JANE)

    assert names(home) == set()
    assert not batches(home)[0].rejected(home).exists()


def test_rows_set_aside_are_erased_too(tmp_path: Path) -> None:
    """Those of the person, and those of any table that hold the address; the manifests agree."""
    home = settings_in(tmp_path)
    land_contacts(home, jane(), jane(email="old@acme.example"), john(), john())
    broken = companies("1", "2", city=[f"ask {JANE}", "Ulm"], _reject=["broken", "broken"])
    land_frames(home, broken)

    removed = erase(home, JANE)

    assert removed.rejects == 2
    assert JANE not in texts(home)
    assert {batch.table: batch.rejects for batch in batches(home)} == {
        "companies": 1,
        "contacts": 0,
        "suppressions": 0,
    }
    for batch in batches(home):
        assert batch.rejected(home).exists() == (batch.rejects > 0)


def test_what_a_killed_fetch_left_is_removed(tmp_path: Path) -> None:
    """Its pages lie in a hidden folder, as they came; so does a page that came in place of data."""
    home = settings_in(tmp_path)
    unfinished = home.landing / "contacts" / "crm" / ".tmp1"
    unfinished.mkdir(parents=True)
    contacts(jane()).write_parquet(unfinished / "good-000000.parquet")
    home.quarantine.mkdir(parents=True)
    (home.quarantine / "crm.txt").write_text(f"<html>{JANE}")

    erase(home, JANE)

    assert not unfinished.exists()
    assert not home.quarantine.exists()


def test_a_damaged_batch_is_told_before_anything_is_done(tmp_path: Path) -> None:
    """One clear line that names the folder and says what to do."""
    home = settings_in(tmp_path)
    land_contacts(home, jane())
    batches(home)[0].data(home).write_bytes(b"PAR1")

    with pytest.raises(ProspectError, match=r"landing/contacts/crm/.* erase again"):
        erase(home, JANE)

    assert not read_erased(home)


def test_addresses_are_told_from_other_text() -> None:
    """In any spelling that lands; what is none is None."""
    given_ = [" Jane.Doe@ACME.example ", "mailto:jane.doe@acme.example", "jane", "", "a@b@c.de"]

    assert addresses(given_) == [JANE, JANE, None, None, None]


def test_a_long_text_is_read_in_no_time() -> None:
    """A hostile text of one endless word costs no more than another of its length."""
    erased = Erased(emails=frozenset({digest(JANE)}))

    assert erased.blotted("a" * 200_000 + f"@ {JANE}") == "a" * 200_000 + f"@ {MARK}"


PEOPLE = [f"p{number}@acme.example" for number in range(4)]
RECORDS = st.fixed_dictionaries(
    {
        "source_contact_id": st.sampled_from("123456"),
        "full_name": st.sampled_from(["A", "B Roe", "B Doe", "Doe, B", None]),
        "email": st.sampled_from([*PEOPLE, None]),
        "profile_url": st.sampled_from(
            ["https://p.example/1", "http://p.example/1/", "https://p.example/2", "n/a", None, None]
        ),
    }
)
BATCHES = st.lists(
    st.tuples(st.sampled_from(["crm", "vendor"]), st.lists(RECORDS, max_size=6)), max_size=4
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BATCHES, st.permutations(PEOPLE[:3]), st.integers(1, 3))
def test_erasures_can_be_repeated_and_come_in_any_order(
    tmp_path_factory: pytest.TempPathFactory,
    given_batches: list[tuple[str, list[dict[str, object]]]],
    order: list[str],
    at_once: int,
) -> None:
    """One by one, some at once, twice: the same rows stay, and the same digests are kept."""
    one, other = (settings_in(tmp_path_factory.mktemp("home")) for _ in range(2))
    for home in (one, other):
        for week, (source, rows) in enumerate(given_batches):
            land_contacts(home, *rows, source=source, week=week)

    erase(one, *sorted(order))
    for emails in (order[:at_once], order[at_once:], order[:1]):
        erase(other, *emails)
    again = erase(other, *order)

    assert again == Removed(0, 0, 0)
    assert read_erased(one) == read_erased(other)
    assert tree(one.landing / "contacts") == tree(other.landing / "contacts")
    assert not _addresses_in(one) & set(order)


def _addresses_in(home: Settings) -> set[str | None]:
    return {email for rows in landed(home, "contacts").values() for email in rows["email"]}
