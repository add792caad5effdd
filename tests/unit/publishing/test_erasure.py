"""Who was erased is in no version that is kept, and all else of it stays as it was published."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.erasure import MARK, Erased, digest
from ingest.errors import ProspectError
from ingest.normalise import name_keys
from ingest.settings import Settings
from orchestration.publishing.erasure import KEPT, erase_published
from orchestration.publishing.list_files import write_list_files
from tests.support.publications import gate, publish_week, settings_in
from tests.support.runs import fingerprint
from tests.support.traces import traces
from tests.support.warehouse import LIST_WEEK

ADA = Erased(emails=frozenset({digest("ada@nordlicht.example")}))
SAID_OF_ADA = ("ada@nordlicht.example", "Ada Example", "+49 221 12", "people.example/p1", "crm:p1")
# The evidence of people is their name in real marts, and their title in the small warehouse.
NAMED = (
    "update marts.target_account_reasons set evidence = 'Ada Example, Chief Financial Officer' "
    "where leg = 'people' and account_id = 'a1'"
)
PRESENT_WEEK = LIST_WEEK + timedelta(weeks=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    return settings_in(tmp_path / "home")


def rows(version: Path, query: str) -> list[Any]:
    """What a query on a version's marts gives."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{version / 'marts.duckdb'}' as marts (read_only)")
        connection.execute("use marts")
        return connection.execute(query).fetchall()


def manifest(version: Path) -> dict[str, Any]:
    """What the version says of itself."""
    content: dict[str, Any] = json.loads((version / "manifest.json").read_text())
    return content


def test_an_erased_person_is_in_no_file_of_any_version(settings: Settings) -> None:
    """Neither in the one in force nor in one before it nor in another week's."""
    publish_week(settings, digest="0" * 12, mutations=[NAMED])
    publish_week(settings, digest="1" * 12, mutations=[NAMED])
    publish_week(settings, PRESENT_WEEK, mutations=[NAMED])
    assert len(traces(settings.published, *SAID_OF_ADA)) > 20

    assert erase_published(settings, ADA) == 3

    assert traces(settings.published, *SAID_OF_ADA) == {}
    assert len(traces(settings.published, "cy@hostile.example")) > 10


def test_what_columns_hold_is_still_said(settings: Settings) -> None:
    """The file is a new one, with the comments of the old."""
    version = publish_week(settings)
    comment = "select comment from duckdb_columns() where table_name = 'meta' and not internal"
    before = rows(version, comment)

    assert erase_published(settings, ADA) == 1
    assert rows(version, comment) == before != []


@pytest.mark.parametrize(
    "known_by",
    [
        pytest.param(Erased(records=frozenset({digest("crm:p1")})), id="record"),
        pytest.param(Erased(profiles=frozenset({digest("people.example/p1")})), id="profile"),
        pytest.param(
            Erased(profiles=frozenset({digest("https://people.example/p1")})),
            id="profile as an older program kept it",
        ),
    ],
)
def test_a_person_is_erased_by_whatever_they_are_known_by(
    settings: Settings, known_by: Erased
) -> None:
    """Not only by an address: a record of a source, and a profile."""
    version = publish_week(settings, mutations=[NAMED])

    assert erase_published(settings, known_by) == 1

    assert traces(version, *SAID_OF_ADA) == {}
    assert traces(version, "cy@hostile.example")


@pytest.mark.parametrize("name", ["Zoe New", "Ada Example"])
def test_a_record_of_another_name_is_somebody_elses(settings: Settings, name: str) -> None:
    """Where a source numbers its rows anew, an id means another person in another version."""
    version = publish_week(settings)
    known_by = Erased(records=frozenset(digest(f"crm:p1\n{key}") for key in ("", *name_keys(name))))

    assert erase_published(settings, known_by) == (1 if name == "Ada Example" else 0)
    assert (traces(version, "Ada Example") == {}) == (name == "Ada Example")


@pytest.mark.parametrize("contact_ids", ["contact_ids", "an older version without them"])
def test_a_person_made_of_several_records_goes_with_any_of_them(
    settings: Settings, contact_ids: str
) -> None:
    """What one row says may be from a record that has neither its id nor its address."""
    is_old = contact_ids != "contact_ids"
    version = publish_week(
        settings,
        mutations=[
            "alter table marts.contacts drop column contact_ids"
            if is_old
            else "update marts.contacts set contact_ids = [contact_id, 'drop:' || contact_id]"
        ],
    )
    record = "crm:p1" if is_old else "drop:crm:p1"

    assert erase_published(settings, Erased(records=frozenset({digest(record)}))) == 1

    assert traces(version, "ada@nordlicht.example", "Ada Example") == {}
    assert rows(version, "select count(*) from contacts") == [(2,)]


def test_an_erased_owner_is_in_no_file_and_their_deals_stay(settings: Settings) -> None:
    """Name and address go from the profile and the review, and nobody else's do."""
    others = (
        "insert into marts.owner_profiles by name select * replace ('crm:o2' as owner_id, "
        "'Otto Example' as name, 'otto@seller.example' as email) from marts.owner_profiles"
    )
    version = publish_week(settings, mutations=[others])
    olga = Erased(emails=frozenset({digest("olga@seller.example")}))
    said_of_olga = ("olga@seller.example", "Olga Example")
    assert len(traces(settings.published, *said_of_olga)) >= 4

    assert erase_published(settings, olga) == 1

    assert traces(settings.published, *said_of_olga) == {}
    profiles = "select owner_id, name, email, open_deals from owner_profiles order by owner_id"
    assert rows(version, profiles) == [
        ("crm:o1", None, None, 3),
        ("crm:o2", "Otto Example", "otto@seller.example", 3),
    ]
    deals = "select count(*), count(owner_id), count(owner_name) from pipeline_review"
    assert rows(version, deals) == [(4, 3, 0)]
    assert erase_published(settings, olga) == 0


def test_everything_else_is_as_if_they_had_never_been_known(tmp_path: Path) -> None:
    """The files of the list are those of a version that was published without the person."""
    settings, without = settings_in(tmp_path / "home"), settings_in(tmp_path / "without")
    version = publish_week(settings, mutations=[NAMED])
    never_known = publish_week(
        without,
        mutations=[
            "update marts.account_scores set reasons_earned = list_transform(reasons_earned, "
            "lambda r: struct_update(r, evidence_id := nullif(r.evidence_id, 'crm:p1')))",
            "delete from marts.contacts where contact_id = 'crm:p1'",
            "delete from marts.target_contacts where contact_id = 'crm:p1'",
            f"update marts.target_account_reasons set evidence = '{MARK}' "
            "where leg = 'people' and account_id = 'a1'",
        ],
    )

    erase_published(settings, ADA)

    ours, theirs = fingerprint(version), fingerprint(never_known)
    own = {"manifest.json", "marts.duckdb"}
    assert {n: h for n, h in ours.items() if n not in own} == {
        n: h for n, h in theirs.items() if n not in own
    }
    for table in ("contacts", "account_scores", "account_reasons", "target_account_reasons"):
        query = f"from {table} order by all"
        assert rows(version, query) == rows(never_known, query)
        assert rows(version, f"describe {table}") == rows(never_known, f"describe {table}")


def test_scores_stay_and_the_reason_says_why_nobody_is_named(settings: Settings) -> None:
    """What was published of the account is history; only the person goes."""
    version = publish_week(settings, mutations=[NAMED])
    scores = "select * exclude (reasons_earned) from account_scores order by account_id"
    before = rows(version, scores)

    erase_published(settings, ADA)

    assert rows(version, scores) == before
    assert rows(
        version,
        "select account_id, evidence from target_account_reasons where leg = 'people' order by all",
    ) == [("a1", MARK), ("a2", "VP Finance"), ("a6", "Head of Accounting")]


def test_the_manifest_proves_every_file_and_says_what_happened(settings: Settings) -> None:
    """Id, gate and facts stay, counts and hashes are the new ones."""
    version = publish_week(settings)
    before = manifest(version)

    erase_published(settings, ADA)

    after = manifest(version)
    assert {path: entry["sha256"] for path, entry in after["files"].items()} == {
        path: hashlib.sha256((version / path).read_bytes()).hexdigest()
        for path in fingerprint(version)
        if path != "manifest.json"
    }
    assert after.pop("has_erased_people") is True
    assert after["rows"]["contacts"] == before["rows"]["contacts"] - 1
    for changed in ("files", "rows"):
        del before[changed], after[changed]
    assert after == before


def test_links_dates_and_pages_without_people_stay(settings: Settings) -> None:
    """Nobody who reads through a link, or by age, notices more than the person's absence."""
    version = publish_week(settings)
    os.utime(version, (1_700_000_000, 1_700_000_000))
    kept = {name: (version / name).read_bytes() for name in KEPT}
    links = {path: path.readlink() for path in settings.published.iterdir() if path.is_symlink()}

    erase_published(settings, ADA)

    assert version.stat().st_mtime == 1_700_000_000
    assert {name: (version / name).read_bytes() for name in KEPT} == kept
    assert links == {p: p.readlink() for p in settings.published.iterdir() if p.is_symlink()}
    assert [path.name for path in (settings.published / ".versions").iterdir()] == [version.name]


def test_a_version_that_names_nobody_erased_is_left_alone(settings: Settings) -> None:
    """Byte for byte, and so is everything when the same people are erased again."""
    publish_week(settings, mutations=["delete from marts.contacts where contact_id = 'crm:p1'"])
    publish_week(
        settings,
        PRESENT_WEEK,
        mutations=[
            "delete from marts.contacts where contact_id = 'crm:p1'",
            "delete from marts.target_contacts where contact_id = 'crm:p1'",
        ],
    )
    untouched = fingerprint((settings.published / f"{PRESENT_WEEK}").resolve())

    assert erase_published(settings, ADA) == 1
    once = fingerprint(settings.published)
    assert erase_published(settings, ADA) == 0

    assert fingerprint(settings.published) == once
    assert fingerprint((settings.published / f"{PRESENT_WEEK}").resolve()) == untouched


def test_an_address_in_any_other_text_is_blotted_out(settings: Settings) -> None:
    """In plain texts, lists and maps, whose types stay; other addresses stay too."""
    version = publish_week(
        settings,
        mutations=[
            "delete from marts.contacts where contact_id = 'crm:p1'",
            "delete from marts.target_contacts where contact_id = 'crm:p1'",
            "update marts.signals set title = 'ADA@nordlicht.example, bada@nordlicht.example'",
            "update marts.accounts set attributes = map {'buyer': '<ada@nordlicht.example>'}",
            "update marts.account_scores set missing_roles = ['ada@nordlicht.example', 'lead']",
        ],
    )
    types = rows(version, "describe accounts")

    assert erase_published(settings, ADA) == 1

    assert set(rows(version, "select title from signals")) == {(f"{MARK}, bada@nordlicht.example",)}
    assert rows(version, "select attributes from accounts limit 1") == [({"buyer": f"<{MARK}>"},)]
    assert rows(version, "select missing_roles from account_scores limit 1") == [([MARK, "lead"],)]
    assert rows(version, "describe accounts") == types


def test_files_that_cannot_be_made_anew_go(settings: Settings) -> None:
    """One that another program left in the version might name anybody."""
    version = publish_week(settings)
    (version / "import" / "people.csv").write_text("Ada Example")

    erase_published(settings, ADA)

    assert not (version / "import" / "people.csv").exists()
    assert "import/people.csv" not in manifest(version)["files"]


def test_a_version_of_an_older_program_is_told_and_the_others_are_done(settings: Settings) -> None:
    """One clear line names it and says what to do; what could be done is done."""
    old = publish_week(settings)
    short = manifest(old)
    for finding in short["gate"]:
        del finding["why"]
    (old / "manifest.json").write_text(json.dumps(short))
    new = publish_week(settings, PRESENT_WEEK)

    with pytest.raises(ProspectError, match=f"1 of 2 .* {old.name} .*older program.*erase again"):
        erase_published(settings, ADA)

    assert traces(new, *SAID_OF_ADA) == {}


def test_what_a_killed_publication_left_is_removed(settings: Settings) -> None:
    """A version that never got its name holds people too."""
    unfinished = publish_week(settings).with_name(".unfinished.partial")
    unfinished.mkdir()
    (unfinished / "target_contacts.csv").write_text("Ada Example")

    erase_published(settings, ADA)

    assert not unfinished.exists()


def test_every_published_file_is_made_from_the_marts_or_names_no_people(
    settings: Settings, tmp_path: Path
) -> None:
    """A new kind of file must take a side, so that an erasure can't overlook it."""
    version = publish_week(settings)
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "marts.duckdb").hardlink_to(version / "marts.duckdb")

    write_list_files(folder, gate())

    made, published = fingerprint(folder), fingerprint(version)
    assert {name: published[name] for name in made} == made
    assert published.keys() - made.keys() == {*KEPT, "manifest.json"}
