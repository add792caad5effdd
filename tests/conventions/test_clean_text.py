"""What must not stand in the project's files: clocks, machine paths, weakened TLS."""

import ast
import re
from pathlib import Path

from ingest.settings import PROJECT
from tests.support.tree import PACKAGES, modules, parsed, project_files

# Batches are stamped with when they were written; the command line, the Dagster step and the sensor
# of dropped files ask which week is running; the purge of Dagster's history asks what is old.
READS_THE_DATE = {
    "ingest/fetch.py",
    "ingest/landed_erasure.py",
    "orchestration/assets/landing.py",
    "orchestration/cli.py",
    "orchestration/jobs.py",
    "orchestration/sensors.py",
}
MEASURES_TIME = {"ingest/http.py"}
DATES = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS = {("time", name) for name in ("time", "monotonic", "perf_counter")}
SQL_CLOCKS = re.compile(
    r"\b(current_date|current_time(stamp)?|localtime(stamp)?|getdate|sysdate|today|now)\b(?=\s*\()"
    r"|\bcurrent_(date|timestamp|time)\b",
    re.IGNORECASE,
)
# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(" + "|".join(("work", "root", "tmp", "home")) + r")/")
UNVERIFIED = "verify=" + "False"
TEXT = {".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".txt", ".j2", ".csv", ""}


def test_only_fetching_reads_a_clock() -> None:
    """The list week enters once, as an argument; so the same input gives the same list."""
    calls = {f"{path}": _calls(path) for path in modules(*PACKAGES)}

    assert {path for path, found in calls.items() if found & DATES} == READS_THE_DATE
    assert {path for path, found in calls.items() if found & CLOCKS} == MEASURES_TIME


def test_models_read_no_clock() -> None:
    """A model knows the list week and no other now."""
    assert not [
        f"{path}"
        for path in project_files()
        if path.suffix == ".sql" and SQL_CLOCKS.search(re.sub(r"--.*", "", _text(path)))
    ]


def test_certificates_are_always_verified() -> None:
    """No source is worth an unverified connection."""
    code = modules(*PACKAGES, "tests")

    assert not [f"{path}" for path in code if UNVERIFIED in _text(path).replace(" ", "")]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    """The project works wherever it is checked out."""
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in project_files()
        if path.suffix in TEXT
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]

    assert not found


def _text(path: Path) -> str:
    return (PROJECT / path).read_text()


def _calls(path: Path) -> set[tuple[str, str]]:
    """Every `<name>.<attribute>` that a module calls."""
    return {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }
