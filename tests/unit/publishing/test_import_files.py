"""What CRM and ad platforms import: one row per domain and person, and no row lost for nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from ingest.settings import PROJECT
from orchestration.warehouse import quoted
from tests.support.publications import publish_week, settings_in

TWO_ROLES = (
    "insert into marts.target_contacts select * replace ('tax_lead' as role_id) "
    "from marts.target_contacts where rank = 1"
)


def rows(version: Path, name: str) -> list[dict[str, str]]:
    """The rows of one published file, by column."""
    with (version / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_person_with_two_roles_is_one_row_of_the_import(tmp_path: Path) -> None:
    """Roles stand in the order of the document; nobody is rejected for being needed twice."""
    version = publish_week(settings_in(tmp_path), mutations=[TWO_ROLES])

    first, *others = (row for row in rows(version, "import/contacts.csv"))
    assert first["role_ids"] == "budget_holder;tax_lead"
    assert first["external_id"] not in {row["external_id"] for row in others}
    rejected = {row["external_id"] for row in rows(version, "import/rejects.csv")}
    assert first["external_id"] not in rejected


def test_the_page_names_every_column_once(tmp_path: Path) -> None:
    """Whoever maps them finds each, and none that isn't there."""
    version = publish_week(settings_in(tmp_path))
    page = (PROJECT / "docs/import.md").read_text(encoding="utf-8")

    for name in ("accounts.csv", "contacts.csv"):
        table = page.partition(f"| `{name}` |")[2].partition("\n\n")[0]
        first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
        named = re.findall("`([a-z_]+)`", "".join(first_cells))
        assert sorted(named) == sorted(rows(version, f"import/{name}")[0])


def test_a_person_with_two_roles_gives_the_same_bytes_again(tmp_path: Path) -> None:
    """The order of a person's roles does not depend on the order of the rows."""
    backwards = (
        "create or replace table marts.target_contacts as "
        "from marts.target_contacts order by role_id desc, rank desc"
    )
    one = publish_week(settings_in(tmp_path / "one"), mutations=[TWO_ROLES])
    two = publish_week(settings_in(tmp_path / "two"), mutations=[TWO_ROLES, backwards])

    for name in ("target_contacts.csv", "import/contacts.csv", "marts/target_contacts.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_an_account_comes_with_the_number_of_its_company(tmp_path: Path) -> None:
    """Through which those are reached who have no way of their own."""
    version = publish_week(settings_in(tmp_path))

    assert {row["phone"] for row in rows(version, "import/accounts.csv")} == {"+49 221 1"}


def imported_of(tmp_path: Path, column: str, values: Iterable[str]) -> list[str]:
    """What the import has of contacts that have these values in a column."""
    given = ", ".join(f"({n}, {quoted(value)})" for n, value in enumerate(values))
    contacts = f"""
        insert into marts.target_contacts select target_contacts.* replace (
            'x:' || number as contact_id, number || '@x.example' as email, given as {column}
        ) from marts.target_contacts cross join (values {given}) as v (number, given) where rank = 1
    """
    version = publish_week(settings_in(tmp_path), mutations=[contacts])
    found = {row["external_id"]: row[column] for row in rows(version, "import/contacts.csv")}
    return [value for key, value in sorted(found.items()) if key.startswith("x:")]


def test_a_number_is_imported_unless_it_is_a_formula(tmp_path: Path) -> None:
    """A plus is no leave for whatever comes behind it."""
    numbers = ["+49 (0)221/12-34.5", "+49 221 12 ext. 5", "0221 12"]
    formulas = ["+49+1+HYPERLINK(A1)", "+1+cmd|' /C calc'!A0", "-1"]

    assert imported_of(tmp_path, "phone", numbers + formulas) == [*numbers, "", "", ""]


def test_only_addresses_of_the_web_are_imported(tmp_path: Path) -> None:
    """A CRM makes a link of them."""
    pages = ["https://people.example/p1", "HTTP://people.example", "people.example/p1"]
    others = ["javascript:alert(1)", " data:text/html,x", "https:script", "//people.example"]

    assert imported_of(tmp_path, "profile_url", pages + others) == [*pages, *[""] * len(others)]


def test_a_band_of_employees_is_imported_as_one(tmp_path: Path) -> None:
    """Its middle is nobody's head count."""
    band = "update marts.accounts set employees_low = 51, employees_high = 200 where account_id = "
    listed = "(select account_id from marts.target_accounts where rank = 1)"
    version = publish_week(settings_in(tmp_path), mutations=[band + listed])

    first, *others = rows(version, "import/accounts.csv")
    heads = ("employees", "employees_low", "employees_high")
    assert [first[name] for name in heads] == ["", "51", "200"]
    assert all(row["employees"] and not row["employees_low"] for row in others)


def test_an_account_tells_the_records_that_sources_have_of_it(tmp_path: Path) -> None:
    """Whoever has it in a CRM finds it by that CRM's own id, in an order that never varies."""
    again = "insert into marts.account_sources by name select * replace ('intent' as source)"
    version = publish_week(
        settings_in(tmp_path),
        mutations=[f"{again} from marts.account_sources where account_id = 'a1'"],
    )

    first = {row["external_id"]: row for row in rows(version, "import/accounts.csv")}["a1"]
    assert first["record_ids"] == "crm:1;intent:1"


def test_only_a_name_that_begins_like_a_formula_loses_its_row(tmp_path: Path) -> None:
    """A city such as "-Nord" is left out; its account can be matched without it."""
    city = "update marts.target_accounts set city = '-Nord' where rank = 1"
    version = publish_week(settings_in(tmp_path), mutations=[city])

    accounts = {row["rank"]: row for row in rows(version, "import/accounts.csv")}
    rejected = {row["external_id"]: row["reason"] for row in rows(version, "import/rejects.csv")}
    assert accounts["1"]["city"] == ""
    assert rejected["a2"] == "name begins like a formula: correct it in its source"


def test_a_rejected_account_takes_no_domain_from_the_next(tmp_path: Path) -> None:
    """Rank 1 can't be imported, so the other account of its domain can."""
    name = "update marts.target_accounts set name = '@SUM(1)' where rank = 1"
    version = publish_week(settings_in(tmp_path), mutations=[name])

    assert [row["rank"] for row in rows(version, "import/accounts.csv")] == ["3"]


def test_a_suppressed_account_is_in_no_list_file_not_even_as_one_that_left(tmp_path: Path) -> None:
    """Who asked to be left alone is not named among those that left."""
    suppressed = "update marts.account_scores set outcome = 'suppressed' where account_id = 'a3'"
    plain = publish_week(settings_in(tmp_path / "plain"))
    version = publish_week(settings_in(tmp_path / "other"), mutations=[suppressed])

    assert "harbour.example" in (plain / "changes.csv").read_text(encoding="utf-8-sig")
    for name in ("changes.csv", "report.html", "target_accounts.csv", "import/accounts.csv"):
        assert "harbour.example" not in (version / name).read_text(encoding="utf-8-sig"), name
