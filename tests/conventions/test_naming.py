"""The marts' columns obey the grammar that docs/naming.md lays down in its tables."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ingest.settings import PROJECT
from ingest.tables import TABLES, duckdb_columns

Models = dict[str, dict[str, Any]]
NAMING = PROJECT / "docs" / "naming.md"
# Types that tell what a column is, so that it must be named for it.
TELLING = {"boolean", "date", "timestamp"}
SHORT = 3


def table(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table whose first column is headed so, without marks of code."""
    lines = NAMING.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.strip().replace("`", "") for cell in line.strip("|").split("|")))
    return rows


@pytest.fixture(scope="module")
def columns(models: Models) -> dict[str, tuple[str, str]]:
    """<mart>.<column> -> name and type of every column of the marts."""
    return {
        f"{name}.{column['name']}": (column["name"], column["data_type"].replace(" ", ""))
        for name, mart in models.items()
        if mart["fqn"][1] == "marts"
        for column in mart["columns"].values()
    }


def test_a_form_has_one_type(columns: dict[str, tuple[str, str]]) -> None:
    """Whoever reads `…_at` knows that it is a timestamp."""
    wrong = [
        f"{where}: {form} is {expected}, not {found}"
        for where, (name, found) in columns.items()
        for form, expected, _ in table("form")
        if fnmatchcase(name, form) and found != expected
    ]

    assert not wrong


def test_a_telling_type_has_its_form(columns: dict[str, tuple[str, str]]) -> None:
    """A boolean, a day or a moment is told by its name, from the input tables on."""
    landed = {
        f"{name}.{column}": (column, _plain(kind))
        for name, input_table in TABLES.items()
        for column, kind in duckdb_columns(input_table).items()
    }
    wrong = [
        f"{where}: a {found} is called {' or '.join(forms)}"
        for where, (name, found) in (columns | landed).items()
        if found in TELLING
        and (forms := [form for form, kind, _ in table("form") if kind == found])
        and not any(fnmatchcase(name, form) for form in forms)
    ]

    assert not wrong


def test_names_are_whole_words(columns: dict[str, tuple[str, str]]) -> None:
    """Short words are those of the page; anything else of up to three letters is spelt out."""
    known = {word for words, _ in table("short word") for word in re.findall(r"[a-z]+", words)}
    wrong = [
        f"{where}: {word}"
        for where, (name, _) in columns.items()
        for word in re.findall(rf"(?<![a-z])[a-z]{{1,{SHORT}}}(?![a-z])", name)
        if word not in known
    ]

    assert not wrong


def test_names_are_lower_snake(columns: dict[str, tuple[str, str]]) -> None:
    """No column needs quoting."""
    assert not [w for w, (name, _) in columns.items() if not re.fullmatch("[a-z][a-z0-9_]*", name)]


def _plain(kind: str) -> str:
    """A type without regard to case and time zone."""
    return kind.lower().removesuffix(" with time zone")
