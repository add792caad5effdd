"""Landing: the contract is held, nothing is lost silently, and the same rows are the same bytes."""

from concurrent.futures import CancelledError
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import landing, parquet, spill
from ingest.errors import SourceRejected
from ingest.tables import TABLES
from tests.support.landing import FETCHED_AT, WEEK, companies, land_frames, settings_in, tree

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def rejects(batch, home) -> list[dict]:
    """The rows set aside."""
    return pl.read_parquet(batch.rejected(home)).to_dicts()


def test_rows_land_with_every_column_and_a_manifest(tmp_path: Path) -> None:
    """Missing columns are null, the landing's own are filled in."""
    home = settings_in(tmp_path)

    batch = land_frames(home, companies("2", "1", domain=["https://www.acme.de/", None]))

    rows = pl.read_parquet(batch.data(home))
    assert rows["source_company_id"].to_list() == ["1", "2"]
    assert rows["domain"].to_list() == [None, "acme.de"]
    assert rows["source"].unique().to_list() == ["made_up_crm"]
    assert rows["batch_id"].unique().to_list() == [batch.batch_id]
    assert rows["observed_at"].unique().to_list() == [MONDAY]
    assert batch.batch_id == f"2026-11-02-{batch.content_hash[:12]}"
    assert batch.schema == {name: str(dtype) for name, dtype in rows.schema.items()}
    assert (batch.rows, batch.rejects, batch.unconverted) == (2, 0, 0)


def test_an_address_lands_beside_its_registrable_domain(tmp_path: Path) -> None:
    """By it people are found who write from a host below it, or spell it otherwise; whatever a
    source says of it doesn't count, and the address stays as it is, since its hash is a key."""
    home = settings_in(tmp_path)
    people = pl.DataFrame(
        {
            "source_contact_id": ["1", "2", "3"],
            "email": ["Ada@mail.acme.co.uk", "bo@söhne.de", None],
            "email_domain": ["other.example"] * 3,
        }
    )

    batch = land_frames(home, people, table="contacts")

    rows = pl.read_parquet(batch.data(home))
    assert rows["email"].to_list() == ["ada@mail.acme.co.uk", "bo@söhne.de", None]
    assert rows["email_domain"].to_list() == ["acme.co.uk", "xn--shne-5qa.de", None]


def test_who_is_to_be_left_alone_is_so_for_any_reason(tmp_path: Path) -> None:
    """A reason in somebody's own words counts as manual, and is kept as a note."""
    home = settings_in(tmp_path)
    keys = pl.DataFrame(
        {
            "key_kind": ["domain"] * 5,
            "key": ["a.com", "b.com", "c.com", "d.com", "e.com"],
            "reason": ["partner", "asked by mail", None, "rude", "Do not contact"],
            "note": ["since May", None, "call of 3 May", "very", None],
        }
    )

    batch = land_frames(home, keys, table="suppressions")

    rows = pl.read_parquet(batch.data(home))
    assert batch.rejects == 0
    assert rows.select("reason", "note").rows() == [
        ("partner", "since May"),
        ("manual", "asked by mail"),
        ("manual", "call of 3 May"),
        ("manual", "rude; very"),
        ("do_not_contact", None),
    ]


def test_rows_set_aside_are_told_also_where_the_good_ones_had_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch stays, what was set aside beside it is this time's, also after a death in between
    or where the file was damaged; without any, none is left."""

    def full(*_: object) -> None:
        raise OSError("full")

    home = settings_in(tmp_path)
    whole = land_frames(home, companies("1", "2"))
    bad = pl.DataFrame({"source_company_id": [None]}, schema={"source_company_id": pl.String})

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(landing, "_replace_manifest", full)
        land_frames(home, [companies("1", "2"), bad])
    with_a_bad_one = land_frames(home, [companies("1", "2"), bad])
    again = land_frames(home, [companies("1", "2"), bad])
    whole.rejected(home).write_bytes(b"half a fi")
    assert land_frames(home, [companies("1", "2"), bad]) == again
    assert len(rejects(whole, home)) == 1
    mended = land_frames(home, companies("1", "2"))

    assert (with_a_bad_one.batch_id, with_a_bad_one.rejects) == (whole.batch_id, 1)
    assert again == with_a_bad_one
    assert mended == whole
    assert not whole.rejected(home).exists()


def test_a_time_of_the_source_itself_is_kept(tmp_path: Path) -> None:
    """observed_at is the source's own update time where it has one."""
    updated = datetime(2026, 10, 1, 12, tzinfo=UTC)
    home = settings_in(tmp_path)

    batch = land_frames(home, companies("1", "2", observed_at=[updated, None]))

    assert pl.read_parquet(batch.data(home))["observed_at"].to_list() == [updated, MONDAY]


def test_the_same_content_twice_writes_nothing(tmp_path: Path) -> None:
    """Fetched later, with rows and pages in another order: the same batch, byte for byte."""
    home = settings_in(tmp_path)
    first = land_frames(home, companies("1", "2", "3"))
    before = tree(tmp_path)

    again = land_frames(home, [companies("3"), companies("2", "1")], fetched_at=datetime.now(UTC))

    assert again == first
    assert tree(tmp_path) == before


@settings(max_examples=25)
@given(
    st.permutations([*"abcdefg", "a", "c"]),
    st.integers(1, 7),
    st.sampled_from([1, 400, spill.RUN_BYTES]),
)
def test_bytes_do_not_depend_on_order_pages_or_memory(
    order: list[str], size: int, run_bytes: int
) -> None:
    """The same rows give the same Parquet file, the same rejects and the same manifest, whether
    they fit into memory or not; of the same key the newest stays, wherever it came from."""
    rows = companies(
        *order,
        attributes=[[{"key": "k", "value": key}] if key < "e" else None for key in order],
        observed_at=[
            MONDAY - timedelta(days=order[:at].count(key)) for at, key in enumerate(order)
        ],
    ).with_columns(city=pl.col("observed_at").cast(pl.String))

    with (
        TemporaryDirectory() as one,
        TemporaryDirectory() as other,
        pytest.MonkeyPatch.context() as groups,
    ):
        groups.setattr(parquet, "ROW_GROUP", 3)
        land_frames(settings_in(Path(one)), rows.sort("source_company_id"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(landing, "JUDGED_ROWS", size)
            patch.setattr(landing, "REJECTED_BYTES", run_bytes)
            patch.setattr(spill, "RUN_BYTES", run_bytes)
            patch.setattr(spill, "BLOCK_BYTES", 100)
            patch.setattr(spill, "MERGED_BLOCKS", 2)
            batch = land_frames(settings_in(Path(other)), rows.iter_slices(size))

        assert (batch.rows, batch.rejects) == (7, 2)
        assert pl.read_parquet(batch.data(settings_in(Path(other))))["observed_at"].min() == MONDAY
        assert tree(Path(one)) == tree(Path(other))


def test_bytes_of_long_lists_do_not_depend_on_where_runs_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists that fill more than a page are cut into the same pages."""
    keys = [f"{number:06}" for number in range(60_000)]
    attributes = [[{"key": key, "value": key * 9}] for key in keys]
    rows = companies(*keys, attributes=attributes)
    monkeypatch.setattr(parquet, "ROW_GROUP", 40_000)

    land_frames(settings_in(tmp_path / "one"), rows)
    monkeypatch.setattr(spill, "RUN_BYTES", 2**20)
    monkeypatch.setattr(spill, "BLOCK_BYTES", 2**17)
    land_frames(settings_in(tmp_path / "other"), rows.reverse().iter_slices(7_000))

    assert tree(tmp_path / "one") == tree(tmp_path / "other")


def test_a_commit_that_is_given_up_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at the next rows that it takes, and the folder that it was made in goes."""
    monkeypatch.setattr(spill, "RUN_BYTES", 1)
    home = settings_in(tmp_path)

    with landing.Spool(home, "made_up_crm", WEEK, TABLES["companies"]) as spool:
        spool.add(companies("1", "2"))
        assert spool.has_rows()
        spool.give_up()
        with pytest.raises(CancelledError):
            spool.commit(fetched_at=FETCHED_AT, made_up=False)

    assert tree(tmp_path) == {}


def test_corrected_content_replaces_the_week_and_can_be_taken_back(tmp_path: Path) -> None:
    """Content that comes again after a correction is the week's newest again."""
    home = settings_in(tmp_path)

    wrong = land_frames(home, companies("1"))
    right = land_frames(home, companies("1", "2"))
    back = land_frames(home, companies("1"))

    assert [wrong.revision, right.revision, back.revision] == [1, 2, 3]
    assert back.batch_id == wrong.batch_id


@pytest.mark.parametrize("damage", ["cut off", "missing", "fewer rows"])
def test_fetching_again_mends_a_damaged_batch(tmp_path: Path, damage: str) -> None:
    """The same content is written anew where what landed can't be read or isn't whole."""
    home = settings_in(tmp_path)
    landed = land_frames(home, companies("1", "2"))
    whole = tree(tmp_path)
    data = landed.data(home)
    if damage == "cut off":
        data.write_bytes(data.read_bytes()[:-20])
    elif damage == "missing":
        data.unlink()
    else:
        pl.read_parquet(data).head(1).write_parquet(data)

    again = land_frames(home, companies("1", "2"))

    assert again == landed
    assert tree(tmp_path) == whole


def test_a_damaged_batch_comes_back_as_the_newest_of_its_week(tmp_path: Path) -> None:
    """Mending numbers the content as taking it back does."""
    home = settings_in(tmp_path)
    first = land_frames(home, companies("1"))
    land_frames(home, companies("1", "2"))
    first.data(home).write_bytes(b"")

    assert land_frames(home, companies("1")).revision == 3


def test_each_week_has_its_own_batch(tmp_path: Path) -> None:
    """The same content in the next week is known in that week too."""
    home = settings_in(tmp_path)

    ids = [
        land_frames(home, companies("1"), week=WEEK + timedelta(weeks=n)).batch_id for n in (0, 1)
    ]

    assert [batch_id[:10] for batch_id in ids] == ["2026-11-02", "2026-11-09"]


COMPANY = {"source_company_id": "1"}
SIGNAL = {"source_signal_id": "1", "domain": "acme.de", "kind": "news"}
DEAL = {"source_deal_id": "1", "source_company_id": "1", "outcome": None}
LOOP = {"child_source_company_id": "1", "parent_source_company_id": "1", "kind": "parent"}
STOP = {"key_kind": "email", "key": "jo", "reason": "manual"}
OWNER = {"source_owner_id": "1"}
BAD_ROWS = [
    ("companies", COMPANY | {"source_company_id": None}, "source_company_id is missing"),
    ("companies", COMPANY | {"source_company_id": " "}, "source_company_id is missing"),
    ("companies", COMPANY | {"employees": -5}, "expected employees to be at least 0, found -5"),
    ("companies", COMPANY | {"founded_year": 20}, "expected founded_year to be at least 1000"),
    ("companies", COMPANY | {"revenue_usd": float("inf")}, "expected revenue_usd to be a finite"),
    ("companies", COMPANY | {"employees_low": 9, "employees_high": 3}, "expected that employees"),
    ("signals", SIGNAL | {"kind": "rumour"}, "expected kind to be one of topic_surge, "),
    ("signals", SIGNAL | {"domain": "n/a"}, "expected that some company is named"),
    ("signals", SIGNAL | {"strength": 60.0}, "expected strength to be at most 1.0, found 60.0"),
    ("deals", DEAL, "outcome is missing"),
    ("suppressions", STOP, "expected key to be email, found jo"),
    ("company_relationships", LOOP, "expected that a company is not its own parent"),
    ("owners", OWNER | {"_reject": "too few fields"}, "too few fields"),
]


@pytest.mark.parametrize(("table", "row", "reason"), BAD_ROWS, ids=[b[2] for b in BAD_ROWS])
def test_a_bad_row_is_set_aside_with_its_reason(
    tmp_path: Path, table: str, row: dict, reason: str
) -> None:
    """The reason says what was expected and found, with file and line."""
    home = settings_in(tmp_path)
    frame = pl.DataFrame([row | {"_file": "drop.csv", "_line": 7}], infer_schema_length=None)
    frame = frame.with_columns(
        pl.col(name).cast(pl.String) for name in frame.columns if frame[name].dtype == pl.Null
    )

    batch = land_frames(home, frame, table=table)

    (rejected,) = rejects(batch, home)
    assert (batch.rows, batch.rejects) == (0, 1)
    assert rejected["reason"].startswith(reason)
    assert (rejected["file"], rejected["line"]) == ("drop.csv", 7)
    assert '"source":"made_up_crm"' in rejected["row"]


def test_good_rows_go_on_beside_bad_ones(tmp_path: Path) -> None:
    """One bad row among many costs one row."""
    home = settings_in(tmp_path)

    batch = land_frames(home, companies("1", "2", "3", employees=[1, -1, 1]))

    assert (batch.rows, batch.rejects) == (2, 1)


def test_equal_rows_are_one_and_of_differing_ones_the_newest_stays(tmp_path: Path) -> None:
    """A page that repeats a row loses nothing; a real conflict is set aside and counted."""
    home = settings_in(tmp_path)
    older, newer = (datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2))
    rows = companies("1", "1", "1", observed_at=[older, newer, newer], city=["Ulm", "Bonn", "Bonn"])

    batch = land_frames(home, rows)

    (rejected,) = rejects(batch, home)
    assert pl.read_parquet(batch.data(home))["city"].to_list() == ["Bonn"]
    assert rejected["reason"].startswith("duplicate key")
    assert "Ulm" in rejected["row"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("flag", ["is_opted_out", "is_do_not_call"])
def test_of_equally_new_rows_one_that_asks_to_be_left_alone_stays(
    tmp_path: Path, flag: str, order: tuple[int, int]
) -> None:
    """Whatever else they say; a newer row may tell of another mind."""
    home = settings_in(tmp_path)
    seen = datetime(2026, 10, 1, tzinfo=UTC)
    people = pl.DataFrame(
        {
            "source_contact_id": ["1", "1", "2", "2"],
            "title": ["Accountant", "Controller"] * 2,
            flag: [True, None, True, False],
            "observed_at": [seen, seen, seen, seen + timedelta(days=1)],
        }
    )
    frames = [people[order[0] :: 2], people[order[1] :: 2]]

    batch = land_frames(home, frames, table="contacts")

    rows = pl.read_parquet(batch.data(home))
    assert rows["title"].to_list() == ["Accountant", "Controller"]
    assert rows[flag].to_list() == [True, False]


def test_what_cannot_be_read_is_null_and_counted(tmp_path: Path) -> None:
    """Junk in an optional column costs the value, not the row."""
    home = settings_in(tmp_path)
    rows = companies(
        "1",
        "2",
        country=["Germany", "Atlantis"],
        domain=["n/a", "acme.de"],
        _unread=["city region ", None],
    )

    batch = land_frames(home, rows)

    landed = pl.read_parquet(batch.data(home))
    assert landed["country"].to_list() == ["DE", None]
    assert landed["domain"].to_list() == [None, "acme.de"]
    assert (batch.rows, batch.rejects, batch.unconverted) == (2, 0, 4)
    assert batch.unread == {"city": 1, "country": 1, "domain": 1, "region": 1}


def test_numbers_that_do_not_fit_are_null_and_counted(tmp_path: Path) -> None:
    """NaN, infinity and 1e308 never become a head count."""
    home = settings_in(tmp_path)
    rows = companies("1", "2", "3", "4", employees=[5.0, float("nan"), float("inf"), 1e308])

    batch = land_frames(home, rows)

    assert pl.read_parquet(batch.data(home))["employees"].to_list() == [5, None, None, None]
    assert batch.unconverted == 3


def test_a_column_of_another_type_stops_the_load(tmp_path: Path) -> None:
    """Half a column read by guess is worse than none; nothing is written."""
    home = settings_in(tmp_path)

    with pytest.raises(SourceRejected, match=r"companies\.employees: expected Int64, found String"):
        land_frames(home, companies("1", employees=["1,000-5,000"]))

    assert tree(tmp_path) == {}


def test_columns_without_a_place_are_recorded(tmp_path: Path) -> None:
    """Schema drift shows in the manifest and nowhere else."""
    home = settings_in(tmp_path)

    batch = land_frames(home, companies("1", **{"vendor.Fax": [None], "mood": ["good"]}))

    assert batch.new_columns == ("Fax", "mood")
    assert not {"mood", "vendor.Fax"} & set(pl.read_parquet(batch.data(home)).columns)


def test_a_source_without_any_row_lands_an_empty_batch(tmp_path: Path) -> None:
    """That a source has emptied must be seen, not covered by last week's rows."""
    home = settings_in(tmp_path)

    batch = land_frames(home, [])

    assert batch.rows == 0
    assert pl.read_parquet(batch.data(home)).columns == list(batch.schema)


def test_a_company_without_a_domain_takes_that_of_its_website(tmp_path: Path) -> None:
    """Many sources have only one of the two."""
    home = settings_in(tmp_path)

    batch = land_frames(home, companies("1", website=["HTTPS://WWW.Acme.de/about"]))

    row = pl.read_parquet(batch.data(home)).row(0, named=True)
    assert (row["domain"], row["website"]) == ("acme.de", "HTTPS://WWW.Acme.de/about")


def test_times_without_a_zone_are_utc_and_days_are_midnight(tmp_path: Path) -> None:
    """Times of every kind meet in one type."""
    home = settings_in(tmp_path)
    signals = pl.DataFrame(
        {
            "source_signal_id": ["1"],
            "domain": ["acme.de"],
            "kind": ["news"],
            "occurred_at": [date(2026, 10, 5)],
            "known_at": [datetime(2026, 10, 6, 7)],
        }
    )

    batch = land_frames(home, signals, table="signals")

    row = pl.read_parquet(batch.data(home)).row(0, named=True)
    assert row["occurred_at"] == datetime(2026, 10, 5, tzinfo=UTC)
    assert row["known_at"] == datetime(2026, 10, 6, 7, tzinfo=UTC)


def test_who_opts_out_does_so_under_every_address_of_the_cell(tmp_path: Path) -> None:
    """Each is a row of its own beside theirs; a lead with several might be anyone who asked, and
    is set aside."""
    people = pl.DataFrame(
        {
            "source_contact_id": ["1", "2", None, "4", "5", "6"],
            "full_name": ["Ada", "Bo", "Cy", "Di", "Ed", "Flo"],
            "email": [
                "a@acme.de; a@home.de",
                "b@acme.de; b@localhost",
                "c@acme.de/c@home.de",
                None,
                "e@acme.de; @ed",
                "n/a",
            ],
            "is_opted_out": [True, False, None, None, True, None],
            "is_do_not_call": [None, None, True, None, None, None],
        }
    )

    batch = land_frames(settings_in(tmp_path), people, table="contacts")

    rows = pl.read_parquet(batch.data(settings_in(tmp_path))).sort("source_contact_id")
    columns = ["source_contact_id", "full_name", "email", "is_opted_out", "is_do_not_call"]
    assert rows.select(columns).rows() == [
        ("1", "Ada", "a@acme.de", True, None),
        ("4", "Di", None, None, None),
        ("5", "Ed", "e@acme.de", True, None),
        ("6", "Flo", None, None, None),
        ("also a@home.de", None, "a@home.de", True, None),
        ("also c@home.de", None, "c@home.de", None, True),
        ("c@acme.de", "Cy", "c@acme.de", None, True),
    ]
    rejects = pl.read_parquet(batch.rejected(settings_in(tmp_path)))
    assert rejects["reason"].to_list() == [
        "expected one e-mail address, found several: give each a row of its own"
    ]
    assert "b@acme.de; b@localhost" in rejects["row"][0]


def test_a_cell_of_several_addresses_suppresses_each(tmp_path: Path) -> None:
    """As people keep such lists."""
    keys = pl.DataFrame(
        {
            "key_kind": ["email", "email"],
            "key": ["a@acme.de, A <a@home.de>", "b@acme.de"],
            "reason": ["do_not_contact"] * 2,
        }
    )

    batch = land_frames(settings_in(tmp_path), keys, table="suppressions")

    rows = pl.read_parquet(batch.data(settings_in(tmp_path)))
    assert sorted(rows["key"]) == ["a@acme.de", "a@home.de", "b@acme.de"]
    assert batch.rejects == 0
